"""Quoted-printable (RFC 2045 6.7), for a text that is not plain ASCII lines."""

from . import const

_HEX = b"0123456789ABCDEF"
_LINE = const(75)  # octets; the 76th is for the "=" of a soft line break
_WIDEST = const(10)  # what one octet can take: a space held back and "=XX", each on a new line


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

    def close(self) -> None:
        """Nothing to free."""


class Quoted:
    """A text on its way out of `source`: data[pos:end], then what fill() brings."""

    dots = True  # a line may begin with one

    def __init__(self, source: "Octets | Source"):
        self._source = source
        self.alone = source.end == 0  # nothing at hand: a file is read into the buffer's tail
        self.unfinished = True  # the last line lacks its end
        self._begin()

    def _begin(self):
        self.ended = False
        self._column = 0
        self._space = 0  # a space or tab held back: it must not end a line as it is
        self._last = 0

    def size(self, buf: bytearray) -> "int | None":
        """How many octets put() will write in all, None where only reading a file could tell."""
        if self.alone:
            return None
        total = 0
        while not self.ended:
            total += self.put(buf, 0, len(buf)) or 0
        self.unfinished = self._column > 0
        self._source.pos = 0
        self._begin()
        return total

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[off:end]; return the index behind that, None if nothing is ready."""
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
        self.ended = pos == stop and not self.alone and not self._space
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
