"""Quoted-printable (RFC 2045 6.7), for a text that is not plain ASCII lines."""

from .. import const
from . import Part

_TYPING = const(0)
if _TYPING:
    from .sources import Pieces, TextFile

_HEX = b"0123456789ABCDEF"
_LINE = const(75)  # bytes; the 76th is the "=" of a soft line break
_WIDEST = const(10)  # output for one byte: a delayed space and "=XX", each on a new line

_QUOTED = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
_EIGHT_BIT = b"Content-Transfer-Encoding: 8bit\r\n\r\n"


class Quoted(Part):
    """A text in quoted-printable or 8bit, after its Content-Transfer-Encoding field.

    text: bytes in memory. may_be_8bit: a server with 8BITMIME gets them unchanged.
    source: read instead of `text`. ends_mail: the last line has to end in CR LF.
    """

    def __init__(
        self,
        text: bytes,
        may_be_8bit: bool,
        source: "Pieces | TextFile | None" = None,
        ends_mail: bool = False,
    ):
        super().__init__(_EIGHT_BIT + text if may_be_8bit else b"")
        self._source = source
        self._ends_mail = ends_mail
        self._is_8bit = False
        self._size = -1  # in quoted-printable; -1: not counted yet
        self._text = self.data or text
        self._rewind()

    def _rewind(self):
        self.ended = False
        self._at = len(_EIGHT_BIT) if self.data else 0  # text[at:end] is quoted next
        self._end = 0 if self._source else len(self._text)
        self._column = -1  # -1: before the header field
        self._space = 0  # a delayed space or tab: at a line end it has to be quoted
        self._last = 0  # the previous byte

    def open(self, buffer: bytearray) -> None:
        """Prepare to read the source into the end of the buffer."""
        self._is_8bit = False
        if self._source:
            self._source.open(buffer)

    def begin(self) -> None:
        """Go to the beginning. Raises SourceError if the source can't be read again."""
        super().begin()
        if self._source:
            self._source.begin()
        self._rewind()

    def adapt(self, body: int) -> int:
        """Use the widest form that `body` allows; return the body that this form needs."""
        self._is_8bit = body > 0 and len(self.data) > 0
        return 1 if self._is_8bit else 0

    def size(self, buf: bytearray) -> "int | None":
        """Return how many bytes put() writes in all; None if that needs reading a file."""
        if self._is_8bit:
            return len(self.data)
        if self._source:
            return None
        if self._size < 0:  # the first time, in Message.open()
            self._size = 0
            while not self.ended:
                self._size += self.put(buf, 0, len(buf)) or 0
            self.begin()
        return self._size

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[0:end]; return the index after it, None if nothing is ready."""
        if self._is_8bit:
            return super().put(buf, off, end)
        if self._column < 0:
            self._column = 0
            off = len(_QUOTED)
            buf[:off] = _QUOTED
            if self._source:  # it needs the whole buffer
                return off
        if self._at == self._end:
            got = self._source.fetch() if self._source else -1
            if got is None:
                return None
            if got < 0:
                return self._finish(buf, off)
            self._text = self._source.data  # pyright: ignore[reportOptionalMemberAccess]
            self._at = 0
            self._end = got
        off = self._quote(buf, off, end - _WIDEST)
        self.ended = not self._source and self._at == self._end and not self._space
        return off

    def _quote(self, buf, off, end):
        """Quote the next bytes, as long as off <= end; return the index after them."""
        text = self._text
        at = self._at
        stop = self._end
        last = self._last
        while at < stop and off <= end:
            byte = text[at]
            at += 1
            is_line_end = byte == 10 or byte == 13
            if self._space:
                off = self._write(buf, off, self._space, not is_line_end)
                self._space = 0
            if is_line_end:
                if byte == 13 or last != 13:
                    buf[off] = 13
                    buf[off + 1] = 10
                    off += 2
                    self._column = 0
            elif byte == 32 or byte == 9:
                self._space = byte
            else:
                off = self._write(buf, off, byte, 33 <= byte <= 126 and byte != 61)
            last = byte
        self._at = at
        self._last = last
        return off

    def _write(self, buf, off, byte, is_literal):
        width = 1 if is_literal else 3
        if self._column + width > _LINE:
            buf[off : off + 3] = b"=\r\n"
            off += 3
            self._column = 0
        self._column += width
        if is_literal:
            buf[off] = byte
        else:
            buf[off] = 61
            buf[off + 1] = _HEX[byte >> 4]
            buf[off + 2] = _HEX[byte & 15]
        return off + width

    def _finish(self, buf, off):
        self.ended = True
        if self._space:
            off = self._write(buf, off, self._space, False)
        if self._ends_mail and self._column:
            buf[off : off + 2] = b"\r\n"
            off += 2
        return off

    def close(self) -> None:
        """Close the source."""
        if self._source:
            self._source.close()
