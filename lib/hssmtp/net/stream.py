"""An open TCP connection, with or without TLS, as MicroPython's stream that loses no byte."""

import sys
from struct import pack_into

from .. import const

if sys.implementation.name == "micropython":
    import select
else:
    from . import _cpython as select

_TYPING = const(0)
if _TYPING:
    from tls import SSLContext

_READ = const(128)  # bytes that are read at once
_ZEROS = "128s"  # packs as many, of nothing
_UNREAD = "%s; what the server said before that, if anything, can't be read any more"


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
