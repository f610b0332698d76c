"""Server replies (RFC 5321 4.2), parsed as bytes arrive."""

from . import const

# Reply.line: what is known of the line at hand.
_PARTIAL = const(0)
_CONTINUED = const(1)  # "250-": a whole line; more lines of this reply follow
_COMPLETE = const(2)  # "250 ": the last line of the reply
_MALFORMED = const(3)  # not a reply: nothing that follows can be trusted

# RFC 5321 4.5.3.1.5 allows 512 octets. A server that sends four times that is no SMTP server.
_LONGEST_LINE = const(2048)
_NOT_A_REPLY = const(9999)  # for `at`: beyond the longest line


class Reply:
    """One reply at a time: its code, and as much of its text as `size` bytes hold.

    A space follows the text in the buffer, so that a keyword can be searched for together with the
    spaces around it.
    """

    def __init__(self, size: int = 256):
        self.text = bytearray(size + 1)
        self.length = 0  # of the text, in bytes
        self.code = 0
        self.line = _COMPLETE
        self.is_first = True  # the line at hand is the first of its reply
        self.keep = False  # True: the text at hand stays, whatever else is received
        self._at = 0  # bytes of this line so far
        self._code = 0  # its code so far
        self._is_continued = False  # a hyphen follows the code

    def reset(self) -> None:
        """Prepare for a new connection: forget a line that was cut off."""
        self.line = _COMPLETE
        self.keep = False
        self.length = 0
        self.code = 0

    def feed(self, buf: bytearray, start: int, end: int) -> int:
        """Parse buf[start:end] up to the end of a line; return the index behind it."""
        if self.line != _PARTIAL:
            self._begin_line()
        text = self.text
        size = 0 if self.keep else len(text) - 1
        at = self._at
        while start < end and self.line == _PARTIAL:
            byte = buf[start]
            start += 1
            if byte == 10:  # LF; the CR before it was passed over
                self._end_line(at)
            elif at < 3:
                self._code = self._code * 10 + byte - 48
                if not 48 <= byte <= 57:
                    at = _NOT_A_REPLY
            elif at == 3:
                self._is_continued = byte == 45
                if byte != 45 and byte != 32 and byte != 13:
                    at = _NOT_A_REPLY
            elif byte != 13 and self.length < size:
                text[self.length] = byte
                self.length += 1
            at += 1
            if at > _LONGEST_LINE:
                self.line = _MALFORMED
        self._at = at
        return start

    def _begin_line(self):
        self.is_first = self.line == _COMPLETE
        if self.is_first:
            self.code = 0
        if not self.keep:
            if self.is_first:
                self.length = 0
            elif 0 < self.length < len(self.text) - 1:  # lines are joined by a space
                self.text[self.length] = 32
                self.length += 1
        self.line = _PARTIAL
        self._at = 0
        self._code = 0
        self._is_continued = False

    def _end_line(self, at):
        code = self._code
        # RFC 5321 4.2.1: all lines of a reply have the same code.
        if at < 3 or not 200 <= code <= 599 or self.code and self.code != code:
            self.line = _MALFORMED
            return
        self.code = code
        if not self.keep:
            self.text[self.length] = 32
        self.line = _CONTINUED if self._is_continued else _COMPLETE
