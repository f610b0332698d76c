"""The extensions that a server offers in reply to EHLO (RFC 5321 2.2), and those a mail uses."""

from . import const

_TYPING = const(0)
if _TYPING:
    from .connection import Output
    from .mime import Message

# The index of a keyword is the number of its bit.
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
_BIT_STARTTLS = const(1)
_BIT_PIPELINING = const(2)
_BIT_SIZE = const(4)
_BIT_8BITMIME = const(8)
_BIT_SMTPUTF8 = const(16)
_BIT_CHUNKING = const(32)
_BIT_BINARYMIME = const(64)
_BIT_DSN = const(128)
_BIT_LIMITS = const(256)

_ERROR_TOO_LARGE = const(12)
_ERROR_UNSUPPORTED = const(14)

_BODIES = (b"", b" BODY=8BITMIME", b" BODY=BINARYMIME")

# A mail of at most this many bytes is sent together with its MAIL and RCPT commands: that saves a
# round trip, and little is wasted if they are refused. Headers with 1,000 recipients fit.
_SMALL_MAIL = const(32768)


class Extensions:
    """The extensions that are offered and not disabled, and how the current mail uses them.

    disabled: a bit for each keyword that is not used although it is offered.
    """

    def __init__(self, disabled: int = 0):
        self._enabled = ~disabled
        self.allows_binarymime = not disabled & _BIT_BINARYMIME
        self.uses_pipelining = False  # send commands before the replies to earlier ones
        self.uses_chunking = False  # send the mail with BDAT
        self.is_small = False  # small enough to be sent together with its commands
        self.missing = ""  # what the mail needs and the server does not offer
        self.learned_limit = 0  # recipients in a transaction; more have ended a connection
        self._body = 0  # index into _BODIES: 7BIT, 8BITMIME or BINARYMIME
        self.forget()

    def forget(self) -> None:
        """Prepare for another reply to EHLO."""
        self._offered = 0
        self.max_size = 0  # bytes of a mail; 0: unknown
        self.max_recipients = self.learned_limit  # in a transaction; 0: unknown

    def offer(self, text: bytearray, end: int) -> None:
        """Take a line of the reply to EHLO: text[:end], in capitals, followed by a space."""
        for place in range(len(_KEYWORDS)):
            if text.startswith(_KEYWORDS[place]):
                keyword = 1 << place & self._enabled
                self._offered |= keyword
                if keyword == _BIT_SIZE:
                    self.max_size = _number(text, 5, end)
                elif keyword == _BIT_LIMITS:
                    at = text.find(b" RCPTMAX=", 0, end)
                    if at > 0:
                        self.max_recipients = _number(text, at + 9, end)

    def offers_starttls(self) -> bool:
        """Whether STARTTLS is offered."""
        return self._offered & _BIT_STARTTLS > 0

    def avoid_chunking(self) -> None:
        """Use neither CHUNKING nor BINARYMIME with this server from now on."""
        self._enabled &= ~(_BIT_CHUNKING | _BIT_BINARYMIME)
        self.uses_chunking = False

    def uses_binarymime(self) -> bool:
        """Whether the current mail is sent with BODY=BINARYMIME."""
        return self._body == 2

    def adapt(self, mail: "Message", buf: bytearray) -> int:
        """Choose extensions and encoding for a mail; return an error if it can't be sent, else 0.

        buf: room to encode in. Nothing is allocated.
        """
        offered = self._offered
        self.uses_pipelining = offered & _BIT_PIPELINING > 0
        self.uses_chunking = offered & _BIT_CHUNKING > 0 and mail.total is not None
        body = 1 if offered & _BIT_8BITMIME else 0
        if self.uses_chunking and offered & _BIT_BINARYMIME:
            body = 2
        self._body = mail.adapt(body, buf)
        if self._body == 1 and not offered & _BIT_8BITMIME:  # BINARYMIME is of no use here
            self._body = mail.adapt(0, buf)
        self.is_small = mail.total is not None and mail.total <= _SMALL_MAIL
        if mail.utf8 and not (offered & _BIT_SMTPUTF8 and offered & _BIT_8BITMIME):
            self.missing = "SMTPUTF8"
            return _ERROR_UNSUPPORTED
        if self.max_size and mail.total is not None and mail.total > self.max_size:
            return _ERROR_TOO_LARGE
        return 0

    def put_mail_parameters(self, out: "Output", mail: "Message") -> None:
        """Append the parameters of MAIL."""
        if self._offered & _BIT_SIZE and mail.total is not None:
            out.put(b" SIZE=")
            out.put_number(mail.total)
        out.put(_BODIES[self._body])
        if mail.utf8:
            out.put(b" SMTPUTF8")
        if self._offered & _BIT_DSN:
            out.put(mail.mail_parameters)

    def put_rcpt_parameters(self, out: "Output", mail: "Message") -> None:
        """Append the parameters of RCPT."""
        if self._offered & _BIT_DSN:
            out.put(mail.rcpt_parameters)


def _number(text, at, end):
    """The decimal number at text[at:end]; 0 if there is none, or it is larger than any mail."""
    number = 0
    while at < end and 48 <= text[at] <= 57 and number < 100000000:
        number = number * 10 + text[at] - 48
        at += 1
    return 0 if at < end and text[at] != 32 else number
