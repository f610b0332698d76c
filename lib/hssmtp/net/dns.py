"""Resolve a host name to addresses, over UDP, by polling (RFC 1035)."""

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
_MOST_BYTES = const(1000)  # of a reply over TCP; the rest is not needed
_WAIT_MS = const(2000)  # for a reply in the first round of servers, twice that in later ones
_LIMIT_MS = const(19000)  # in all; below Client's limit of 20 s, to raise an error that says more
_ROUNDS = const(2)  # of servers that all fail at once; then give up
_MOST_ALIASES = const(8)  # that need a query each; a reply can have any number
_MOST_CACHED = const(4)
# An hour (in s), whatever the server says. Ticks wrap around within 13 days: after that an old
# entry counts as fresh, and the TTL limits for how long.
_LONGEST_TTL = const(3600)

# RFC 1035 3.2.2 and 3.2.4, RFC 3596 2.1: a record's type, followed by its class, the Internet.
_A = const(0x1_0001)
_CNAME = const(0x5_0001)
_AAAA = const(0x1C_0001)

# RFC 1035 4.1.1: response codes, and a private one beyond their four bits.
_SERVFAIL = const(2)
_NXDOMAIN = const(3)
_TRUNCATED = const(16)  # the reply does not hold all its records

_ENOENT = const(2)  # these two numbers are the same on every port
_EIO = const(5)


def name_servers() -> "list[str]":
    """Return the name servers of the network or, on a PC, those of /etc/resolv.conf."""
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
    """Return a name, encoded (RFC 1035 3.1) in lower case; ValueError if no host can have it."""
    encoded = b""
    for label in name.lower().encode().rstrip(b".").split(b"."):
        # RFC 1035 2.3.4: 63 octets for a label, 255 in all, with the zero of the root.
        if not 0 < len(label) < 64 or len(encoded) + len(label) > 253 or max(label) > 126:
            raise ValueError("not a host name: " + name)
        encoded += bytes((len(label),)) + label
    return encoded + b"\0"


def query(name: bytes, kind: int) -> bytes:
    """Return the query for records of an encoded name, after its length as TCP needs it.

    Its id is random (RFC 5452 9.2). It has no EDNS, because some home routers fail on that.
    """
    packet = os.urandom(2) + b"\1\0\0\1\0\0\0\0\0\0" + name + struct.pack(">I", kind)
    return struct.pack(">H", len(packet)) + packet


def _expand(packet: bytes, at: int) -> "tuple[bytes, int]":
    """Return the encoded name at packet[at:], in lower case, and the index after it."""
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
            # RFC 1035 4.1.4: a pointer leads backwards. So does each next one: the loop ends.
            if size < 192 or at >= bound:
                break
            bound = at
    raise ValueError


def answer(packet: bytes, query: bytes) -> "tuple[list[str], int, bytes, int] | None":
    """Return what a packet replies to the query; None if it is no reply to it.

    That is: addresses, response code, the name at the end of the aliases, the lowest TTL in s.
    A malformed reply counts as truncated: the complete records before the error are used.
    """
    at = len(query) - 2
    if packet[12:at] != query[14:] or packet[:2] != query[2:4] or packet[2] < 128:
        return None
    addresses = []
    code = packet[3] & 15 or (packet[2] & 2) << 3  # the bit TC makes _TRUNCATED
    name = query[14:-4]
    lowest = _LONGEST_TTL
    try:
        for _ in range(packet[6] << 8 | packet[7]):
            owner, at = _expand(packet, at)
            size = packet[at + 8] << 8 | packet[at + 9]
            # RFC 2181 8: a TTL with its top bit set counts as 0. Here it is negative.
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
        code = code or _TRUNCATED
    return addresses, code, name, lowest


def _bind_at_random(sock, host):
    """Bind to a random port, 49152 to 65535 (RFC 5452 9.2). Raises OSError if it is taken."""
    port = struct.unpack_from("H", os.urandom(2))[0] | 0xC000
    sock.bind(sockaddr(socket, "::" if ":" in host else "0.0.0.0", port)[1])


def _ask(
    server: "str | tuple[str, int]", query: bytes, prefix: int, wait: int
) -> "Generator[None, int, tuple[list[str], int, bytes, int] | None]":
    """Ask a server once; return answer() of its reply, None if there is no reply in time.

    prefix: 2 for TCP, 0 for UDP. wait: ms. Raises OSError if the server can't be reached.
    """
    host, port = (server, _PORT) if isinstance(server, str) else server
    family, where = sockaddr(socket, host, port)
    sock = socket.socket(family, socket.SOCK_STREAM if prefix else socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if not prefix:
            _bind_at_random(sock, host)
        try:
            sock.connect(where)  # from here on, other hosts' packets are dropped
        except OSError:
            if not prefix:
                raise
            # TCP: the connection is in progress, an error with a number that depends on the port.
            # send() reports a failure.
        reply = sent = None
        packet = b""
        since = now = yield
        while ticks_diff(now, since) < wait and len(packet) < _MOST_BYTES:
            try:
                if not sent:
                    sent = sock.send(query[2 - prefix :])
                else:
                    # Not readinto(): MicroPython's joins all datagrams that have arrived.
                    packet += sock.recv(512)
                    reply = answer(packet[prefix:], query)
                    if not prefix:
                        packet = b""
                    if reply and (not prefix or reply[1] != _TRUNCATED):  # TCP: more may follow
                        break
            except OSError as exc:
                # ENOMEM: lwIP has no memory now, because a closed connection still holds it.
                if exc.errno != EAGAIN and exc.errno != ENOMEM:
                    raise
            now = yield
        return reply
    finally:
        sock.close()


def _cached(name, now):
    """Return the addresses that were found within the name's TTL; None if there are none."""
    since, addresses, ttl = _cache.get(name, (now, (), 0))
    return list(addresses) if 0 <= ticks_diff(now, since) < ttl * 1000 else None


def _keep(name, now, addresses, ttl):
    if len(_cache) >= _MOST_CACHED:
        _cache.popitem()
    _cache[name] = now, tuple(addresses), ttl


def _with_network_servers(servers):
    """Return `servers` with the network's own name servers in place of None."""
    found = []
    for server in (None,) if servers is None else servers:
        found += name_servers() if server is None else [server]
    return found


def _resolve(
    name: bytes, servers: "Sequence[str | tuple[str, int] | None] | None"
) -> "Generator[list[str] | None, int, None]":
    """Do a bounded piece of work for each send(now); yield None, and at the end the addresses."""
    kind = _A
    turn = 0  # counts the servers that failed
    refused = 0  # how many in a row of these failed at once
    aliases = 0
    prefix = 0  # bytes of the length before a message: 2 over TCP (RFC 1035 4.2.2)
    begun = now = yield
    servers = _with_network_servers(servers)
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
            refused = refused if reply else -1  # it did not fail at once
        except OSError:  # refused (by ICMP) or unreachable: do not wait
            reply = None
        addresses, code, last, ttl = reply or ((), _SERVFAIL, name, 0)
        if addresses and not code & 15:
            _keep(name, now, addresses, ttl)
            yield addresses
        elif code == _NXDOMAIN:
            raise OSError(_ENOENT, "no such name")
        elif code == _TRUNCATED and not prefix:
            prefix = 2  # RFC 7766 5: repeat the query over TCP
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
    """The resolution of a host's name to addresses.

    step(now), with `now` in ms, does a bounded piece of work. It returns None, and at the end a
    list of addresses. It raises OSError if there are none: ENOENT if the name does not exist or
    has no address, EIO if no name server replies. close() frees the socket, at any time.

    servers: addresses or (address, port) pairs, asked in turn for up to 19 s. None, alone or among
        them, stands for name_servers(). Raises ValueError if `name` can't be a host name.
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
