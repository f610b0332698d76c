"""The time from a server: one question over UDP, polled (SNTP, RFC 4330 and 5905)."""

import os
import socket
from errno import EAGAIN
from time import ticks_diff

from hssmtp import const
from hssmtp.net import sockaddr
from hssmtp.net.dns import Resolver

_TYPING = const(0)
if _TYPING:
    from collections.abc import Generator

_WAIT_MS = const(3000)  # for each of the server's addresses
_OCTETS = const(48)

_UNIX_EPOCH = 2208988800  # in seconds since 1900, as NTP counts them
_ERA = 1 << 32  # they begin anew in 2036
_EARLIEST = 1704067200  # 2024: a server that tells an earlier time has none


def request() -> bytes:
    """A client's packet. Its transmit timestamp is random: only a reply to it can repeat that."""
    return b"\x23" + bytes(39) + os.urandom(8)  # version 4, mode 3: a client


def answer(packet: bytes, request: bytes) -> "int | None":
    """Seconds since 1970, if the packet replies to the request and bears a time; else None.

    Raises OSError where it is a kiss-o'-death (RFC 4330 8): this server is not to be asked again.
    """
    if len(packet) < _OCTETS or packet[24:32] != request[40:48] or packet[0] & 7 != 4:
        return None
    if packet[1] == 0:
        raise OSError("the time server sends us away: " + packet[12:16].decode())
    # It is itself not synchronized, or gives no time.
    if packet[1] > 15 or packet[0] >> 6 == 3 or packet[40:48] == bytes(8):
        return None
    seconds = int.from_bytes(packet[40:44], "big")
    # RFC 4330 3: without its top bit it is a time from 2036 on.
    seconds += (0 if packet[40] & 128 else _ERA) - _UNIX_EPOCH
    return seconds if seconds > _EARLIEST else None


def _ask(host: str, port: int) -> "Generator[int | None, int, None]":
    """Each send(now) does one bounded piece of work; what it gives last is the time."""
    resolver = Resolver(host)
    try:
        now = yield
        addresses = None if host.strip("0123456789.") else [host]  # it is an address
        while not addresses:
            addresses = resolver.step(now)
            now = yield
    finally:
        resolver.close()
    for address in addresses:
        packet = request()
        family, where = sockaddr(socket, address, port)
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.connect(where)  # from here on nobody else's packets arrive
            sock.send(packet)
            since = now
            while ticks_diff(now, since) < _WAIT_MS:
                try:
                    seconds = answer(sock.recv(_OCTETS), packet)
                except OSError as exc:
                    if exc.errno != EAGAIN:
                        raise
                    seconds = None
                now = yield seconds
        finally:
            sock.close()
    raise OSError("no answer from " + host)


class Question:
    """The time on its way from a server.

    step(now), with `now` in ms, gives None until there is an answer: seconds since 1970. It raises
    OSError if there is none. close() frees the socket, at any time. Raises ValueError if no host
    can have that name.
    """

    def __init__(self, host: str, port: int):
        work = _ask(host, port)
        next(work)
        self.step = work.send
        self.close = work.close
