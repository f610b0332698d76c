"""Ask a time server for the time: one request over UDP, polled (SNTP, RFC 4330 and 5905)."""

import os
import socket
from errno import EAGAIN
from time import ticks_diff

from hssmtp import const
from hssmtp.net import sockaddr
from hssmtp.net.dns import Resolver
from hssmtp.report import printable

_TYPING = const(0)
if _TYPING:
    from collections.abc import Generator

_WAIT_MS = const(3000)  # for each of the server's addresses
_PACKET = const(48)  # bytes

_UNIX_EPOCH = 2208988800  # in seconds since 1900, as NTP counts them
_ERA = 1 << 32  # s. The counter overflows in 2036.
_EARLIEST = 1704067200  # 2024: an earlier time is wrong


def request() -> bytes:
    """Return the packet of a request.

    Its transmit timestamp is random: only a reply to this request can repeat it (RFC 4330 5).
    """
    return b"\x23" + bytes(39) + os.urandom(8)  # version 4, mode 3: a client


def answer(packet: bytes, request: bytes) -> "int | None":
    """Return s since 1970 if the packet is a reply to the request, with a time; else None.

    packet: any bytes. Raises OSError for a kiss-o'-death (RFC 4330 8): the server refuses.
    """
    # The originate timestamp repeats the request's transmit timestamp. Mode 4: a server.
    if len(packet) < _PACKET or packet[24:32] != request[40:48] or packet[0] & 7 != 4:
        return None
    if packet[1] == 0:
        code = printable(packet[12:16].rstrip(b"\0"))
        raise OSError("it refuses this device (%s): set another NTP_SERVER" % code)
    # The server is not synchronized (stratum, leap indicator), or gives no time.
    if packet[1] > 15 or packet[0] >> 6 == 3 or packet[40:48] == bytes(8):
        return None
    seconds = int.from_bytes(packet[40:44], "big")
    # RFC 4330 3: a timestamp without the top bit is in 2036 to 2104.
    seconds += (0 if packet[40] & 128 else _ERA) - _UNIX_EPOCH
    return seconds if seconds > _EARLIEST else None


def _ask(host: str, port: int) -> "Generator[int | None, int, None]":
    """A generator: each send(now) does bounded work; the last value it yields is the time."""
    resolver = Resolver(host)
    try:
        now = yield
        is_address = ":" in host or not host.strip("0123456789.")
        addresses = [host] if is_address else None
        while not addresses:
            addresses = resolver.step(now)
            now = yield
    finally:
        resolver.close()
    why = OSError("no answer: check NTP_SERVER, and that UDP port %d is open" % port)
    for address in addresses:
        try:
            yield from _ask_address(address, port, now)
        except OSError as exc:  # try the server's next address
            why = exc
        now = yield
    raise why


def _ask_address(address, port, now):
    """Ask one address of the server; yield None until the time is there."""
    packet = request()
    family, where = sockaddr(socket, address, port)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.connect(where)  # the socket drops packets from other addresses
        sock.send(packet)
        since = now
        while ticks_diff(now, since) < _WAIT_MS:
            try:
                seconds = answer(sock.recv(_PACKET), packet)
            except OSError as exc:
                if exc.errno != EAGAIN:
                    raise
                seconds = None
            now = yield seconds
    finally:
        sock.close()


class Question:
    """A request to a time server.

    step(now), with `now` in ms, returns None until the reply is there, then s since 1970. It
    raises OSError if no server replies, or it refuses. close() frees the socket, at any time.
    Raises ValueError if `host` is not a host name.
    """

    def __init__(self, host: str, port: int):
        work = _ask(host, port)
        next(work)
        self.step = work.send
        self.close = work.close
