"""An SMTP server's side of a session, without a network: it takes everything and keeps nothing.

It runs on CPython and on MicroPython.
"""

_END = b"\r\n.\r\n"


class Session:
    """keywords: what EHLO offers beside STARTTLS. starttls: whether it offers that.

    `wants_tls`: the next bytes are a handshake's; secured() says that it is done. `over`: the
    client has said goodbye. `octets`: how many the last text had.
    """

    def __init__(self, keywords=(), starttls=False):
        self.greeting = b"220 mail.example.com ESMTP\r\n"
        self._keywords = keywords
        self._starttls = starttls
        self._rest = b""  # of what came, what was not understood yet
        self._asked = 0  # answers to AUTH that are still to come
        self._chunk = 0  # bytes of a BDAT that are still to come
        self._in_text = False
        self.wants_tls = False
        self.over = False
        self.octets = 0

    def secured(self):
        self.wants_tls = False
        self._starttls = False

    def receive(self, octets):
        """Take what came, and return what there is to say to it."""
        self._rest += octets
        said = b""
        while self._rest and not self.wants_tls and not self.over:
            if self._in_text:
                reply = self._text()
            elif self._chunk:
                reply = self._bdat()
            else:
                end = self._rest.find(b"\n") + 1
                line = self._rest[:end]
                self._rest = self._rest[end:]
                reply = self._obey(line.strip()) if end else None
            if reply is None:
                break
            said += reply
        return said

    def _obey(self, line):
        if self._asked:
            self._asked -= 1
            return b"334 R28gb24=\r\n" if self._asked else b"235 2.7.0 welcome\r\n"
        words = line.split(b" ")
        verb = words[0].upper()
        if verb == b"EHLO":
            return self._hail()
        if verb == b"STARTTLS" and self._starttls:
            self.wants_tls = True
            return b"220 2.0.0 go ahead\r\n"
        if verb == b"AUTH":
            self._asked = (words[1] == b"LOGIN") + 2 - len(words[1:])
            return b"334 R28gb24=\r\n" if self._asked else b"235 2.7.0 welcome\r\n"
        if verb == b"DATA":
            self._in_text = True
            self.octets = -2
            self._rest = b"\r\n" + self._rest  # the dot may be all there is
            return b"354 go ahead\r\n"
        if verb == b"BDAT":
            self._chunk = self.octets = int(words[1])
            return b"" if self._chunk else b"250 2.0.0 taken\r\n"
        if verb == b"QUIT":
            self.over = True
            return b"221 2.0.0 bye\r\n"
        return b"250 2.0.0 ok\r\n"

    def _hail(self):
        lines = ["mail.example.com"]
        lines.extend(self._keywords)
        if self._starttls:
            lines.append("STARTTLS")
        said = ""
        for line in lines[:-1]:
            said += "250-" + line + "\r\n"
        return (said + "250 " + lines[-1] + "\r\n").encode()

    def _text(self):
        end = self._rest.find(_END)
        if end < 0:
            self.octets += max(len(self._rest) - 4, 0)
            self._rest = self._rest[-4:]
            return None
        self.octets += end + 2
        self._rest = self._rest[end + len(_END) :]
        self._in_text = False
        return b"250 2.0.0 taken\r\n"

    def _bdat(self):
        taken = min(self._chunk, len(self._rest))
        self._chunk -= taken
        self._rest = self._rest[taken:]
        return None if self._chunk else b"250 2.0.0 taken\r\n"
