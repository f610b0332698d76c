"""A connection to a server: resolve, connect, TLS, read, write; each a step that never waits.

It knows nothing of SMTP.
"""

import sys
from struct import pack_into

from .. import call, const, ticks_diff

if sys.implementation.name == "micropython":
    import select
    import socket
else:
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

_READ = const(128)  # bytes that are read at once
_ZEROS = "128s"  # packs as many, of nothing
_UNREAD = "%s; what the server said before that, if anything, can't be read any more"

# Of dns.py, which does not stay in memory: {encoded name: (ticks, addresses, TTL in s)}.
cache: "dict[bytes, tuple[int, tuple[str, ...], int]]" = {}


class Link:
    """A TCP connection, with or without TLS, as a MicroPython stream.

    What fails raises OSError, or ValueError for a certificate. Another network (a modem, another
    runtime's sockets) brings a class of its own with these methods.

    name_servers: addresses or (address, port) pairs, asked in turn, instead of those the network
        gave; None among them is what the network gave: [None, "192.168.1.1"] adds a second one.
    address: the one that was connected to last, None before. A Link of another class may lack it.
    """

    def __init__(self, name_servers: "list[str | tuple[str, int] | None] | None" = None):
        if socket.__name__ == "lwip":
            from .lwip import LwipStream

            self._make_stream = LwipStream
        else:
            self._make_stream = Stream
        self.address: str | None = None
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
        if host == "localhost":  # RFC 6761 6.3
            host = "127.0.0.1"
        if ":" in host or not host.strip("0123456789."):  # an address already
            self._addresses = [host]
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
                if self._since is None:
                    self._since = now
                if ticks_diff(now, self._since) >= _MEMORY_MS:
                    raise OSError(_ENOMEM, "no memory for another connection")
                self._drop_stream()
                self._addresses.insert(0, address)
                return
            # RP2's connect() looks for 1 ms. A server may have answered and hung up by then.
            was_open = exc.errno == _ECONNRESET and self._stream.has_spoken()
            if exc.errno not in _IN_PROGRESS and not was_open:
                raise

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


class Stream:
    """What a Link reads and writes, over a TCP socket that does not block.

    The socket is kept while TLS is on top of it: after a failed handshake the TLS socket's close()
    leaves it open.
    """

    def __init__(self, sock):
        self._socket = sock
        self._stream = sock
        self._is_shaking = False  # in TLS's handshake: each read or write carries it on
        self._poller = None  # tells, below TLS, whether there is something to read
        self._early = b""  # the byte read by has_spoken()
        self._failure: OSError | None = None  # what every read from now on raises
        # A plain write needs no help: it is the socket's own, without a call in between.
        self.write = sock.write

    def has_spoken(self) -> bool:
        """Whether a byte has come; it is kept. Raises OSError if the connection has failed.

        For a new connection that poll() tells has failed: the server may have taken it, have said
        "421 too busy" and have reset it, all before the first look.
        """
        if not self._early:
            byte = bytearray(1)
            if self._socket.readinto(byte, 1):
                self._early = byte
        return bool(self._early)

    def secure(self, context: "SSLContext", host: str) -> None:
        """Begin TLS; the reads and writes that follow carry the handshake on."""
        if self._early:
            raise OSError("the server spoke before TLS began, and closed the connection")
        self._poller = select.poll()
        self._poller.register(self._socket, select.POLLIN | select.POLLHUP)
        self._poller.ipoll(0)  # the first call allocates; those behind READY must not
        self._is_shaking = True
        self.write = self._write_tls
        self._stream = context.wrap_socket(
            self._socket, server_hostname=host, do_handshake_on_connect=False
        )

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read up to n bytes: how many, 0 at the end, None if it would have to wait.

        MicroPython's readinto() goes on until it has n bytes. If it raises then, what came before
        is in the buffer and its count is lost (py/stream.c, mp_stream_rw): so the buffer is filled
        with zeros first, and what stands before the first zero has come.
        """
        if self._early:
            buf[0] = self._early[0]
            self._early = b""
            return 1
        if self._failure:
            raise self._failure
        if n >= _READ:
            n = _READ
            pack_into(_ZEROS, buf, 0, b"")
        else:  # a read of one byte loses none
            n = 1
        try:
            count = self._stream.readinto(buf, n)
        except OSError as exc:
            if n == 1 or not buf[0]:
                raise
            self._failure = exc
            count = buf.find(b"\0", 0, n)
            return n if count < 0 else count
        if count:
            self._is_shaking = False  # a byte that TLS gives proves its handshake done
        return count

    def _write_tls(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write, but not while there is something to read.

        When a write has failed, MicroPython's TLS socket can't be read any more
        (modtls_mbedtls.c, last_error), and the server's reason would be lost.
        """
        if self._is_shaking:
            count = self._stream.write(buf, off, n)
            self._is_shaking = not count
            return count
        for _ in self._poller.ipoll(0):
            return None
        try:
            return self._stream.write(buf, off, n)
        except OSError as exc:
            self._failure = OSError(exc.errno, _UNREAD % exc)
            raise self._failure

    def close(self) -> None:
        """Close TLS, and the socket below it."""
        self._stream.close()
        if self._stream is not self._socket:
            self._socket.close()


def sockaddr(sockets, address: str, port: int) -> "tuple[int, object]":
    """The family and the socket address of a numeric address; no name server is asked.

    sockets: the module `socket`.
    """
    info = sockets.getaddrinfo(address, port)[0]
    # ESP32 gives no socket address for IPv6; its connect() and bind() take the pair itself.
    return info[0], info[-1] or (address, port)
