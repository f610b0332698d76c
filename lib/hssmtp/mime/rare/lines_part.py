"""An attached message or multipart, sent as ASCII lines: RFC 2045 6.4 allows no base64."""

import os

from ... import SourceError, const
from .. import Part

_LONGEST_LINE = const(998)  # RFC 5322 2.1.1: bytes, without CR LF
_UNFIT = "attachment: a message has to be lines of up to 998 ASCII characters"


class LinesPart(Part):
    """A source of lines that end in LF or CR LF. All are sent with CR LF.

    source: bytes in memory, a path, or an open binary file that can seek. size: bytes, if stated.
    total: how many bytes put() writes, None if the source may still change.
    """

    def __init__(self, source, size: "int | None", total: "int | None"):
        super().__init__(b"")
        self._source = source
        self._stated_size = size
        self._file = None
        self._room = b""  # _room[_at:_end] is sent next
        self._at = self._end = 0
        self._size = 0  # bytes of the file
        self._left = 0  # bytes that are still to be read
        self._column = 0
        self._has_return = False  # the previous byte was CR
        self._total = total

    def open(self, buffer: bytearray) -> None:
        """Open the file. put() reads it into the end of the buffer, because a byte can become two.

        Raises OSError if it can't be opened.
        """
        source = self._source
        if isinstance(source, (bytes, bytearray, memoryview)):
            self._room = source
            return
        # A fifth, so that doubling dots does not overwrite bytes that put() has left there.
        self._room = memoryview(buffer)[-(len(buffer) // 5) :]
        size = self._stated_size
        if isinstance(source, str):
            status = os.stat(source)
            if status[0] & 0xF000 == 0x4000:
                raise OSError(21, source + " is a directory")  # EISDIR
            if size is None:
                size = status[6]
            source = open(source, "rb")
        elif size is None:
            size = source.seek(0, 2)
        self._file = source
        self._size = size

    def begin(self) -> None:
        """Go to the beginning. Raises SourceError if the file can't seek."""
        if self._file:
            try:
                self._file.seek(0)
            except Exception as exc:
                raise SourceError(exc)
        self._left = self._size
        self._at = 0
        self._end = 0 if self._file else len(self._room)
        self._column = 0
        self._has_return = False
        self.ended = False

    def size(self, buf: bytearray) -> "int | None":
        """Return how many bytes put() writes in all; None if that needs reading the file."""
        return self._total

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[0:end]; return the index after it, None if nothing is ready."""
        if self._file and self._at == self._end and self._left:
            got = self._read()
            if got is None:
                return None
            self._at = 0
            self._end = got
        off = self._copy(buf, end - 2)
        if self._at == self._end and not (self._file and self._left):
            if self._has_return:
                raise SourceError(ValueError(_UNFIT))
            if self._stated_size is not None and self._file and self._read_into(self._room):
                raise SourceError(OSError("attachment: longer than its size says"))
            self.ended = True
        return off

    def _read(self):
        """Read a block; return how many bytes, None if none are ready."""
        got = self._read_into(self._room)
        if got == 0:
            raise SourceError(OSError("attachment: shorter than its size says"))
        if got is None:
            return None
        if got > self._left:
            if self._stated_size is not None:
                raise SourceError(OSError("attachment: longer than its size says"))
            got = self._left  # what was appended after open() is not sent
        self._left -= got
        return got

    def _read_into(self, room):
        try:
            return self._file.readinto(room)  # pyright: ignore[reportOptionalMemberAccess]
        except Exception as exc:
            raise SourceError(exc)

    def _copy(self, buf, last):
        """Copy bytes of `_room` to buf, while the index is at most `last`; return the index."""
        room = self._room
        at = self._at
        end = self._end
        column = self._column
        off = 0
        while at < end and off <= last:
            byte = room[at]
            at += 1
            is_line_end = byte == 10
            is_fit = is_line_end or not self._has_return and 0 < byte < 128
            self._has_return = byte == 13
            if is_line_end:
                buf[off] = 13
                buf[off + 1] = 10
                off += 2
                column = 0
            elif byte != 13:
                is_fit = is_fit and column < _LONGEST_LINE
                buf[off] = byte
                off += 1
                column += 1
            if not is_fit:
                raise SourceError(ValueError(_UNFIT))
        self._at = at
        self._column = column
        return off

    def close(self) -> None:
        """Close the file, if open() has opened it."""
        if self._file and self._file is not self._source:
            try:
                self._file.close()
            except OSError:
                pass  # it was only read, and all that is needed of it is here
        self._file = None
