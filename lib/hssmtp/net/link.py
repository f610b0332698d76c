"""One connection: resolve, connect, TLS, read, write; each a step that never waits."""

import sys

from .. import call, const
from . import sockaddr

if sys.implementation.name == "micropython":
    import select
    import socket
    from time import ticks_diff
else:
    from .._cpython import ticks_diff
    from . import _cpython as select
    from . import _cpython as socket

_TYPING = const(0)
if _TYPING:
    from tls import SSLContext

# What step() returns.
_LINK_RESOLVING = const(1)
_LINK_CONNECTING = const(2)
_LINK_OPEN = const(3)

# "In progress", as the ports spell it: unix and RP2 115, ESP32 119; RP2 before 1.23 -110.
_IN_PROGRESS = (115, 119, -110)
# What a refused connection is told as: ECONNREFUSED, by lwIP ECONNRESET, by ESP32 ENOTCONN too.
_ECONNRESET = const(104)
_REFUSED = (111, _ECONNRESET, 128)
_ENOMEM = const(12)
# lwIP keeps what it holds of a closed connection for 10 s; a new one may find no memory meanwhile.
_MEMORY_MS = const(15000)


class Link:
    """A TCP connection, with or without TLS, as a MicroPython stream.

    What fails raises OSError, or ValueError for a certificate. Another network (a modem, another
    runtime's sockets) brings a class of its own with these methods.

    name_servers: addresses or (address, port) pairs, instead of those the network gave.
    address: the one that was connected to last, None before. A Link of another class may lack it.
    """

    def __init__(self, name_servers: "list[str | tuple[str, int]] | None" = None):
        if socket.__name__ == "lwip":
            from .lwip import Stream
        else:
            from .stream import Stream

        self.address: str | None = None
        self._make_stream = Stream
        self._name_servers = name_servers
        self._port = 0
        self._phase = _LINK_RESOLVING
        self._resolver = None
        self._addresses = []
        self._stream = None
        self._poller = None
        self._since = None  # when memory for a connection began to be missing, in ticks

    def open(self, host: str, port: int) -> None:
        """Begin; step() does the rest. Raises ValueError if no host can have that name."""
        self.close()
        self._port = port
        self._phase = _LINK_RESOLVING
        self._since = None
        address = _literal(host)
        if address:
            self._addresses = [address]
        elif hasattr(socket, "Resolver"):  # CPython asks the system
            self._resolver = socket.Resolver(host)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            self._resolver = call("net.dns", "Resolver", host, self._name_servers)

    def step(self, now: int) -> int:
        """Do a piece of the way: resolving (1), connecting (2) or open (3). now: ms, ticks.

        Raises OSError where the phase that it said last has failed.
        """
        if self._phase == _LINK_RESOLVING:
            if self._resolver:
                self._addresses = self._resolver.step(now)
                if not self._addresses:
                    return _LINK_RESOLVING
                self._resolver.close()
                self._resolver = None
            self._phase = _LINK_CONNECTING
            return _LINK_CONNECTING
        try:
            if not self._stream:
                self._connect(now)
            elif self._is_connected():
                self._bind_methods(self._stream)
                return _LINK_OPEN
        except OSError as exc:
            if not self.skip():
                if exc.errno in _REFUSED:
                    raise OSError(exc.errno, "connection refused")
                raise
        return _LINK_CONNECTING

    def _connect(self, now):
        """Begin to connect to the next address."""
        self.address = address = self._addresses.pop(0)
        try:
            family, where = sockaddr(socket, address, self._port)
            sock = socket.socket(family, socket.SOCK_STREAM)
            self._stream = self._make_stream(sock)
            sock.setblocking(False)
            self._poller = select.poll()
            # ESP32 tells a failure by POLLHUP alone, and only if it is asked for.
            self._poller.register(sock, select.POLLOUT | select.POLLHUP)  # pyright: ignore
            sock.connect(where)
        except OSError as exc:
            if exc.errno == _ENOMEM:
                if not self._may_wait(now):
                    raise OSError(_ENOMEM, "no memory for another connection")
                self._drop_stream()
                self._addresses.insert(0, address)
                return
            # RP2's connect() looks for 1 ms. A server may have answered and hung up by then.
            was_open = exc.errno == _ECONNRESET and self._stream.has_spoken()
            if exc.errno not in _IN_PROGRESS and not was_open:
                raise

    def _may_wait(self, now):
        """Whether memory for the connection may still come."""
        if self._since is None:
            self._since = now
        return ticks_diff(now, self._since) < _MEMORY_MS

    def _is_connected(self):
        for event in self._poller.ipoll(0):
            if event[1] & (select.POLLERR | select.POLLHUP) and not self._stream.has_spoken():
                raise OSError(_REFUSED[0], "connection refused")
            self._poller = None
            return True
        return False

    def skip(self) -> bool:
        """Give up the address that is being connected to; False if there is no other."""
        self._drop_stream()
        return bool(self._addresses)

    def secure(self, context: "SSLContext", host: str) -> None:
        """Begin TLS; the reads and writes that follow carry the handshake on."""
        self._stream.secure(context, host)
        self._bind_methods(self._stream)

    def _bind_methods(self, stream):
        """Let the stream's own methods be called in place of ours, which saves a call a block."""
        if type(self) is Link:  # a subclass may override them
            self.write = stream and stream.write
            self.readinto = stream and stream.readinto

    def write(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write buf[off:off + n]: how much was taken, None if it would have to wait.

        What was not taken has to be offered again, the same bytes and no more.
        """
        return self._stream.write(buf, off, n)

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read up to n bytes: how many, 0 at the end, None if it would have to wait."""
        return self._stream.readinto(buf, n)

    def close(self) -> None:
        """Let go of everything, at any time."""
        if self._resolver:
            self._resolver.close()
            self._resolver = None
        self._drop_stream()
        self._bind_methods(None)

    def _drop_stream(self):
        self._poller = None
        if self._stream:
            self._stream.close()
            self._stream = None


def _literal(host):
    """The address that `host` is without asking anybody, None for a name."""
    if host == "localhost":  # RFC 6761 6.3
        return "127.0.0.1"
    if ":" in host and not host.lower().strip("0123456789abcdef:."):
        return host
    try:
        return host if "%d.%d.%d.%d" % tuple(bytes(map(int, host.split(".")))) == host else None
    except (TypeError, ValueError):  # not four, not numbers, too large ones
        return None
