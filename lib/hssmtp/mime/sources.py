"""Contents that are not files of a known size: bytes, iterators, and files for a text."""

from .. import SourceError, const
from .file_part import FilePart, lines

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterator
    from typing import Any

_UNKNOWN = const(0x20000000)  # bytes: more than any mail has, and a small int on 32 bits


class Pieces:
    """An iterator's pieces, and whether some were taken: it cannot give them again."""

    def __init__(self, iterator: "Iterator[Any]"):
        self.data: bytes | bytearray | memoryview = b""  # the last piece
        self._iterator = iterator
        self._is_used = False

    def open(self, buffer: bytearray) -> None:
        """Pieces need no buffer."""

    def begin(self) -> None:
        """Raises SourceError if pieces were taken."""
        if self._is_used:
            raise SourceError(ValueError("an iterator can be read only once: make a new Message"))

    def fetch(self) -> "int | None":
        """Have the next piece in `data`: its length, -1 at the end, None if none is ready.

        Raises SourceError if the iterator fails, or gives anything else.
        """
        self._is_used = True
        try:
            piece = next(self._iterator)
            if piece is None:
                return None
            if isinstance(piece, str):
                raise TypeError("an iterator gives str, not bytes")
            self.data = memoryview(piece)
        except StopIteration:
            return -1
        except Exception as exc:
            raise SourceError(exc)
        return len(self.data)

    def close(self) -> None:
        """Nothing to close."""


class TextFile:
    """An open file with a text, in the same manner: it is read into the end of the buffer."""

    def __init__(self, file):
        self.data: memoryview = None  # pyright: ignore[reportAttributeAccessIssue]
        self._file = file

    def open(self, buffer: bytearray) -> None:
        """Take a fifth of the buffer: quoted, a byte can become three, and more with line ends."""
        self.data = memoryview(buffer)[-(len(buffer) // 5) :]

    def begin(self) -> None:
        """Go (back) to the beginning."""
        if hasattr(self._file, "seek"):
            try:
                self._file.seek(0)
            except Exception as exc:
                raise SourceError(exc)

    def fetch(self) -> "int | None":
        """Read into `data`: how many bytes, -1 at the end, None if none are ready."""
        try:
            got = self._file.readinto(self.data)
        except Exception as exc:
            raise SourceError(exc)
        return -1 if got == 0 else got

    def close(self) -> None:
        """The file is the application's."""


class CheckedFile(FilePart):
    """A file whose size is stated, and has to be true, or is unknown."""

    def __init__(self, source, size: "int | None"):
        super().__init__(source, size)
        self._has_ended = False  # the source has
        self._probe = bytearray(1)

    def begin(self) -> None:
        """Go (back) to the beginning; raises SourceError if that is impossible."""
        super().begin()
        self._has_ended = False
        self._left = _UNKNOWN if self._size is None else self._left + 1  # only the end ends it

    def _read(self):
        if self._filled and self._left == self._filled + 1 and not self.blocks:
            return self._read_into(self._probe)  # nothing should follow
        return super()._read()

    def _end_early(self) -> int:
        if self._size is not None and (self.blocks or self._left != self._filled + 1):
            return super()._end_early()
        self._has_ended = True
        self._left = self._filled
        return self._filled

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write a block to buf; return the index behind it, None if nothing is ready."""
        after = super().put(buf, off, end)
        if self.ended and not self._has_ended:
            raise SourceError(OSError("attachment: longer than its size says"))
        return after


class PiecesPart(CheckedFile):
    """An iterator's pieces, collected in the room."""

    def __init__(self, pieces: Pieces, size: "int | None"):
        super().__init__(pieces, size)
        self._at = 0  # in the piece
        self._end = 0

    def _open_file(self):
        """There is none."""

    def begin(self) -> None:
        """Go to the beginning; raises SourceError if pieces were taken before."""
        self._source.begin()
        super().begin()
        self.cut_short(0)  # nobody else can read its blocks
        self._at = self._end = 0

    def _read(self):
        pieces = self._source
        if self._at == self._end:
            got = pieces.fetch()
            if got is None or got <= 0:
                return got
            self._at = 0
            self._end = got
        count = min(self._end - self._at, len(self.room) - self._filled)
        piece = pieces.data[self._at : self._at + count]
        self.room[self._filled : self._filled + count] = piece
        self._at += count
        return count


class MemoryPart(FilePart):
    """Bytes in memory, encoded where they are."""

    def _open_file(self):
        """There is none."""

    def begin(self) -> None:
        """Go (back) to the beginning."""
        super().begin()
        self.cut_short(0)  # there is nothing to read

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write as many lines as find room in buf[0:end]; return the index behind them."""
        data = self._source
        size = self._size or 0
        if len(data) < size:  # the application has shortened a bytearray
            self._end_early()
        start = size - self._left
        if self.encode is not lines:
            count = min(self._left, end)
            for at in range(count):  # a slice would allocate
                buf[at] = data[start + at]
            off = count
        else:
            count = min(self._left, end // 78 * 57)
            off = self._encode(data, start, count, buf)
        self._left -= count
        self.ended = self._left == 0
        return off
