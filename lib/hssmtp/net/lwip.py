"""A connection over lwIP's raw interface, as RP2 has it: a write neither waits nor loses bytes.

lwIP's write() copies into a heap of 8,000 bytes. If that has no room, write() waits inside C for
50 ms, up to 200 times, even on a non-blocking socket. Then it counts all bytes as written although
it has queued none (extmod/modlwip.c, lwip_tcp_send).

So a probe precedes each write: a UDP datagram takes the same memory from the same heap as a TCP
segment of its size. If its address can't be reached, it is refused before it is sent: with ENOMEM
if there was no room for it, and with another error if there was. A probe never waits, and nothing
leaves the board. Each probe leaves an exception, 48 bytes of garbage.
"""

import gc
import socket
from errno import EHOSTUNREACH, EINVAL, ENOMEM

from .. import const, ticks_diff, ticks_ms
from . import Stream

_TYPING = const(0)
if _TYPING:
    from tls import SSLContext

_IPPROTO_TCP = const(6)
_MOST = const(1024)  # bytes of one write
# Without a probe a write is one segment: TCP_MSS (800) less what TLS adds.
_SEGMENT = const(771)
_TOO_LONG_MS = const(9500)  # a longer write may count bytes that it did not queue

# A write of n bytes takes n + 32 of lwIP's heap, and 100 for each segment; TLS takes 90 more.
# Another 300 stay free, so that the board can answer ARP.
_SMALL = const(128)
_MEDIUM = const(512)
_PROBE = memoryview(bytes(_MOST + 622))
_PROBE_SMALL = _PROBE[: _SMALL + 522]
_PROBE_MEDIUM = _PROBE[: _MEDIUM + 522]
# Addresses that can't be reached, and the errors for them: IPv6 from a socket for IPv4; where lwIP
# has no IPv6 (MicroPython 1.23), the loopback interface, which this lwIP lacks.
_UNREACHABLE = ((("::", 9), EINVAL), (("127.0.0.1", 9), EHOSTUNREACH))


class LwipStream(Stream):
    """The stream of a Link, where `socket` is lwIP's raw interface."""

    def __init__(self, sock):
        Stream.__init__(self, sock)
        # Without TCP_NODELAY lwIP makes segments larger than their data, and waits to fill them.
        # Its number is lwIP's: POSIX's 1 prints a warning here.
        sock.setsockopt(_IPPROTO_TCP, socket.TCP_NODELAY, 1)  # pyright: ignore
        self._has_begun = True  # False: the TLS handshake has not found room for its first write
        self._probe = None  # a UDP socket
        self._probe_address = None  # the address for its datagrams
        self._open_probe()
        self._most = _MOST if self._probe else _SEGMENT
        self.write = self._write

    def secure(self, context: "SSLContext", host: str) -> None:
        """Begin TLS, which takes 25 KB of MicroPython's heap, up to 16 KB of it in one piece."""
        gc.collect()
        Stream.secure(self, context, host)
        self._has_begun = False
        self.write = self._write

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read up to n bytes; return how many, 0 at the end, None if it would have to wait."""
        if not self._has_begun:  # the first read begins the handshake, which writes
            if not self._has_room(_MEDIUM):
                return None
            self._has_begun = True
        return Stream.readinto(self, buf, n)

    def _write(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write up to n bytes; return how many, None if lwIP has no room for them now."""
        if self._failure:
            raise self._failure
        n = min(n, self._most)
        is_shaking = self._is_shaking  # a handshake message may be longer than n
        if not self._has_room(max(n, _MEDIUM) if is_shaking else n):
            return None
        self._has_begun = True
        began = ticks_ms()
        if self._poller:
            count = self._write_tls(buf, off, n)
        else:
            count = self._stream.write(buf, off, n)
        # The computation of a handshake may take long, too.
        if not is_shaking and ticks_diff(ticks_ms(), began) >= _TOO_LONG_MS:
            # The count can't be trusted. Report the bytes as written, since they may have been.
            self._failure = OSError("lwIP has lost what was written")
            return n
        return count

    def _has_room(self, n):
        """Whether lwIP's heap has room for n bytes; True if there is no probe."""
        if self._probe:
            try:
                self._probe.sendto(
                    _PROBE_SMALL if n <= _SMALL else _PROBE_MEDIUM if n <= _MEDIUM else _PROBE,
                    self._probe_address,
                )
            except OSError as exc:
                return exc.errno != ENOMEM
        return True

    def _open_probe(self):
        """Open a UDP socket for probes, if there is one left and its datagrams are refused."""
        try:
            probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        except OSError:  # no UDP socket is left
            return
        for address, refusal in _UNREACHABLE:
            try:
                probe.sendto(_PROBE_SMALL, address)
            except OSError as exc:
                if exc.errno == refusal or exc.errno == ENOMEM:
                    self._probe = probe
                    self._probe_address = address
                    return
            except ValueError:  # lwIP does not support such an address
                pass
        probe.close()

    def close(self) -> None:
        """Close all sockets: lwIP has only five UDP sockets."""
        if self._probe:
            self._probe.close()
            self._probe = None
        Stream.close(self)
