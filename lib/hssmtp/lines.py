"""Lines: a part of a mail that leaves as it is; the other kinds of parts are made of it."""

from . import const

# What a body may hold (RFC 6152, 3030): 8BITMIME and BINARYMIME are 1 and 2.
_7BIT = const(0)


class Lines:
    """A part that leaves as it is; but each CR, LF or CR LF leaves as CR LF.

    All kinds have these methods.
    """

    dots = True  # a line may begin with one
    alone = False  # it shares the buffer with the part before it

    def __init__(self, data: bytes):
        self.data = data
        self.begin()

    def begin(self) -> None:
        """Go (back) to the beginning."""
        self._pos = 0
        self._last = 0  # the octet before
        self.ended = False

    def suit(self, body: int) -> int:
        """Take the widest form that a body of 7BIT, 8BITMIME or BINARYMIME may have: which."""
        return _7BIT

    def size(self, buf: bytearray) -> "int | None":
        """How many octets put() will write in all, None where only reading a file could tell.

        And whether that will be an `unfinished` line. buf: room to try in.
        """
        data = self.data
        self.unfinished = len(data) > 0 and data[-1] != 10 and data[-1] != 13
        return len(data) + data.count(b"\r") + data.count(b"\n") - 2 * data.count(b"\r\n")

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[off:end]; return the index behind that, None if nothing is ready."""
        data = self.data
        pos = self._pos
        stop = len(data)
        last = self._last
        end -= 1  # a CR LF needs two
        while pos < stop and off < end:
            octet = data[pos]
            pos += 1
            if octet != 10 and octet != 13:
                buf[off] = octet
                off += 1
            elif octet == 13 or last != 13:
                buf[off] = 13
                buf[off + 1] = 10
                off += 2
            last = octet
        self._pos = pos
        self._last = last
        self.ended = pos == stop
        return off

    def close(self) -> None:
        """Close its file, if it has one."""
