"""Message: headers and parts (RFC 5322, 2045), produced as a stream of octets."""

import os
import time
from binascii import hexlify

from . import const
from .envelope import Envelope
from .headers import addresses, date, field_name, mailbox, unstructured
from .lines import Lines
from .text import text_part

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    from .addresslist import AddressList
    from .attachment import Attachment

_CLOCK_SET = const(2024)  # the year: no clock that is set shows an earlier one

# Headers that Message writes itself, and Bcc, that nobody writes.
_OWN = (
    "from to cc bcc reply-to subject date message-id mime-version content-type"
    " content-transfer-encoding"
)


class Message:
    """A mail: who writes to whom, the text, and what goes with it.

    sender, reply_to: "Name <address>" or a plain address.
    to, cc, bcc: one such string, an iterable of them, or an AddressList.
    text, html: str, UTF-8 octets, an open binary file, or an iterator of octets.
    attachments: Attachments, or paths.
    headers: further header fields, a dict of strings.
    notify, envelope_id: what delivery status notifications (DSN, RFC 3461) are wanted, "never" or
        some of "success failure delay", and what they are to name. Servers without DSN get none.

    Raises ValueError for a bad address or what no mail may hold (a control character in a header).
    The Message-ID is made once: whoever gets the mail twice can tell (RFC 5322 3.6.4).
    """

    def __init__(
        self,
        sender: str,
        to: "str | Iterable[str] | AddressList" = (),
        cc: "str | Iterable[str] | AddressList" = (),
        bcc: "str | Iterable[str] | AddressList" = (),
        subject: str = "",
        text: "str | bytes | BinaryIO | Iterable[bytes | None]" = "",
        html: "str | bytes | BinaryIO | Iterable[bytes | None] | None" = None,
        attachments: "Iterable[Attachment | str]" = (),
        reply_to: "str | None" = None,
        headers: "dict[str, str] | None" = None,
        notify: "str | None" = None,
        envelope_id: "str | None" = None,
    ):
        name, self.sender = mailbox(sender)
        # Both in one piece, and nothing kept beside them: what stays between garbage is where the
        # heap has holes.
        head = bytearray()
        inline = bytearray()
        addresses(head, "From", [(name, self.sender)])
        self._groups = groups = []
        self._lists = []  # the headers that name an AddressList's addresses
        for field, who in (("To", to), ("Cc", cc), ("Bcc", bcc)):
            if hasattr(who, "open"):
                groups.append(who)
                if field != "Bcc":
                    self._lists.append((field, who))
                continue
            mailboxes = _mailboxes((who,) if isinstance(who, str) else who, inline)
            if field != "Bcc":
                addresses(head, field, mailboxes)
            else:  # in no header
                for _ in mailboxes:
                    pass
        if not groups and not inline:
            raise ValueError("recipients: none in to, cc and bcc")
        if reply_to:
            addresses(head, "Reply-To", [mailbox(reply_to)])
        # Beyond ASCII there are only addresses by now (RFC 6531): the rest is encoded.
        self.utf8 = max(head) > 126 or max(inline, default=0) > 126
        self._inline = bytes(inline).split(b"\n")[:-1]
        unstructured(head, "Subject", subject)
        for field, value in (headers or {}).items():
            if field_name(field).lower() in _OWN.split():
                raise ValueError("headers: " + field + " is written by Message")
            unstructured(head, field, value)
        # Unique without a clock too; and nobody can guess a boundary that is made of it.
        self.id = hexlify(os.urandom(12)).decode()
        domain = self.sender[self.sender.rfind(b"@") :]
        if max(domain) > 126:  # RFC 5322 3.6.4 has ASCII there
            domain = b"@localhost"
        head.extend(b"Message-ID: <" + self.id.encode() + domain + b">\r\nMIME-Version: 1.0\r\n")
        self._head = bytes(head)
        self.mail_parameters = self.rcpt_parameters = b""
        if notify is not None or envelope_id is not None:
            from .dsn import mail_parameters, rcpt_parameters

            self.mail_parameters = mail_parameters(envelope_id)
            self.rcpt_parameters = rcpt_parameters(notify)
        self._dated = False
        self._text = _checked(text)
        self._html = None if html is None else _checked(html)
        self._attachments = (attachments,) if isinstance(attachments, str) else tuple(attachments)
        self._segments: Sequence[Lines] = ()

    def envelope(self) -> Envelope:
        """Who gets it, anew."""
        return Envelope(self._groups, self._inline)

    def open(self, buffer: bytearray) -> None:
        """Begin anew: open the files and ask for their sizes.

        Raises OSError for a missing one, ValueError for an iterator that has gone already.

        buffer: the one that readinto() will be given; files are read into its tail.
        """
        self.close()
        now = time.gmtime()
        if not self._dated and now[0] >= _CLOCK_SET:
            self._head = b"Date: " + date(now).encode() + b"\r\n" + self._head
            self._dated = True
        segments = [Lines(self._head)]
        self._segments = segments
        try:
            if self._lists:
                from .addresslist import Field

                for field, who in self._lists:
                    segments.append(Field(field, who))
            if self._html is None and not self._attachments:
                text_part(segments, "plain", self._text, buffer)
            else:
                from .multipart import parts

                parts(segments, self.id, self._text, self._html, self._attachments, buffer)
            self.total: int | None = self._size(buffer)  # octets, None if unknown
        except Exception:
            self.close()  # what was opened before the one that is missing
            raise
        self._rewound()

    def _size(self, buffer):
        total = 0
        for segment in self._segments:
            size = segment.size(buffer)
            if size is None:
                return None
            total += size
        return total + 2 if self._segments[-1].unfinished else total

    def _rewound(self):
        self._at = 0
        self.position = 0  # octets produced
        self.ended = False
        self.dots = True
        self.line_begins = True  # the octet that comes next begins one

    def begin(self) -> None:
        """Go back to the beginning, for other recipients; ValueError if an iterator has gone."""
        for segment in self._segments:
            segment.begin()
        self._rewound()

    def suit(self, body: int, buffer: bytearray) -> int:
        """Encode no more than a body of 7BIT (0), 8BITMIME (1) or BINARYMIME (2) asks for.

        Return which of them that makes. Nothing is allocated.
        """
        widest = 0
        for segment in self._segments:
            widest = max(widest, segment.suit(body))
        for segment in self._segments:  # a multipart's label depends on all its parts
            segment.suit(widest)
        self.total = self._size(buffer)
        return widest

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Put up to n octets into buf; their number, None if none are ready yet.

        `ended` tells that these were the last, `dots` whether a line of the next may begin with
        one. What a file or an iterator raises comes through.
        """
        segments = self._segments
        off = 0
        n -= 2  # for the line end that the last line may lack
        while not self.ended:
            segment = segments[self._at]
            if off and segment.alone:
                break
            end = segment.put(buf, off, n)
            if end is None:
                if off:
                    break
                return None
            off = end
            if not segment.ended:
                break
            self._at += 1
            self.ended = self._at == len(segments)
            if not segment.dots:  # `dots` holds for all that is in the buffer
                break
        if off:
            self.line_begins = buf[off - 1] == 10
        if not self.ended:
            self.dots = segments[self._at].dots
        elif not self.line_begins:
            buf[off : off + 2] = b"\r\n"
            off += 2
        self.position += off
        return off

    def part(self) -> "Lines | None":
        """The one whose octets come next; None behind the last."""
        return None if self.ended else self._segments[self._at]

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.close()
        self._segments = ()  # a new list would allocate


def _mailboxes(who, inline):
    """Names and addresses one by one; to `inline` each address, and a line end, is added."""
    for one in who:
        name, address = mailbox(one)
        inline.extend(address + b"\n")
        yield name, address


def _checked(text):
    """A text as UTF-8 octets with CR LF at each line's end, or the source that gives them."""
    if isinstance(text, str):
        octets = text.encode()
    elif isinstance(text, (bytes, bytearray, memoryview)):
        octets = bytes(text)
        octets.decode()  # UnicodeError, a ValueError
    elif hasattr(text, "readinto"):
        return text
    else:
        from .attachment import Pieces

        return Pieces(text)
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
