"""Lines: a part of a mail that leaves as it is; the other kinds of parts are made of it."""

import sys

from . import const

_TYPING = const(0)
if _TYPING:
    from typing import Any

if sys.implementation.name == "cpython":
    from ._cpython import BytesIO
else:
    from io import BytesIO

# What a body may hold (RFC 6152, 3030): 8BITMIME and BINARYMIME are 1 and 2.
_7BIT = const(0)

_SHORT = const(360)  # octets that find room in an empty buffer, even in the smallest


class Lines:
    """A part that leaves as it is: octets with CR LF at each line's end.

    A short one shares the buffer with others. A long one has it for itself, and a stream over its
    octets: so the copying is done without a loop of Python's, and without a slice from the heap.

    All kinds have these methods.
    """

    dots = True  # a line may begin with one
    blocks = 0  # of a file: so many pieces come next that are all of the same length

    def __init__(self, data: bytes):
        self.data = data
        self.alone = len(data) > _SHORT  # it wants the buffer from its beginning
        self._stream: Any = BytesIO(data) if self.alone else None
        self.ended = False

    def begin(self) -> None:
        """Go (back) to the beginning."""
        self.ended = False
        if self._stream:
            self._stream.seek(0)

    def suit(self, body: int) -> int:
        """Take the widest form that a body of 7BIT, 8BITMIME or BINARYMIME may have: which."""
        return _7BIT

    def size(self, buf: bytearray) -> "int | None":
        """How many octets put() will write in all, None where only reading a file could tell.

        And whether that will be an `unfinished` line. buf: room to try in.
        """
        data = self.data
        self.unfinished = len(data) > 0 and data[-1] != 10
        return len(data)

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[off:end]; return the index behind that, None if nothing is ready."""
        if self._stream:
            n = self._stream.readinto(buf, end)
            self.ended = n < end
            return n
        stop = off + len(self.data)
        if stop > end:
            return off
        buf[off:stop] = self.data
        self.ended = True
        return stop

    def close(self) -> None:
        """Close its file, if it has one."""
