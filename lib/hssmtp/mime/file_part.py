"""A file as a part of a mail, in base64 (RFC 2045 6.8).

Viper code encodes the lines, where the runtime can load it.
"""
# The viper encoder's pointers are not Python types.
# pyright: reportCallIssue=false

import os

from .. import SourceError
from . import Part
from .base64 import encode


def _lines(src: "bytes | bytearray | memoryview", start: int, n: int, dst: bytearray) -> int:
    """Encode n bytes of src[start:], a multiple of 57, to lines in dst[0:]; return their end."""
    return encode(src, start, n, dst, 0, 0)


try:
    from ._viper import lines as lines  # pyright: ignore[reportUnusedImport]
except (ImportError, SyntaxError, ValueError):  # missing, not parsed here, for another processor
    try:
        from ._cpython import lines as lines
    except ImportError:
        lines = _lines


class FilePart(Part):
    """A file in base64. It is read into `room`, the end of the buffer, and encoded to the front.

    source: a path, or an open binary file that can seek. sources.py has other sources.

    As long as `blocks` is above 0, a block can be sent without put(), which is faster: call
    read(room), which has to fill it, then encode(room, 0, len(room), buffer). If read() does not
    fill it, call cut_short().
    """

    dots = False  # no base64 line begins with a dot

    def __init__(self, source, size: "int | None" = None):
        super().__init__(b"")
        self.room: memoryview = None  # pyright: ignore[reportAttributeAccessIssue]
        self.read = None
        self.encode = lines
        self.blocks = 0
        self.binary = None  # set by labels.py, to send the part without encoding
        self._source = source
        self._file = None
        self._stated_size = size
        self._size: int | None = size
        self._left = 0  # bytes after the full blocks
        self._filled = 0  # bytes in `room`, while a block is not full

    def open(self, buffer: bytearray) -> None:
        """Open the file, and get its size: what is appended later is not sent.

        Raises OSError if it can't be opened.
        """
        end = len(buffer) - 5  # room for the line that ends the mail
        self.room = memoryview(buffer)[end - end // 78 * 57 : end]
        self.binary = None
        self.encode = lines
        self._open_file()

    def _open_file(self):
        size = self._stated_size
        source = self._source
        if isinstance(source, str):
            status = os.stat(source)
            if status[0] & 0xF000 == 0x4000:
                raise OSError(21, source + " is a directory")  # EISDIR
            if size is None:
                size = status[6]
            source = open(source, "rb")
        elif size is None and hasattr(source, "seek"):
            size = source.seek(0, 2)
        self._file = source
        self._size = size
        self.read = source.readinto

    def begin(self) -> None:
        """Go to the beginning. Raises SourceError if the file can't seek."""
        if hasattr(self._file, "seek"):
            try:
                self._file.seek(0)  # pyright: ignore[reportOptionalMemberAccess]
            except Exception as exc:
                raise SourceError(exc)
        size = self._size or 0
        self.blocks = size // len(self.room)
        self._left = size % len(self.room)
        self._filled = 0
        self.ended = False

    def adapt(self, body: int) -> int:
        """Use the widest form that `body` allows; return the body that this form needs."""
        return self.binary.adapt(self, body) if self.binary else 0

    def size(self, buf: bytearray) -> "int | None":
        """Return how many bytes put() writes in all; None if that is unknown."""
        size = self._size
        if size is None or self.encode is not lines:
            return size
        return (size + 2) // 3 * 4 + (size + 56) // 57 * 2

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write a block to buf; return the index after it, None if nothing is ready.

        off, end: not used, because a block always fits. Return 0 while the block is not full: that
        can take several reads, and each call makes one.
        """
        room = self.room
        count = len(room) if self.blocks else min(self._left, len(room))
        if self._filled < count:
            got = self._read()
            if got is not None and got < 0:
                count = self._end_early()
            elif got is None or self._filled + got < count:
                self.cut_short(self._filled + (got or 0))
                return None if got is None else 0
        self._filled = 0
        if self.blocks:
            self.blocks -= 1
        else:
            self._left -= count
            self.ended = self._left == 0
        return self._encode(room, 0, count, buf)

    def _encode(self, data, start, count, buf):
        rest = count % 57 if self.encode is lines else 0
        whole = count - rest
        off = self.encode(data, start, whole, buf)
        if rest:  # the last line is not full
            off = encode(data, start + whole, rest, buf, off, -1)
            buf[off : off + 2] = b"\r\n"
            off += 2
        return off

    def _read(self):
        """Read into the rest of `room`; return a count, -1 at the end, None if none are ready."""
        room = self.room
        # A slice is allocated only if the file has returned less than it was asked for.
        return self._read_into(room[self._filled :] if self._filled else room)

    def _read_into(self, room):
        try:
            got = self.read(room)  # pyright: ignore[reportOptionalCall]
        except Exception as exc:
            raise SourceError(exc)
        return -1 if got == 0 else got

    def _end_early(self) -> int:
        """Handle a file that ends before its size; return how many bytes the last block has."""
        raise SourceError(OSError("attachment: shorter than its size says"))

    def cut_short(self, got: "int | None") -> None:
        """Take a block that read() has not filled: `got` bytes. put() continues after them."""
        self._left += self.blocks * len(self.room)
        self.blocks = 0
        self._filled = got or 0

    def close(self) -> None:
        """Close the file, if open() has opened it."""
        if self._file and self._file is not self._source:
            try:
                self._file.close()
            except OSError:
                pass  # it was only read, and all that is needed of it is here
        self._file = self.read = None
