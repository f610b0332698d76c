"""Quoted-printable (RFC 2045 6.7), for a text that is not plain ASCII lines."""

from . import const
from .lines import Lines

_HEX = b"0123456789ABCDEF"
_LINE = const(75)  # octets; the 76th is for the "=" of a soft line break
_WIDEST = const(10)  # what one octet can take: a space held back and "=XX", each on a new line

_QUOTED = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
_EIGHT_BIT = b"Content-Transfer-Encoding: 8bit\r\n\r\n"


_TYPING = const(0)
if _TYPING:
    from .attachment import Source


class Octets:
    """Octets at hand, data[pos:end]: a source that has no more than these."""

    def __init__(self, data: bytes):
        self.data = data
        self.pos = 0
        self.end = len(data)

    def fill(self) -> "int | None":
        """Have more at hand: their number, -1 at the end, None while none are ready."""
        return -1

    def begin(self) -> None:
        """Go back to the first of them."""
        self.pos = 0

    def close(self) -> None:
        """Nothing to free."""


class Quoted(Lines):
    """A text on its way out of `source`: data[pos:end], then what fill() brings.

    eight_bit: the same text, if it may also leave as it is; a server that takes 8BITMIME gets
        that. `label` is the header that says which.
    """

    def __init__(self, source: "Octets | Source", eight_bit: "bytes | None"):
        self._source = source
        self._size = -1  # quoted; unknown yet
        self._as_it_is = False
        self.label = Lines(_QUOTED)
        super().__init__(eight_bit or b"")
        self._at_hand = source.end > 0  # else a file is read, into the buffer's tail
        self.alone = self.alone or not self._at_hand
        self.begin()

    def begin(self) -> None:
        """Go (back) to the beginning; ValueError where an iterator has gone already."""
        Lines.begin(self)
        self._source.begin()
        self._column = 0
        self._space = 0  # a space or tab held back: it must not end a line as it is
        self._last = 0  # the octet before

    def suit(self, body: int) -> int:
        """Take the widest form that a body of 7BIT, 8BITMIME or BINARYMIME may have: which."""
        self._as_it_is = body > 0 and len(self.data) > 0
        self.label.data = _EIGHT_BIT if self._as_it_is else _QUOTED
        return 1 if self._as_it_is else 0

    def size(self, buf: bytearray) -> "int | None":
        """How many octets put() will write in all, None where only reading a file could tell."""
        if self._as_it_is:
            return Lines.size(self, buf)
        if not self._at_hand:
            return None
        if self._size < 0:
            self._size = 0
            while not self.ended:
                self._size += self.put(buf, 0, len(buf)) or 0
            self._ends_within = self._column > 0
            self.begin()
        self.unfinished = self._ends_within
        return self._size

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[off:end]; return the index behind that, None if nothing is ready."""
        if self._as_it_is:
            return Lines.put(self, buf, off, end)
        source = self._source
        if source.pos == source.end:
            got = source.fill()
            if got is None:
                return None
            if got < 0:
                self.ended = True
                return self._write(buf, off, self._space, False) if self._space else off
        data = source.data
        pos = source.pos
        stop = source.end
        last = self._last
        end -= _WIDEST
        while pos < stop and off <= end:
            octet = data[pos]
            pos += 1
            line_end = octet == 10 or octet == 13
            if self._space:
                off = self._write(buf, off, self._space, not line_end)
                self._space = 0
            if line_end:
                if octet == 13 or last != 13:
                    buf[off] = 13
                    buf[off + 1] = 10
                    off += 2
                    self._column = 0
            elif octet == 32 or octet == 9:
                self._space = octet
            else:
                off = self._write(buf, off, octet, 33 <= octet <= 126 and octet != 61)
            last = octet
        source.pos = pos
        self._last = last
        self.ended = pos == stop and self._at_hand and not self._space
        return off

    def _write(self, buf, off, octet, literal):
        width = 1 if literal else 3
        if self._column + width > _LINE:
            buf[off : off + 3] = b"=\r\n"
            off += 3
            self._column = 0
        self._column += width
        if literal:
            buf[off] = octet
        else:
            buf[off] = 61
            buf[off + 1] = _HEX[octet >> 4]
            buf[off + 2] = _HEX[octet & 15]
        return off + width

    def close(self) -> None:
        """Close the source."""
        self._source.close()
