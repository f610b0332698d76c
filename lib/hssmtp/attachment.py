"""Attachment: a file, octets or an iterator, in base64 on its way out (RFC 2045 6.8)."""
# The viper encoder's pointers are no types of Python's.
# pyright: reportCallIssue=false

import os

from . import const
from .base64 import encode, lines
from .headers import check, parameter
from .lines import Lines

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterable
    from typing import Any, BinaryIO

# Of what devices send. For the rest the application names the type, or it goes as octets.
_TYPES = (
    "txt text/plain log text/plain csv text/csv html text/html json application/json"
    " jpg image/jpeg jpeg image/jpeg png image/png gif image/gif bmp image/bmp"
    " pdf application/pdf zip application/zip wav audio/wav"
)


_BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"
_BINARY = b"Content-Transfer-Encoding: binary\r\n\r\n"


class Attachment:
    """What goes along with a mail.

    source: a path, octets, an open binary file (read from its beginning), or an iterator of
        octets; one that gives None has nothing ready, and the mail pauses until Client.resume().
    name: as the receiver is to see it; None: the last part of a path.
    content_type: None: guessed from the name.
    content_id: "logo" is what the HTML text shows by <img src="cid:logo">.
    size: octets. A source that gives more or less makes the mail fail with ERROR_SOURCE. None: a
        path is asked for it by send_mail; what is appended to the file after that stays behind.

    Raises ValueError for a control character in a string, or a size that can't be true.
    """

    def __init__(
        self,
        source: "str | bytes | BinaryIO | Iterable[bytes | None]",
        name: "str | None" = None,
        content_type: "str | None" = None,
        content_id: "str | None" = None,
        size: "int | None" = None,
    ):
        if isinstance(source, str):
            if not source:
                raise ValueError("attachment: an empty path")
            if name is None:
                name = source.replace("\\", "/").split("/")[-1]
        elif isinstance(source, (bytes, bytearray, memoryview)):
            if size is not None and size != len(source):
                raise ValueError("attachment: its size is " + str(len(source)))
        elif not hasattr(source, "readinto"):
            source = Pieces(source)  # pyright: ignore[reportAssignmentType]
        content_type = content_type or _guess(name or "")
        for word in content_type, content_id or "-":
            if len(check(word, "attachment").encode()) > len(word) or word.strip("<> ") != word:
                raise ValueError("attachment: not a content type or id: " + word)
        self.source = source
        self.name = name and check(name, "attachment name")
        self.content_type = content_type
        self.content_id = content_id
        self.size = size

    def header(self) -> str:
        """The headers of its part, but the one that names its encoding."""
        head = "Content-Type: " + self.content_type + "\r\nContent-Disposition: "
        head += "inline" if self.content_id else "attachment"
        if self.name:
            head += parameter("filename", self.name)
        if self.content_id:
            head += "\r\nContent-ID: <" + self.content_id + ">"
        return head + "\r\n"

    def open(self, buffer: bytearray) -> "Base64":
        """Its octets, encoded. Raises OSError for a file that is missing."""
        size = len(buffer) - 5  # the dot that ends the mail, and the line end before it
        raw = size // 78 * 57
        view = memoryview(buffer)
        return Base64(Source(self.source, self.size, view[size - raw : size]), view[:size])


def _guess(name):
    types = _TYPES.split()
    ending = name.lower().split(".")[-1]
    guess = "application/octet-stream"
    if ending in types:
        guess = types[types.index(ending) + 1]
    return guess + "; charset=utf-8" if guess.startswith("text/") else guess


class Pieces:
    """What an iterator gives, and whether it has given some: it can't give that again."""

    def __init__(self, source):
        self._iterator = iter(source)  # TypeError for what is no source at all
        self.used = False

    def next(self) -> "bytes | None":
        """Hand out the next piece; raises StopIteration at the end."""
        self.used = True
        return next(self._iterator)


class Source:
    """Octets from anywhere, as data[pos:end]; a file's are read into `room`."""

    def __init__(self, source, size: "int | None", room: memoryview):
        self.room = room
        self._exact = size is not None
        self.file = None
        self._pieces = None
        self._owned = isinstance(source, str)
        if self._owned:
            stat = os.stat(source)
            if stat[0] & 0xF000 == 0x4000:
                raise OSError(21, source + " is a directory")  # EISDIR
            if not self._exact:
                size = stat[6]
            source = open(source, "rb")
        if hasattr(source, "readinto"):
            self.file = source
            if size is None and hasattr(source, "seek"):
                size = source.seek(0, 2)
        elif isinstance(source, Pieces):
            self._pieces = source
        else:
            size = len(source)
        self.size: int | None = size  # octets in all, None if unknown
        self.data: bytes | bytearray | memoryview = source  # pyright: ignore[reportAttributeAccessIssue]
        self.begin()

    def begin(self) -> None:
        """Go (back) to the beginning. Raises ValueError where an iterator has gone already."""
        self.pos = 0
        self.end = 0
        self.left = self.size  # octets still to come, None if unknown
        if self.file:
            if hasattr(self.file, "seek"):
                self.file.seek(0)
        elif not self._pieces:
            self.end = len(self.data)
            self.left = 0
            self._exact = False
        elif self._pieces.used:
            raise ValueError("an iterator goes but once: make the Message anew")

    def is_at_its_end(self) -> bool:
        """Whether nothing is at hand, nor to come; where only a look could tell, that is no."""
        return self.pos == self.end and self.left == 0 and not self._exact

    def fill(self) -> "int | None":
        """Have more at hand: their number, -1 at the end, None while none are ready.

        Raises OSError where there is more or less than the size says.
        """
        if self.is_at_its_end():
            return -1
        if self.file:
            got = self.file.readinto(self.room)
            return self.take(self.room, -1 if got == 0 else got)
        try:
            piece = self._pieces.next()
        except StopIteration:
            return self.take(b"", -1)
        return None if piece is None else self.take(piece, len(piece))

    def take(self, data: "bytes | bytearray | memoryview", got: "int | None") -> "int | None":
        """Have data[:got] at hand, what fill() says of it."""
        if got is None:
            return None
        if self.left is not None:
            if got > self.left:
                if self._exact:
                    raise OSError("attachment: longer than its size says")
                got = self.left
            elif got < 0 < self.left:
                raise OSError("attachment: shorter than its size says")
            if got > 0:
                self.left -= got
        self.data = data
        self.pos = 0
        self.end = got if got > 0 else 0
        return got

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._owned:
            self.file.close()


def _as_it_is(src, start: int, n: int, dst) -> int:
    """For base64.lines, where the octets are read to where they leave from."""
    return n


class Base64(Lines):
    """A part in base64, on its way out of a source in the target's own tail, or elsewhere.

    To a server that takes BINARYMIME it goes as it is, a file's octets right into `front`.
    `label` is the header that says which. A file's `blocks` can be had by put(), or else: read
    `room` full, encode(room, 0, its length, the buffer); if it doesn't get full: cut_short().
    """

    dots = False  # no line begins with one
    unfinished = False

    def __init__(self, source: Source, front: memoryview):
        self._source = source
        self._tail = source.room
        self._front = front
        self._held = bytearray(3)  # octets for which there is no third yet
        self._as_it_is = False
        self.label = Lines(_BASE64)
        super().__init__(b"")
        self.alone = True  # it wants the tail for the source, too
        self.read: Any = source.file.readinto if source.file else None
        self.encode = lines
        self.begin()

    def begin(self) -> None:
        """Go (back) to the beginning; ValueError where an iterator has gone already."""
        source = self._source
        source.begin()
        self._holds = 0
        self._column = 0
        self.ended = False
        self.room = source.room
        self.blocks = 0
        if source.file and source.left:
            self.blocks = source.left // len(self.room)
            source.left %= len(self.room)

    def suit(self, body: int) -> int:
        """Take the widest form that a body of 7BIT, 8BITMIME or BINARYMIME may have: which."""
        self._as_it_is = body == 2
        self.label.data = _BINARY if self._as_it_is else _BASE64
        self._source.room = self._front if self._as_it_is else self._tail
        self.encode = _as_it_is if self._as_it_is else lines
        self.begin()
        return 2 if self._as_it_is else 0

    def size(self, buf: bytearray) -> "int | None":
        """How many octets put() will write in all, None if that is unknown."""
        size = self._source.size
        if size is None or self._as_it_is:
            return size
        size = (size + 2) // 3 * 4
        return size + (size + 75) // 76 * 2

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[0:end]; return the index behind that, None if nothing is ready."""
        if self.blocks:
            got = self.read(self.room)
            if got == len(self.room):
                self.blocks -= 1
                return self.encode(self.room, 0, got, buf)
            self.cut_short(got)
        source = self._source
        left = source.end - source.pos
        if not left:
            left = source.fill()
            if left is None:
                return None
            if left < 0:
                return self._finish(buf, 0)
        if self._as_it_is:
            off = self._copy(buf, end)
        elif self._holds or self._column:
            off = self._mend(buf)
        elif left < 57:
            off = self._encode(buf, 0, left)
        else:
            whole = min(left, end // 78 * 57)
            whole -= whole % 57
            off = lines(source.data, source.pos, whole, buf)
            source.pos += whole
        return self._finish(buf, off) if source.is_at_its_end() else off

    def cut_short(self, got: "int | None") -> None:
        """A file that gave so many octets where a block was asked for: put() goes on with them."""
        source = self._source
        source.left += self.blocks * len(self.room)  # pyright: ignore[reportOperatorIssue]
        self.blocks = 0
        if got:
            source.take(self.room, got)

    def _copy(self, buf, end):
        source = self._source
        data = source.data
        pos = source.pos
        end = min(end, source.end - pos)
        source.pos = pos + end
        if pos or data is not self._front:  # else they are where they belong
            for off in range(end):  # a slice would allocate
                buf[off] = data[pos]
                pos += 1
        return end

    def _mend(self, buf):
        """Go on within a triple or a line, as far as its end."""
        source = self._source
        while self._holds and source.pos < source.end:
            self._held[self._holds] = source.data[source.pos]
            self._holds += 1
            source.pos += 1
            if self._holds == 3:
                self._holds = 0
                off = encode(self._held, 0, 3, buf, 0, self._column)
                self._column = (self._column + 4) % 76
                return self._encode(buf, off, (76 - self._column) % 76 // 4 * 3)
        return self._encode(buf, 0, (76 - self._column) % 76 // 4 * 3)

    def _encode(self, buf, off, n):
        """Encode up to n octets of the source; hold back what is less than a triple at its end."""
        source = self._source
        left = source.end - source.pos
        n = min(n, left) // 3 * 3
        off = encode(source.data, source.pos, n, buf, off, self._column)
        self._column = (self._column + n // 3 * 4) % 76
        source.pos += n
        if left - n < 3:
            while source.pos < source.end:
                self._held[self._holds] = source.data[source.pos]
                self._holds += 1
                source.pos += 1
        return off

    def _finish(self, buf, off):
        self.ended = True
        off = encode(self._held, 0, self._holds, buf, off, -1)
        if self._column or self._holds:
            buf[off : off + 2] = b"\r\n"
            off += 2
        return off

    def close(self) -> None:
        """Close the source."""
        self._source.close()
