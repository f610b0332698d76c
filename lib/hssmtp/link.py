"""One connection: resolve, connect, TLS, read, write; each a step that never waits."""

import sys

from . import const

if sys.implementation.name == "micropython":
    import select
    import socket
else:
    from . import _cpython as select
    from . import _cpython as socket

_TYPING = const(0)
if _TYPING:
    from tls import SSLContext

# What step() says: the client's phases.
_RESOLVING = const(1)
_CONNECTING = const(2)
_OPEN = const(3)

# "Under way", as the ports spell it: unix 115, ESP32 118 and 119, RP2 -110.
_IN_PROGRESS = (115, 118, 119, -110)


class Link:
    """A TCP connection, with or without TLS, as a MicroPython stream.

    What fails raises OSError, or ValueError for a certificate. Another network (a modem, another
    runtime's sockets) brings a class of its own with these methods.

    name_servers: addresses or (address, port) pairs, instead of those the network gave.
    """

    def __init__(self, name_servers: "list[str | tuple[str, int]] | None" = None):
        self._name_servers = name_servers
        self._resolver = None
        self._stream = None
        self._poller = None
        self._addresses = []

    def open(self, host: str, port: int) -> None:
        """Begin; step() does the rest. Raises ValueError if no host can have that name."""
        self.close()
        self._port = port
        address = _literal(host)
        if address:
            self._addresses = [address]
        elif hasattr(socket, "Resolver"):  # CPython asks the system
            self._resolver = socket.Resolver(host)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            from .dns import Resolver

            self._resolver = Resolver(host, self._name_servers)

    def step(self, now: int) -> int:
        """Do a piece of the way: resolving (1), connecting (2) or open (3). now: ms, ticks."""
        if self._resolver:
            self._addresses = self._resolver.step(now)
            if not self._addresses:
                return _RESOLVING
            self._resolver.close()
            self._resolver = None
            return _CONNECTING
        try:
            if not self._stream:
                self._connect()
            elif self._connected():
                self._shorten(self._stream)
                return _OPEN
        except OSError:
            if not self.skip():
                raise
        return _CONNECTING

    def _connect(self):
        info = socket.getaddrinfo(self._addresses.pop(0), self._port, 0, socket.SOCK_STREAM)[0]
        self._stream = socket.socket(info[0], info[1])
        self._stream.setblocking(False)
        try:
            self._stream.connect(info[-1])
        except OSError as exc:
            if exc.errno not in _IN_PROGRESS:
                raise
        self._poller = select.poll()
        self._poller.register(self._stream, select.POLLOUT)

    def _connected(self):
        for event in self._poller.ipoll(0):
            if event[1] & (select.POLLERR | select.POLLHUP):
                self._stream.readinto(bytearray(1), 1)  # raises what went wrong
                raise OSError(111, "connection refused")
            self._poller = None
            return True
        return False

    def skip(self) -> bool:
        """Give up the address that is being connected to; False if there is no other."""
        if self._stream:
            self._stream.close()
            self._stream = None
        return bool(self._addresses)

    def secure(self, context: "SSLContext", host: str) -> None:
        """Begin TLS; the reads and writes that follow carry the handshake on."""
        self._stream = context.wrap_socket(
            self._stream, server_hostname=host, do_handshake_on_connect=False
        )
        self._shorten(self._stream)

    def _shorten(self, stream):
        """Let the stream's own methods be called in place of ours: a call less for each block."""
        if type(self) is Link:  # a subclass may override them
            self.write = stream and stream.write
            self.readinto = stream and stream.readinto

    def write(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write buf[off:off + n]: how much was taken, None if it would have to wait.

        What was not taken has to be offered again, the same octets and no more.
        """
        return self._stream.write(buf, off, n)  # pyright: ignore[reportCallIssue]

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read up to n octets: how many, 0 at the end, None if it would have to wait."""
        return self._stream.readinto(buf, n)

    def close(self) -> None:
        """Let go of everything, at any time."""
        if self._resolver:
            self._resolver.close()
            self._resolver = None
        if self._stream:
            self._stream.close()
            self._stream = None
        self._shorten(None)
        self._poller = None


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
