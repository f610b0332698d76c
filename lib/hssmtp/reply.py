"""Server replies (RFC 5321 4.2), parsed as octets arrive."""

from . import const

# What feed() knows of the line it is in.
_PARTIAL = const(0)
_CONTINUED = const(1)  # "250-": a whole line, more of this reply follow
_COMPLETE = const(2)  # "250 ": the last line of the reply
_MALFORMED = const(3)  # no reply at all: nothing that follows can be trusted

# RFC 5321 4.5.3.1.5 allows 512 octets. Who sends four times that is no SMTP server.
_LONGEST_LINE = const(2048)
_NEVER = const(9999)


class Reply:
    """One reply at a time: its code, and as much of its text as `size` octets hold.

    Behind the text stands a space, so that a keyword can be looked for with a space at either end.
    """

    def __init__(self, size: int = 256):
        self.text = bytearray(size + 1)
        self.length = 0  # octets of text at hand
        self.code = 0
        self.line = _COMPLETE
        self.keep = False  # True: the text at hand stays, whatever else comes
        self._at = 0  # octets of this line so far
        self._code = 0  # its code so far
        self._more = False  # it had a hyphen behind the code

    def reset(self) -> None:
        """A new connection: forget a line that was cut off."""
        self.line = _COMPLETE
        self.keep = False
        self.length = 0
        self.code = 0

    def feed(self, buf: bytearray, start: int, end: int) -> int:
        """Take octets of buf[start:end], up to a line's end; return the index behind them."""
        if self.line != _PARTIAL:
            self._begin()
        text = self.text
        size = 0 if self.keep else len(text) - 1
        at = self._at
        while start < end and self.line == _PARTIAL:
            octet = buf[start]
            start += 1
            if octet == 10:  # LF; the CR before it was passed over
                self._end(at)
            elif at < 3:
                self._code = self._code * 10 + octet - 48
                if not 48 <= octet <= 57:
                    at = _NEVER
            elif at == 3:
                self._more = octet == 45
                if octet != 45 and octet != 32 and octet != 13:
                    at = _NEVER
            elif octet != 13 and self.length < size:
                text[self.length] = octet
                self.length += 1
            at += 1
            if at > _LONGEST_LINE:
                self.line = _MALFORMED
        self._at = at
        return start

    def _begin(self):
        if not self.keep:
            if self.line == _COMPLETE:
                self.length = 0
            elif 0 < self.length < len(self.text) - 1:  # lines are joined by a space
                self.text[self.length] = 32
                self.length += 1
        # A reply has one code, RFC 5321 4.2.1: 0 says that any may come.
        if self.line == _COMPLETE:
            self.code = 0
        self.line = _PARTIAL
        self._at = 0
        self._code = 0
        self._more = False

    def _end(self, at):
        code = self._code
        if at < 3 or not 200 <= code <= 599 or self.code and self.code != code:
            self.line = _MALFORMED
            return
        self.code = code
        if not self.keep:
            self.text[self.length] = 32
        self.line = _CONTINUED if self._more else _COMPLETE
