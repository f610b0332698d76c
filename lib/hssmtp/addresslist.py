"""AddressList: recipients from a file, never in memory all at once."""

from . import const
from .lines import Lines

_LONGEST = const(254)  # RFC 5321 4.5.3.1.3, less the angle brackets
_BAD = const(-2)


class AddressList:
    """The addresses in a file, one a line; empty lines and those that begin with "#" don't count.

    path: a text file of plain ASCII addresses without names. It is opened for each mail anew.
    A line that is no address is told of as a refused recipient ("crew.txt:17"), and counted in
    `bad`; `bad_line` is the last one's number.
    """

    def __init__(self, path: str):
        self.path = path
        self.bad = 0
        self.bad_line = 0
        self.open().close()  # a missing file raises OSError now and not at night

    def open(self) -> "_Lines":
        """Begin to read it."""
        self.bad = 0
        return _Lines(self, open(self.path, "rb"))


class _Lines:
    """A list being read: the address at hand is line[:next()]."""

    def __init__(self, owner, file):
        self.owner = owner
        self._file = file
        self._chunk = bytearray(64)
        self.line = bytearray(_LONGEST)
        self._spare = bytearray(_LONGEST)
        self._at = self._end = 0
        self.place = self.number = 0  # how many octets and lines have been read

    def go(self, place: int, number: int) -> None:
        """Read on from octet `place`, behind so many lines."""
        self._file.seek(place)
        self._at = self._end = 0
        self.place = place
        self.number = number

    def next(self) -> int:
        """The length of the next address; 0 for a line that is none, -1 at the end of the file."""
        n = 0
        while not n:
            n = self._read()
        return n if n != _BAD else 0

    def swap(self) -> None:
        """Leave the line at hand as it is: the next one goes elsewhere."""
        line = self.line
        self.line = self._spare
        self._spare = line

    def _read(self):
        """One line: its address's length, 0 without, _BAD if it is none, -1 at the file's end."""
        line = self.line
        n = 0
        at_sign = 0
        good = True
        spaced = False
        octet = -1
        while octet != 10:
            if self._at == self._end:
                self._at = 0
                self._end = self._file.readinto(self._chunk) or 0
                if not self._end:
                    if octet < 0:
                        return -1
                    break  # the last line may lack its end
            octet = self._chunk[self._at]
            self._at += 1
            self.place += 1
            if octet == 32 or 9 <= octet <= 13:
                spaced = n > 0
            elif spaced or n == _LONGEST or not 33 <= octet <= 126 or octet == 60 or octet == 62:
                good = False  # a space within, too long, a control, beyond ASCII, "<" or ">"
            else:
                if octet == 64:
                    at_sign = n
                line[n] = octet
                n += 1
        self.number += 1
        if not n and good or n and line[0] == 35:
            return 0
        return n if good and 0 < at_sign < n - 1 else _BAD

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Field(Lines):
    """The header that names a list's addresses (RFC 5322 3.6.3), one a line."""

    def __init__(self, field: str, addresses: AddressList):
        self._lines = addresses.open()
        self._name = (field + ": ").encode()
        super().__init__(b"")
        self.begin()

    def begin(self) -> None:
        """Go (back) to the beginning."""
        self._lines.go(0, 0)
        self._before = self._name
        self.ended = False
        self._next()

    def _next(self):
        self._length = 0
        while not self._length:  # a line that is no address: the envelope tells of it
            self._length = self._lines.next()

    def size(self, buf: bytearray) -> None:
        """Unknown: only reading the file could tell."""

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write to buf[off:end]; return the index behind what was written."""
        while self._length >= 0 and off + len(self._before) + self._length + 2 <= end:
            to = off + len(self._before)
            buf[off:to] = self._before
            self._before = b",\r\n "
            for at in range(self._length):  # a slice would allocate
                buf[to] = self._lines.line[at]
                to += 1
            off = to
            self._next()
            if self._length < 0:
                buf[off : off + 2] = b"\r\n"
                off += 2
        self.ended = self._length < 0
        return off

    def close(self) -> None:
        """Close the file."""
        self._lines.close()
