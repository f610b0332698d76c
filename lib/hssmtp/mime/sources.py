"""Sources other than files of a known size: bytes, iterators, and files with a text."""

from .. import SourceError, const
from .file_part import FilePart, lines

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterator
    from typing import Any

_UNKNOWN = const(0x20000000)  # bytes: more than any mail has, and a small int on 32 bits


class Pieces:
    """The pieces of an iterator. They can be read only once."""

    def __init__(self, iterator: "Iterator[Any]"):
        self.data: bytes | bytearray | memoryview = b""  # the last piece
        self._iterator = iterator
        self._is_used = False

    def open(self, buffer: bytearray) -> None:
        """Do nothing: pieces need no buffer."""

    def begin(self) -> None:
        """Raise SourceError if pieces were read before."""
        if self._is_used:
            raise SourceError(ValueError("an iterator can be read only once: make a new Message"))

    def fetch(self) -> "int | None":
        """Put the next piece into `data`; return its length, -1 at the end, None if none is ready.

        Raises SourceError if the iterator fails, or yields something else.
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
        """Do nothing: there is no file."""


class TextFile:
    """An open file with a text. Its methods are those of Pieces."""

    def __init__(self, file):
        self.data: memoryview = None  # pyright: ignore[reportAttributeAccessIssue]
        self._file = file

    def open(self, buffer: bytearray) -> None:
        """Reserve the last fifth of the buffer: a byte can become three, plus line ends."""
        self.data = memoryview(buffer)[-(len(buffer) // 5) :]

    def begin(self) -> None:
        """Go to the beginning. Raises SourceError if the file can't seek."""
        if hasattr(self._file, "seek"):
            try:
                self._file.seek(0)
            except Exception as exc:
                raise SourceError(exc)

    def fetch(self) -> "int | None":
        """Read into `data`; return how many bytes, -1 at the end, None if none are ready."""
        try:
            got = self._file.readinto(self.data)
        except Exception as exc:
            raise SourceError(exc)
        return -1 if got == 0 else got

    def close(self) -> None:
        """Do nothing: the application closes its own file."""


class CheckedFile(FilePart):
    """A file of unknown size, or with a stated size that is checked."""

    def __init__(self, source, size: "int | None"):
        super().__init__(source, size)
        self._has_ended = False  # the source is read to its end
        self._probe = bytearray(1)

    def begin(self) -> None:
        """Go to the beginning. Raises SourceError if that is impossible."""
        super().begin()
        self._has_ended = False
        # One byte more than the file has: only the end of the file ends the part.
        self._left = _UNKNOWN if self._size is None else self._left + 1

    def _read(self):
        if self._filled and self._left == self._filled + 1 and not self.blocks:
            return self._read_into(self._probe)  # expect the end
        return super()._read()

    def _end_early(self) -> int:
        if self._size is not None and (self.blocks or self._left != self._filled + 1):
            return super()._end_early()
        self._has_ended = True
        self._left = self._filled
        return self._filled

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write a block to buf; return the index after it, None if nothing is ready."""
        after = super().put(buf, off, end)
        if self.ended and not self._has_ended:
            raise SourceError(OSError("attachment: longer than its size says"))
        return after


class PiecesPart(CheckedFile):
    """The pieces of an iterator, collected in `room`."""

    def __init__(self, pieces: Pieces, size: "int | None"):
        super().__init__(pieces, size)
        self._at = 0  # in the current piece
        self._end = 0

    def _open_file(self):
        """Do nothing: there is no file."""

    def begin(self) -> None:
        """Go to the beginning. Raises SourceError if pieces were read before."""
        self._source.begin()
        super().begin()
        self.cut_short(0)  # no full blocks: only put() can read pieces
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
    """Bytes in memory, encoded from where they are."""

    def _open_file(self):
        """Do nothing: there is no file."""

    def begin(self) -> None:
        """Go to the beginning."""
        super().begin()
        self.cut_short(0)  # no full blocks: there is nothing to read

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write as many lines as fit into buf[0:end]; return the index after them."""
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
