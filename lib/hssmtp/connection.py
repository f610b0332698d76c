"""A connection to a server over a link, with buffers; no call waits."""

from . import const

_TYPING = const(0)
if _TYPING:
    from .net import Link
    from .reply import Reply

# What Link.step() returns.
_LINK_CONNECTING = const(2)
_LINK_OPEN = const(3)

# States of the connection. GREETING stands for all states of the session.
_IDLE = const(0)
_RESOLVING = const(1)
_CONNECTING = const(2)
_SECURING = const(3)
_GREETING = const(4)

_RESOLVED = const(1)
_CONNECTED = const(2)

_ENOENT = const(2)  # for a name that does not exist; the same number on every port
_MOST_UNKNOWN_TIMES = const(3)  # in a row; after that the name is wrong, not the network

# Exceptions of a link. TLS raises ValueError for a certificate, or MemoryError.
FAILURES = (OSError, ValueError, MemoryError)


class Output:
    """Bytes to send to the server: buf[start:end]."""

    def __init__(self, size: int):
        self.buf = bytearray(size)
        self.start = 0
        self.end = 0

    def clear(self) -> None:
        """Drop what was not sent."""
        self.start = self.end = 0

    def put(self, data: bytes) -> None:
        """Append bytes. They must fit."""
        end = self.end + len(data)
        self.buf[self.end : end] = data
        self.end = end

    def put_number(self, number: int) -> None:
        """Append a number in decimal. It makes no str, which would be allocated."""
        digits = 1
        while 10**digits <= number:
            digits += 1
        self.end += digits
        for at in range(self.end - 1, self.end - digits - 1, -1):
            self.buf[at] = 48 + number % 10
            number //= 10


class Connection:
    """A connection to one host, from resolving the name to the last byte.

    The methods do not raise what the link raises: they store it in `failure`. `is_lost`: nothing
    more can be read.

    context: the TLS context. unsuitable_state: the state in which a failure means that `security`
        does not suit the port.
    """

    def __init__(self, link: "Link", buffer_size: int, context: object, unsuitable_state: int):
        self.link = link
        self.out = Output(buffer_size)
        self.state = _IDLE
        self.failure: Exception | None = None
        self.is_lost = False
        self.unsuitable_state = unsuitable_state
        self._context = context
        self._unknown_times = 0  # failures in a row because the host's name was not found
        self._input = bytearray(128)
        self._input_at = 0
        self._input_end = 0

    def open(self, host: str, port: int) -> None:
        """Begin to resolve and to connect; step() does the rest."""
        self.out.clear()
        self._input_at = self._input_end = 0
        self.failure = None
        self.is_lost = False
        try:
            self.link.open(host, port)
        except FAILURES as exc:
            self._lose(exc)

    def step(self, now: int) -> int:
        """Take a step towards an open connection; return RESOLVED, CONNECTED, or 0.

        now: ms, as ticks_ms() returns it.
        """
        if self.state == _IDLE:
            self.state = _RESOLVING
        if self.is_lost:
            return 0
        try:
            reached = self.link.step(now)
        except FAILURES as exc:
            is_unknown = isinstance(exc, OSError) and exc.errno == _ENOENT
            self._unknown_times = self._unknown_times + 1 if is_unknown else 0
            self._lose(exc)
            return 0
        if self.state == _RESOLVING and reached >= _LINK_CONNECTING:
            self.state = _CONNECTING
            self._unknown_times = 0
            return _RESOLVED
        if self.state == _CONNECTING and reached == _LINK_OPEN:
            self.state = _GREETING
            return _CONNECTED
        return 0

    def secure(self, host: str) -> None:
        """Begin TLS. The reads and writes that follow advance the handshake."""
        self.state = _SECURING
        try:
            self.link.secure(self._context, host)  # pyright: ignore[reportArgumentType]
        except FAILURES as exc:
            self._lose(exc)

    def has_input(self) -> bool:
        """Whether received bytes are still to be parsed."""
        return self._input_at < self._input_end

    def read(self) -> None:
        """Receive what there is, up to 128 bytes."""
        if self.state == _SECURING and self.out.end:
            return  # the write advances the handshake
        try:
            count = self.link.readinto(self._input, len(self._input))
        except FAILURES as exc:
            self._lose(exc)
            return
        if count:
            self._input_at = 0
            self._input_end = count
        elif self.failure:  # a write failed, and there is no reply that gives the reason
            self.is_lost = True
        elif count == 0:
            self._lose(OSError("closed by the server"))

    def feed(self, reply: "Reply") -> None:
        """Parse received bytes, up to the end of a line."""
        self._input_at = reply.feed(self._input, self._input_at, self._input_end)

    def write(self) -> int:
        """Send bytes of `out`; return how many the link has taken."""
        out = self.out
        try:
            count = self.link.write(out.buf, out.start, out.end - out.start) or 0
        except FAILURES as exc:
            # The server has closed the connection, but may have sent the reason: read it first.
            self.failure = exc
            self.is_lost = self.state == _SECURING
            return 0
        out.start += count
        if out.start == out.end:
            out.clear()
        return count

    def is_misconfigured(self, state: int) -> bool:
        """Whether a failure in `state`, before any reply, is due to `host` or `security`."""
        is_mistyped = self.failure is not None and self._unknown_times >= _MOST_UNKNOWN_TIMES
        return is_mistyped or state == self.unsuitable_state

    def close(self) -> None:
        """Close the connection."""
        self.state = _IDLE
        self.is_lost = False
        self.link.close()

    def _lose(self, exc):
        self.failure = self.failure or exc
        self.is_lost = True
