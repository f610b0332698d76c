"""A host name to addresses, over UDP and polled (RFC 1035)."""

import os
import socket
import struct
from errno import EAGAIN, ENOMEM

from .. import const, ticks_diff
from . import cache as _cache
from . import sockaddr

TEMPORARY = True  # freed after the call that needed it

_TYPING = const(0)
if _TYPING:
    from collections.abc import Generator, Sequence

_PORT = const(53)
_ENOUGH = const(1000)  # octets of a reply over TCP
_WAIT_MS = const(2000)  # for a reply in the first round of servers, twice that in the others
_LIMIT_MS = const(19000)  # for all of it: within Client's own limit of 20 s, to say why
_ROUNDS = const(2)  # of servers that are no help at once
_MOST_ALIASES = const(8)  # asked for one by one; those within a reply end with it
_MOST_CACHED = const(4)
# An hour (in s), whatever the server says. Ticks come round within 13 days: an entry nobody asked
# for meanwhile is then taken for fresh, and this is how long.
_LONGEST_TTL = const(3600)

# RFC 1035 3.2.2 and 3.2.4, RFC 3596 2.1: a record's type and, behind it, its class, the Internet
_A = const(0x1_0001)
_CNAME = const(0x5_0001)
_AAAA = const(0x1C_0001)

# RFC 1035 4.1.1: response codes, and one of our own beyond their four bits
_SERVFAIL = const(2)
_NXDOMAIN = const(3)
_CUT = const(16)  # the reply doesn't hold all its records

_ENOENT = const(2)  # these two have the same number on every port
_EIO = const(5)


def name_servers() -> "list[str]":
    """The name servers' addresses, of the network or, on a PC, of /etc/resolv.conf."""
    try:
        import network  # pyright: ignore[reportMissingImports]
    except ImportError:
        found = []
        with open("/etc/resolv.conf") as file:
            for line in file:
                if line.startswith("nameserver"):
                    found += line.split()[1:2]
        return found
    if hasattr(network, "ipconfig"):
        return [network.ipconfig("dns")]
    return [network.WLAN().ifconfig()[3]]  # ESP8266


def encode(name: str) -> bytes:
    """A name in lower case as RFC 1035 3.1 has it; ValueError if no host can have it."""
    encoded = b""
    for label in name.lower().encode().rstrip(b".").split(b"."):
        # RFC 1035 2.3.4: 63 octets a label, 255 in all, the root's zero among them.
        if not 0 < len(label) < 64 or len(encoded) + len(label) > 253 or max(label) > 126:
            raise ValueError("not a host name: " + name)
        encoded += bytes((len(label),)) + label
    return encoded + b"\0"


def query(name: bytes, kind: int) -> bytes:
    """The question for an encoded name's records, behind its length as TCP wants it.

    Its ident is random: RFC 5452 9.2. No EDNS, for there are home routers that choke on it.
    """
    packet = os.urandom(2) + b"\1\0\0\1\0\0\0\0\0\0" + name + struct.pack(">I", kind)
    return struct.pack(">H", len(packet)) + packet


def _expand(packet: bytes, at: int) -> "tuple[bytes, int]":
    """The name at packet[at:], encoded, in lower case, and the place behind it."""
    name = bytearray()
    behind = 0
    bound = at
    while len(name) < 256:
        size = packet[at]
        if size < 64:
            name += packet[at : at + size + 1]
            at += size + 1
            if size == 0:
                return bytes(name.lower()), behind or at
        else:
            behind = behind or at + 2
            at = (size & 63) << 8 | packet[at + 1]
            # RFC 1035 4.1.4: it leads to a prior place; each further back, so there is an end.
            if size < 192 or at >= bound:
                break
            bound = at
    raise ValueError


def answer(packet: bytes, query: bytes) -> "tuple[list[str], int, bytes, int] | None":
    """What a packet replies to the query; None if it is no reply to it.

    (addresses, response code, the name at the end of the aliases, the lowest TTL in s). Malformed
    is as good as cut: whole records before that count.
    """
    at = len(query) - 2
    if packet[12:at] != query[14:] or packet[:2] != query[2:4] or packet[2] < 128:
        return None
    addresses = []
    code = packet[3] & 15 or (packet[2] & 2) << 3  # TC says _CUT
    name = query[14:-4]
    lowest = _LONGEST_TTL
    try:
        for _ in range(packet[6] << 8 | packet[7]):
            owner, at = _expand(packet, at)
            size = packet[at + 8] << 8 | packet[at + 9]
            # A TTL with its top bit set counts as none (RFC 2181 8): here it is below zero.
            kind, ttl = struct.unpack_from(">Ii", packet, at)
            at += 10
            if at + size > len(packet):
                raise IndexError
            if owner == name:
                lowest = min(lowest, ttl)
                if kind == _CNAME:
                    name = _expand(packet, at)[0]
                elif kind == _A and size == 4:
                    addresses.append("%d.%d.%d.%d" % tuple(packet[at : at + 4]))
                elif kind == _AAAA and size == 16:
                    octets = struct.unpack_from(">8H", packet, at)
                    addresses.append("%x:%x:%x:%x:%x:%x:%x:%x" % octets)
            at += size
    except (IndexError, ValueError):
        code = code or _CUT
    return addresses, code, name, lowest


def _bind_at_random(sock, host):
    """RFC 5452 9.2: a port that is hard to guess, 49152 to 65535. If taken: the next turn."""
    port = struct.unpack_from("H", os.urandom(2))[0] | 0xC000
    sock.bind(sockaddr(socket, "::" if ":" in host else "0.0.0.0", port)[1])


def _ask(
    server: "str | tuple[str, int]", query: bytes, prefix: int, wait: int
) -> "Generator[None, int, tuple[list[str], int, bytes, int] | None]":
    """One server asked once: what answer() makes of its reply, None if there is none in time.

    Raises OSError where it can't be reached.
    """
    host, port = (server, _PORT) if isinstance(server, str) else server
    family, where = sockaddr(socket, host, port)
    sock = socket.socket(family, socket.SOCK_STREAM if prefix else socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if not prefix:
            _bind_at_random(sock, host)
        try:
            sock.connect(where)  # from here on nobody else's packets arrive
        except OSError:
            if not prefix:
                raise
            # Over TCP it is under way, for which each port has its own number; send() will tell.
        reply = sent = None
        packet = b""
        since = now = yield
        while ticks_diff(now, since) < wait and len(packet) < _ENOUGH:
            try:
                if not sent:
                    sent = sock.send(query[2 - prefix :])
                else:
                    # Not readinto(): MicroPython's makes one of all the packets that are there.
                    packet += sock.recv(512)
                    reply = answer(packet[prefix:], query)
                    if not prefix:
                        packet = b""
                    if reply and (not prefix or reply[1] != _CUT):  # over TCP the rest may come
                        break
            except OSError as exc:
                # ENOMEM: lwIP has no memory now, since a closed connection still holds it.
                if exc.errno != EAGAIN and exc.errno != ENOMEM:
                    raise
            now = yield
        return reply
    finally:
        sock.close()


def _cached(name, now):
    """The addresses that were found within the name's TTL; None without any."""
    since, addresses, ttl = _cache.get(name, (now, (), 0))
    return list(addresses) if 0 <= ticks_diff(now, since) < ttl * 1000 else None


def _keep(name, now, addresses, ttl):
    if len(_cache) >= _MOST_CACHED:
        _cache.popitem()
    _cache[name] = now, tuple(addresses), ttl


def _with_own(servers):
    """The name servers that were given; None, and each None among them, is the network's own."""
    found = []
    for server in (None,) if servers is None else servers:
        found += name_servers() if server is None else [server]
    return found


def _resolve(
    name: bytes, servers: "Sequence[str | tuple[str, int] | None] | None"
) -> "Generator[list[str] | None, int, None]":
    """Each send(now) does one bounded piece of work and gives None, the last one the addresses."""
    kind = _A
    turn = 0  # goes up each time a server is no help
    refused = 0  # of these turns, how many in a row took no time
    aliases = 0
    prefix = 0  # the octets of its length before a message: 2 over TCP (RFC 1035 4.2.2)
    begun = now = yield
    servers = _with_own(servers)
    count = len(servers)
    while True:
        left = _LIMIT_MS - ticks_diff(now, begun)
        if left < _WAIT_MS or refused >= _ROUNDS * count:
            raise OSError(_EIO, "no answer from name servers: %s" % (servers,))
        addresses = _cached(name, now)
        if addresses:
            yield addresses
        wait = _WAIT_MS if turn < count else min(2 * _WAIT_MS, left)
        try:
            reply = yield from _ask(servers[turn % count], query(name, kind), prefix, wait)
            refused = refused if reply else -1  # it took its time
        except OSError:  # refused (ICMP says so) or unreachable: no need to wait
            reply = None
        addresses, code, last, ttl = reply or ((), _SERVFAIL, name, 0)
        if addresses and not code & 15:
            _keep(name, now, addresses, ttl)
            yield addresses
        elif code == _NXDOMAIN:
            raise OSError(_ENOENT, "no such name")
        elif code == _CUT and not prefix:
            prefix = 2  # RFC 7766 5: the same once more, over TCP
        elif code:
            turn += 1
            refused += 1
            prefix = 0
        elif last != name and aliases < _MOST_ALIASES:
            name = last
            aliases += 1
        elif kind == _A and hasattr(socket, "AF_INET6"):
            kind = _AAAA
        else:
            raise OSError(_ENOENT, "no address")
        now = yield


class Resolver:
    """A host's name on the way to its addresses.

    step(now), with `now` in ms, does one bounded piece of work and gives None, at the end a list
    of addresses. It raises OSError where there are none: ENOENT if there is no such name or it has
    no address, EIO if no name server would tell. close() frees the socket, at any time.

    servers: addresses or (address, port) pairs, asked in turn for up to 19 s; None, alone or
    among them, is name_servers(). Raises ValueError if no host can have that name.
    """

    def __init__(
        self,
        name: str,
        servers: "Sequence[str | tuple[str, int] | None] | None" = None,
    ):
        work = _resolve(encode(name), servers)
        next(work)
        self.step = work.send
        self.close = work.close
