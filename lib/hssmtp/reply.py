"""Server replies (RFC 5321 4.2), parsed as bytes arrive."""

from . import const

# Reply.line: the state of the current line.
_PARTIAL = const(0)
_CONTINUED = const(1)  # "250-": a complete line; more lines of this reply follow
_COMPLETE = const(2)  # "250 ": the last line of the reply
_MALFORMED = const(3)  # not a reply: the rest of the input can't be trusted

# Lines may have any length, since text that does not fit is dropped. Their number has a limit.
_MOST_LINES = const(16384)
_CODE = const(3)  # number of digits; a separator follows


class Reply:
    """One reply at a time: its code, and as much of its text as fits into `size` bytes.

    A space follows the text in the buffer, so that a search for a keyword can include the spaces
    around it.
    """

    def __init__(self, size: int = 256):
        self.text = bytearray(size + 1)
        self.length = 0  # of the text, in bytes
        self.code = 0
        self.line = _COMPLETE
        self.is_first = True  # the current line is the first of its reply
        self.keep = False  # True: do not replace the current text by that of later replies
        self._at = 0  # bytes of this line so far; it stays at 4
        self._lines = 0  # of this reply
        self._code = 0  # of the current line, as far as it is read
        self._is_continued = False  # a hyphen follows the code: more lines follow

    def reset(self) -> None:
        """Prepare for a new connection: drop an incomplete line."""
        self.line = _COMPLETE
        self.keep = False
        self.length = 0
        self.code = 0

    def has_begun(self) -> bool:
        """Whether a part of a reply was read, and the rest is still to come."""
        return self.line == _CONTINUED or self.line == _PARTIAL and self._at > 0

    def feed(self, buf: bytearray, start: int, end: int) -> int:
        """Parse buf[start:end] up to the end of a line; return the index after it."""
        if self.line != _PARTIAL:
            self.is_first = self.line == _COMPLETE
            self.line = _PARTIAL
            self._at = 0
        text = self.text
        size = 0 if self.keep else len(text) - 1
        at = self._at
        while start < end and self.line == _PARTIAL:
            byte = buf[start]
            start += 1
            if not at:
                if self.is_first and (byte == 13 or byte == 10):
                    continue  # skip an empty line before a reply
                self._begin_line()
            if byte == 10:  # LF; the CR before it was skipped
                self._end_line(at)
            elif at < _CODE:
                self._code = self._code * 10 + byte - 48
                at += 1
                if not 48 <= byte <= 57:
                    self.line = _MALFORMED
            elif at == _CODE:
                self._is_continued = byte == 45
                at += 1
                if byte != 45 and byte != 32 and byte != 13:
                    self.line = _MALFORMED
            elif byte != 13 and self.length < size:
                text[self.length] = byte
                self.length += 1
        self._at = at
        return start

    def _begin_line(self):
        if self.is_first:
            self.code = 0
            self._lines = 0
        if not self.keep:
            if self.is_first:
                self.length = 0
            elif 0 < self.length < len(self.text) - 1:  # join lines with a space
                self.text[self.length] = 32
                self.length += 1
        self._code = 0
        self._is_continued = False

    def _end_line(self, at):
        code = self._code
        self._lines += 1
        # RFC 5321 4.2.1: all lines of a reply have the same code.
        is_good = at >= _CODE and 200 <= code <= 599 and self._lines <= _MOST_LINES
        if not is_good or self.code and self.code != code:
            self.line = _MALFORMED
            return
        self.code = code
        if not self.keep:
            self.text[self.length] = 32
        self.line = _CONTINUED if self._is_continued else _COMPLETE
