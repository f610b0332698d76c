"""AddressList: recipients from a file, which is never in memory as a whole."""

from .. import SourceError, const
from ..mime import Part

_LONGEST = const(254)  # RFC 5321 4.5.3.1.3, less the angle brackets
_END = const(-1)
_BAD = const(-2)


class AddressList:
    """Recipients from a file, one address per line, in any number.

        crew = hssmtp.AddressList("crew.txt")
        mail = hssmtp.Message("boiler@example.com", bcc=crew, text="Too hot.")

    path: a text file of plain ASCII addresses without names. Empty lines, and lines that begin
        with "#", are ignored. Each mail opens the file anew.

    An invalid line is reported as a refused recipient ("crew.txt:17") and counted in `bad`;
    `bad_line` is the number of the last one.

    Raises OSError if the file can't be opened, TypeError if `path` is not a str.
    """

    def __init__(self, path: str):
        if not isinstance(path, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("path: not a str")
        self.path = path
        self.bad = 0
        self.bad_line = 0
        self.open().close()  # a missing file raises OSError now, and not with the first mail

    def open(self) -> "_Reader":
        """Return a reader at the beginning of the file. Raises OSError if it can't be opened."""
        self.bad = 0
        return _Reader(self, open(self.path, "rb"))


class _Reader:
    """A reader of a list's file. next() returns a length: the address is line[:length]."""

    def __init__(self, owner, file):
        self.owner = owner
        self._file = file
        self._block = bytearray(64)
        self._at = self._end = 0  # _block[_at:_end] is read next
        self.line = bytearray(_LONGEST)
        self._spare_line = bytearray(_LONGEST)
        self.offset = self.number = 0  # bytes and lines that were read

    def seek(self, offset: int, number: int) -> None:
        """Go to a byte of the file, after `number` lines. Raises SourceError if that fails."""
        try:
            self._file.seek(offset)
        except Exception as exc:
            raise SourceError(exc)
        self._at = self._end = 0
        self.offset = offset
        self.number = number

    def next(self) -> int:
        """Read the next address; return its length, 0 for an invalid line, -1 at the end."""
        length = 0
        while not length:
            length = self._read_line()
        return length if length != _BAD else 0

    def keep_line(self) -> None:
        """Keep the current line: the next one is read into other memory."""
        line = self.line
        self.line = self._spare_line
        self._spare_line = line

    def _read_line(self):
        """Read a line; return the address's length, 0 for a line to ignore, _BAD, or _END."""
        line = self.line
        length = 0
        at_sign = 0
        is_good = True
        has_space = False
        byte = -1
        while byte != 10:
            if self._at == self._end and not self._read_block():
                if byte < 0:
                    return _END
                break  # the last line may lack its end
            byte = self._block[self._at]
            self._at += 1
            self.offset += 1
            if byte == 32 or 9 <= byte <= 13:
                has_space = length > 0
            elif has_space or length == _LONGEST or not 33 <= byte <= 126:
                is_good = False  # a space inside, too long, a control character, or not ASCII
            elif byte == 60 or byte == 62:
                is_good = False  # "<" or ">"
            else:
                if byte == 64:
                    at_sign = length
                line[length] = byte
                length += 1
        self.number += 1
        if not length and is_good or length and line[0] == 35:  # empty, or "#"
            return 0
        return length if is_good and 0 < at_sign < length - 1 else _BAD

    def _read_block(self):
        """Read the next block of the file; return False at its end."""
        self._at = 0
        try:
            self._end = self._file.readinto(self._block) or 0
        except Exception as exc:
            raise SourceError(exc)
        return self._end > 0

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:
            pass  # it was only read, and all that is needed of it is here


class Field(Part):
    """The header field with a list's addresses (RFC 5322 3.6.3), one per line."""

    def __init__(self, name: str, addresses: AddressList):
        super().__init__(b"")
        self._addresses = addresses
        self._name = (name + ": ").encode()
        self._before = self._name  # what precedes the current address
        self._length = 0  # of the current address; 0: not read yet, -1: after the last one
        self._reader = None

    def open(self, buffer: bytearray) -> None:
        """Open the file. Raises OSError if it can't be opened."""
        self._reader = self._addresses.open()

    def begin(self) -> None:
        """Go to the beginning."""
        self._reader.seek(0, 0)
        self._before = self._name
        self._length = 0
        self.ended = False

    def size(self, buf: bytearray) -> None:
        """Return None, for unknown: that needs reading the file."""

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write to buf[off:end]; return the index after what was written."""
        if not self._length:
            self._read()
        while self._length >= 0 and off + len(self._before) + self._length + 2 <= end:
            after = off + len(self._before)
            buf[off:after] = self._before
            self._before = b",\r\n "
            line = self._reader.line
            off = after + self._length
            for at in range(self._length):  # a slice of the line would allocate
                buf[after + at] = line[at]
            self._read()
            if self._length < 0:
                buf[off : off + 2] = b"\r\n"
                off += 2
        self.ended = self._length < 0
        return off

    def _read(self):
        """Read the next address. ListRecipients reports invalid lines."""
        self._length = 0
        while not self._length:
            self._length = self._reader.next()

    def close(self) -> None:
        """Close the file."""
        if self._reader:
            self._reader.close()
