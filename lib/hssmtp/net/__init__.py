"""A connection to a server: resolve, connect, TLS, read, write. No step waits.

It is independent of SMTP.
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

# Results of step().
_LINK_RESOLVING = const(1)
_LINK_CONNECTING = const(2)
_LINK_OPEN = const(3)

# EINPROGRESS: 115 on unix and RP2, 119 on ESP32; -110 on RP2 before MicroPython 1.23.
_IN_PROGRESS = (115, 119, -110)
# Errors of a refused connection: ECONNREFUSED; lwIP's is ECONNRESET, ESP32's can be ENOTCONN.
_ECONNRESET = const(104)
_REFUSED = (111, _ECONNRESET, 128)
_ENOMEM = const(12)
# lwIP keeps the memory of a closed connection for 10 s. A new one may have to wait for it.
_MEMORY_MS = const(15000)

_READ = const(128)  # bytes of one read
_ZEROS = "128s"  # packs that many zeros
_UNREAD = "%s; what the server said before that, if anything, can't be read any more"

# The cache of dns.py, which does not stay in memory: {encoded name: (ticks, addresses, TTL in s)}.
cache: "dict[bytes, tuple[int, tuple[str, ...], int]]" = {}


class Link:
    """A TCP connection, with or without TLS, as a MicroPython stream.

        link = hssmtp.Link([None, "192.168.1.1"])
        client = hssmtp.Client("smtp.example.com", ca="ca.pem", link=link)

    Another network (a modem, another runtime's sockets) brings its own class with these methods.

    name_servers: addresses or (address, port) pairs, asked in turn. A None among them stands for
        the network's own name servers, so that [None, "192.168.1.1"] adds one. None: only those
        of the network.
    address: the one that was connected to last, None before. A class of another network may lack
        this attribute.

    The methods raise OSError if something fails, or ValueError for a certificate.
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
        self._since = None  # ticks_ms() when memory for a connection was first missing

    def open(self, host: str, port: int) -> None:
        """Begin to connect; step() does the rest. Raises ValueError if `host` can't be a name."""
        self.close()
        self._port = port
        self._phase = _LINK_RESOLVING
        self._since = None
        if host == "localhost":  # RFC 6761 6.3
            host = "127.0.0.1"
        if ":" in host or not host.strip("0123456789."):  # an address already
            self._addresses = [host]
        elif hasattr(socket, "Resolver"):  # on CPython, which asks the system
            self._resolver = socket.Resolver(host)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            self._resolver = call("net.dns", "Resolver", host, self._name_servers)

    def step(self, now: int) -> int:
        """Do a bounded step; return the phase: resolving (1), connecting (2) or open (3).

        now: ms, as ticks_ms() returns it. Raises OSError if the phase returned last has failed.
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
            # ESP32 reports a failure only by POLLHUP, and only if it is registered.
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
            # RP2's connect() polls for 1 ms. A server may have replied and closed by then.
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
        """Give up the current address; return False if there is no other one."""
        self._drop_stream()
        return bool(self._addresses)

    def secure(self, context: "SSLContext", host: str) -> None:
        """Begin TLS. The reads and writes that follow advance the handshake.

        host: the name to verify in the certificate. Raises OSError, ValueError or MemoryError.
        """
        self._stream.secure(context, host)
        self._bind_methods(self._stream)

    def _bind_methods(self, stream):
        """Replace our methods by those of the stream: that saves a call for each block."""
        if type(self) is Link:  # a subclass may override them
            self.write = stream and stream.write
            self.readinto = stream and stream.readinto

    def write(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write buf[off:off + n]; return how many bytes were taken, None if it would have to wait.

        Pass the bytes that were not taken again: the same ones and no more.
        """
        return self._stream.write(buf, off, n)

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read up to n bytes; return how many, 0 at the end, None if it would have to wait."""
        return self._stream.readinto(buf, n)

    def close(self) -> None:
        """Close the connection and all sockets. It can be called at any time."""
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
    """The stream of a Link, over a non-blocking TCP socket.

    The socket is kept below TLS, because the TLS socket's close() leaves it open after a failed
    handshake.
    """

    def __init__(self, sock):
        self._socket = sock
        self._stream = sock
        self._is_shaking = False  # in the TLS handshake: each read or write advances it
        self._poller = None  # below TLS: reports whether there is something to read
        self._early = b""  # the byte read by has_spoken()
        self._failure: OSError | None = None  # raised by all reads from now on
        # Without TLS this is the socket's own method, which saves a call.
        self.write = sock.write

    def has_spoken(self) -> bool:
        """Whether a byte has arrived; it is kept. Raises OSError if the connection has failed.

        For a new connection that poll() reports as failed: the server may have accepted it, sent
        "421 too busy" and reset it, all before the first poll.
        """
        if not self._early:
            byte = bytearray(1)
            if self._socket.readinto(byte, 1):
                self._early = byte
        return bool(self._early)

    def secure(self, context: "SSLContext", host: str) -> None:
        """Begin TLS. The reads and writes that follow advance the handshake."""
        if self._early:
            raise OSError("the server spoke before TLS began, and closed the connection")
        self._poller = select.poll()
        self._poller.register(self._socket, select.POLLIN | select.POLLHUP)
        self._poller.ipoll(0)  # the first call allocates; after READY none may
        self._is_shaking = True
        self.write = self._write_tls
        self._stream = context.wrap_socket(
            self._socket, server_hostname=host, do_handshake_on_connect=False
        )

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read up to n bytes; return how many, 0 at the end, None if it would have to wait.

        MicroPython's readinto() reads until it has n bytes. If one of its reads raises, the bytes
        of the others are in the buffer, but their count is lost (py/stream.c, mp_stream_rw). So
        the buffer is filled with zeros first: the bytes before the first zero have arrived.
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
        else:  # a read of one byte can't lose any
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
            self._is_shaking = False  # a byte from TLS proves the handshake complete
        return count

    def _write_tls(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write, but only if there is nothing to read.

        After a failed write, MicroPython's TLS socket can't be read any more (modtls_mbedtls.c,
        last_error), and the reason that the server gave would be lost.
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
    """Return the family and socket address of a numeric address, without asking a name server.

    sockets: the module `socket`.
    """
    info = sockets.getaddrinfo(address, port)[0]
    # ESP32 returns no socket address for IPv6, but its connect() and bind() take the pair itself.
    return info[0], info[-1] or (address, port)
