"""What CPython lacks of MicroPython for a connection: sockets and TLS as streams, a poll."""

import errno
import os
import queue
import select as _select
import socket as _socket
import ssl
import threading
from typing import Any

CERT_NONE = ssl.CERT_NONE
CERT_REQUIRED = ssl.CERT_REQUIRED
PROTOCOL_TLS_CLIENT = ssl.PROTOCOL_TLS_CLIENT
AF_INET = _socket.AF_INET
AF_INET6 = _socket.AF_INET6
SOCK_STREAM = _socket.SOCK_STREAM
SOCK_DGRAM = _socket.SOCK_DGRAM
getaddrinfo = _socket.getaddrinfo


class socket:
    """A socket that never waits, with the stream methods of MicroPython's."""

    def __init__(self, family=AF_INET, kind=SOCK_STREAM):
        self._sock = _socket.socket(family, kind)
        if kind == SOCK_STREAM:
            # A command is one small segment: it mustn't wait for the last one's acknowledgement.
            self._sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)

    def bind(self, address) -> None:
        self._sock.bind(address)

    def connect(self, address) -> None:
        try:
            self._sock.connect(address)
        except BlockingIOError:
            pass  # under way

    def write(self, buf, off: int, n: int):
        try:
            return self._sock.send(memoryview(buf)[off : off + n])
        except (BlockingIOError, InterruptedError):
            return None

    def readinto(self, buf, n: int):
        try:
            return self._sock.recv_into(buf, n)
        except (BlockingIOError, InterruptedError):
            return None

    def close(self) -> None:
        self._sock.close()


POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16


class poll:
    """MicroPython's poll for one socket; with select() where the system has no poll()."""

    def __init__(self):
        self._poll = _select.poll() if hasattr(_select, "poll") else None
        self._sock: Any = None
        self._descriptor = -1
        self._reads = False

    def register(self, sock: socket, flags: int) -> None:
        """Watch a socket. TLS may take its descriptor over later on."""
        self._sock = sock
        self._descriptor = sock._sock.fileno()
        self._reads = bool(flags & POLLIN)
        if self._poll:
            self._poll.register(self._descriptor, flags)

    def ipoll(self, timeout: int):
        """What there is to tell, as (socket, flags). timeout: ms."""
        if self._poll:
            for _, flags in self._poll.poll(timeout):
                yield self._sock, flags
            return
        watched = (self._descriptor,)
        # Windows tells a failed connect as an exceptional condition, the others as writable.
        readable, writable, failed = _select.select(
            watched if self._reads else (), () if self._reads else watched, watched, timeout / 1000
        )
        if failed and not self._reads:
            number = self._sock._sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))
        if readable or writable:
            yield self._sock, POLLIN if readable else POLLOUT


class tls_socket:
    """The same over TLS: each read or write moves the handshake on, as in MicroPython."""

    def __init__(self, sock: ssl.SSLSocket):
        self._sock = sock
        self._shaken = False

    def _do(self, call, *args):
        try:
            if not self._shaken:
                self._sock.do_handshake()
                self._shaken = True
            return call(*args)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLZeroReturnError:
            return 0
        except ssl.SSLEOFError:
            if not self._shaken:
                raise
            return 0  # many servers leave without a close_notify; the final reply decides, not it

    def write(self, buf, off: int, n: int):
        return self._do(self._sock.send, memoryview(buf)[off : off + n])

    def readinto(self, buf, n: int):
        return self._do(self._sock.recv_into, buf, n)

    def close(self) -> None:
        self._sock.close()


# getaddrinfo() gives these, as dns.py gives ENOENT; not every system has both.
_NO_SUCH_NAME = {getattr(_socket, name, None) for name in ("EAI_NONAME", "EAI_NODATA")}


class Resolver:
    """The system's resolver, off the caller's thread; the interface of dns.Resolver."""

    def __init__(self, name: str):
        self._answer: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=self._look_up, args=(name,), daemon=True).start()

    def _look_up(self, name):
        try:
            found = _socket.getaddrinfo(name, 25, type=SOCK_STREAM)
            self._answer.put(list(dict.fromkeys(entry[4][0] for entry in found)))
        except (OSError, UnicodeError) as exc:
            self._answer.put(exc)

    def step(self, now: int):
        """One look whether the answer is there: a list of addresses, None, or OSError raised."""
        try:
            answer = self._answer.get_nowait()
        except queue.Empty:
            return None
        if isinstance(answer, UnicodeError):  # what IDNA says of a name that can't be one
            raise OSError(errno.EINVAL, str(answer))
        if isinstance(answer, OSError):
            if answer.errno in _NO_SUCH_NAME:
                raise OSError(errno.ENOENT, answer.strerror)
            raise answer
        return answer

    def close(self) -> None:
        """Nothing to free: the thread ends by itself."""


class SSLContext(ssl.SSLContext):
    """A context whose sockets are MicroPython's streams."""

    def load_verify_locations(self, cadata):  # type: ignore[override]
        """Trust a certificate, DER; one that isn't a root too, as mbedTLS does."""
        self.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        super().load_verify_locations(cadata=cadata)

    def wrap_socket(self, sock, server_hostname, do_handshake_on_connect):  # type: ignore[override]
        """Begin TLS over one of the sockets above."""
        return tls_socket(
            super().wrap_socket(
                sock._sock,
                server_hostname=server_hostname,
                do_handshake_on_connect=do_handshake_on_connect,
            )
        )


def python_socket(link) -> Any:
    """CPython's own socket below an open Link, an ssl.SSLSocket once TLS has begun."""
    return link._stream._stream._sock
