"""Message: headers and parts (RFC 5322, 2045), produced as a stream of octets."""

import os
import time
from binascii import hexlify

from . import const
from .headers import addresses, date, field_name, mailbox, unstructured
from .recipients import Recipients

_TYPING = const(0)
if _TYPING:
    from collections.abc import Sequence
    from typing import Union

    from .addresslist import Field
    from .attachment import Base64
    from .quoted import Quoted

    # A piece of a mail on its way out: each has what Lines has.
    Segment = Union[Field, Base64, Quoted, "Lines"]


_LONGEST_LINE = const(998)  # RFC 5322 2.1.1, without its CR LF
_CLOCK_SET = const(2024)  # the year: no clock that is set shows an earlier one

# Headers that Message writes, and Bcc, that nobody writes.
_OWN = (
    "from to cc bcc reply-to subject date message-id mime-version content-type"
    " content-transfer-encoding"
)


class Lines:
    """A part that leaves as it is, 7bit; but each CR, LF or CR LF leaves as CR LF."""

    dots = True  # a line may begin with one
    alone = False  # it shares the buffer with the part before it

    def __init__(self, data: bytes):
        self._data = data
        self._pos = 0
        self._last = 0  # the octet before
        self.ended = False
        # Whether its last line lacks its end
        self.unfinished = bool(data) and data[-1] not in b"\r\n"

    def size(self, buf: bytearray) -> int:
        """How many octets put() will write in all."""
        data = self._data
        return len(data) + data.count(b"\r") + data.count(b"\n") - 2 * data.count(b"\r\n")

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write to buf[off:end]; return the index behind what was written."""
        data = self._data
        pos = self._pos
        stop = len(data)
        last = self._last
        end -= 1  # a CR LF needs two
        while pos < stop and off < end:
            octet = data[pos]
            pos += 1
            if octet != 10 and octet != 13:
                buf[off] = octet
                off += 1
            elif octet == 13 or last != 13:
                buf[off] = 13
                buf[off + 1] = 10
                off += 2
            last = octet
        self._pos = pos
        self._last = last
        self.ended = pos == stop
        return off

    def close(self) -> None:
        """Nothing to free."""


class Message:
    """A mail: who writes to whom, the text, and what goes with it.

    sender, reply_to: "Name <address>" or a plain address.
    to, cc, bcc: one such string, an iterable of them, or an AddressList.
    text, html: str, UTF-8 octets, an open binary file, or an iterator of octets.
    attachments: Attachments, or paths.
    headers: further header fields, a dict of strings.

    Raises ValueError for a bad address or what no mail may hold (a control character in a header).
    The Message-ID is made once: whoever gets the mail twice can tell (RFC 5322 3.6.4).
    """

    def __init__(
        self,
        sender: str,
        to=(),
        cc=(),
        bcc=(),
        subject: str = "",
        text="",
        html=None,
        attachments=(),
        reply_to: "str | None" = None,
        headers: "dict[str, str] | None" = None,
    ):
        name, self.sender = mailbox(sender)
        head = addresses("From", [(name, self.sender)])
        envelope = []
        groups = []
        self._lists = []  # the headers that name an AddressList's addresses
        for field, who in (("To", to), ("Cc", cc), ("Bcc", bcc)):
            if hasattr(who, "open"):
                groups.append(who)
                if field != "Bcc":
                    self._lists.append((field, who))
                continue
            found = [mailbox(one) for one in ((who,) if isinstance(who, str) else who)]
            for _, address in found:
                envelope.append(address + b"\n")
            if found and field != "Bcc":
                head += addresses(field, found)
        if envelope:
            groups.append(b"".join(envelope))
        if not groups:
            raise ValueError("recipients: none in to, cc and bcc")
        self._groups = tuple(groups)
        if reply_to:
            head += addresses("Reply-To", [mailbox(reply_to)])
        head += unstructured("Subject", subject)
        for field, value in (headers or {}).items():
            if field_name(field).lower() in _OWN.split():
                raise ValueError("headers: " + field + " is written by Message")
            head += unstructured(field, value)
        # Unique without a clock too; and nobody can guess a boundary that is made of it.
        self.id = hexlify(os.urandom(12)).decode()
        domain = self.sender[self.sender.rfind(b"@") :].decode()
        self._head = head + f"Message-ID: <{self.id}{domain}>\r\nMIME-Version: 1.0\r\n".encode()
        self._dated = False
        self._text = _checked(text)
        self._html = None if html is None else _checked(html)
        self._attachments = (attachments,) if isinstance(attachments, str) else tuple(attachments)
        self._segments: Sequence[Segment] = ()

    def recipients(self) -> Recipients:
        """A new cursor over the addresses of the envelope."""
        return Recipients(self._groups)

    def open(self, buffer: bytearray) -> None:
        """Begin anew: open the files and ask for their sizes.

        Raises OSError for a missing one, ValueError for address lists without an address.

        buffer: the one that readinto() will be given; files are read into its tail.
        """
        self.close()
        first = self.recipients()
        found = first.next()
        first.close()
        if not found:
            raise ValueError("recipients: no address in the list")
        now = time.gmtime()
        if not self._dated and now[0] >= _CLOCK_SET:
            self._head = b"Date: " + date(now).encode() + b"\r\n" + self._head
            self._dated = True
        self._at = 0
        self.position = 0  # octets produced
        self.ended = False
        self.dots = True
        self._line_ends = True
        segments: list[Segment] = [Lines(self._head)]
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
            self.total = self._size(buffer)  # octets, None if unknown
        except Exception:
            self.close()  # what was opened before the one that is missing
            raise

    def _size(self, buffer):
        total = 0
        for segment in self._segments:
            size = segment.size(buffer)
            if size is None:
                return None
            total += size
        return total + 2 if self._segments[-1].unfinished else total

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
            if segment.ended:
                self._at += 1
                self.ended = self._at == len(segments)
            if segment.alone or not segment.ended:
                break
        if off:
            self._line_ends = buf[off - 1] == 10
        if not self.ended:
            self.dots = segments[self._at].dots
        elif not self._line_ends:
            buf[off : off + 2] = b"\r\n"
            off += 2
        self.position += off
        return off

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.close()
        self._segments = ()  # a new list would allocate


def text_part(segments: "list[Segment]", kind: str, source, buffer: bytearray) -> None:
    """Append a text and its headers: as it is where that is plain ASCII lines, else encoded."""
    encoding = "7bit"
    octets = isinstance(source, bytes)
    if octets and _is_plain(source):
        segment = Lines(source)
    else:
        from .quoted import Octets, Quoted

        encoding = "quoted-printable"
        if octets:
            source = Octets(source)
        else:
            from .attachment import Source

            source = Source(source, None, memoryview(buffer)[-(len(buffer) // 5) :])
        segment = Quoted(source)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}"
    segments.append(Lines((head + "\r\n\r\n").encode()))
    segments.append(segment)


def _checked(text):
    """A text as UTF-8 octets, or the source that gives them."""
    if isinstance(text, str):
        return text.encode()
    if isinstance(text, (bytes, bytearray)):
        bytes(text).decode()  # UnicodeError, a ValueError
        return bytes(text)
    return text


def _is_plain(octets):
    """Whether a text may leave as it is: ASCII without NUL, lines of 998 octets at the most."""
    if len(octets.decode()) != len(octets) or b"\0" in octets:
        return False
    start = 0
    while start < len(octets):
        end = octets.find(b"\n", start)
        if end < 0:
            end = len(octets)
        if end - start > _LONGEST_LINE:
            return False
        start = end + 1
    return True
