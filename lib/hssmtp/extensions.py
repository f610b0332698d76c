"""What a server offers in its reply to EHLO, and what MAIL says of it (RFC 5321 2.2)."""

from . import const
from .octets import decimal, number, word

_TYPING = const(0)
if _TYPING:
    from .message import Message

# The keywords; the place of each is its bit.
_KEYWORDS = (
    b"STARTTLS ",  # RFC 3207
    b"PIPELINING ",  # RFC 2920
    b"SIZE ",  # RFC 1870
    b"8BITMIME ",  # RFC 6152
    b"SMTPUTF8 ",  # RFC 6531
    b"CHUNKING ",  # RFC 3030
    b"BINARYMIME ",  # RFC 3030
    b"DSN ",  # RFC 3461
    b"LIMITS ",  # RFC 9422
)
_STARTTLS = const(1)
_PIPELINING = const(2)
_SIZE = const(4)
_8BITMIME = const(8)
_SMTPUTF8 = const(16)
_CHUNKING = const(32)
_BINARYMIME = const(64)
_DSN = const(128)
_LIMITS = const(256)

_TOO_LARGE = const(12)
_UNSUPPORTED = const(14)

_BODIES = (b"", b" BODY=8BITMIME", b" BODY=BINARYMIME")

# A mail of no more octets goes in one flight with its MAIL and RCPTs: a wait less, and it costs
# little if all is refused. A thousand recipients in its headers fit.
_SMALL = const(32768)


class Extensions:
    """The extensions that are offered, and how the mail at hand makes use of them."""

    def __init__(self):
        self.forget()

    def forget(self) -> None:
        """A new session: nothing is offered yet."""
        self.offered = 0
        self.longest = 0  # octets of a mail; 0: no limit is known
        self.recipients = 0  # of a transaction; 0: no limit is known
        self.pipelining = False  # its commands may be sent before the replies to those before
        self.chunked = False  # it goes by BDAT
        self.small = False  # and with them, at once
        self.body = 0  # 7BIT, 8BITMIME or BINARYMIME

    def offer(self, text: bytearray, end: int) -> None:
        """Take a line of the reply to EHLO: text[:end], in capitals, and a space behind it."""
        for i in range(len(_KEYWORDS)):
            if text.startswith(_KEYWORDS[i]):
                self.offered |= 1 << i
                if 1 << i == _SIZE:
                    self.longest = number(text, 5, end)
                elif 1 << i == _LIMITS:
                    at = text.find(b" RCPTMAX=", 0, end)
                    if at > 0:
                        self.recipients = number(text, at + 9, end)

    @property
    def starttls(self) -> bool:
        """Whether STARTTLS is offered."""
        return self.offered & _STARTTLS > 0

    def suit(self, mail: "Message", buffer: bytearray) -> int:
        """Bring a mail into the form that this server takes best: 0, or the error if it can't."""
        self.pipelining = self.offered & _PIPELINING > 0
        self.chunked = self.offered & _CHUNKING > 0 and mail.total is not None
        body = 1 if self.offered & _8BITMIME else 0
        if self.chunked and self.offered & _BINARYMIME:
            body = 2
        self.body = mail.suit(body, buffer)
        if self.body == 1 and not self.offered & _8BITMIME:  # of BINARYMIME it would have no use
            self.body = mail.suit(0, buffer)
        self.small = mail.total is not None and mail.total <= _SMALL
        if mail.utf8 and not (self.offered & _SMTPUTF8 and self.offered & _8BITMIME):
            return _UNSUPPORTED
        if self.longest and mail.total is not None and mail.total > self.longest:
            return _TOO_LARGE
        return 0

    def mail(self, buf: bytearray, at: int, mail: "Message") -> int:
        """Write the parameters of MAIL to buf[at:]; return the index behind them."""
        if self.offered & _SIZE and mail.total is not None:
            at = decimal(buf, word(buf, at, b" SIZE="), mail.total)
        at = word(buf, at, _BODIES[self.body])
        if mail.utf8:
            at = word(buf, at, b" SMTPUTF8")
        return word(buf, at, mail.mail_parameters) if self.offered & _DSN else at

    def rcpt(self, buf: bytearray, at: int, mail: "Message") -> int:
        """Write those of RCPT."""
        return word(buf, at, mail.rcpt_parameters) if self.offered & _DSN else at
