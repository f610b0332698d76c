"""A mail (RFC 5322): who writes to whom, and the content as a stream of bytes, part after part."""
# The stubs' BytesIO lacks methods.
# pyright: reportAttributeAccessIssue=false

import sys
import time

from .. import SourceError, call, const, load
from ..recipients import Recipients

if sys.implementation.name == "cpython":
    from ._cpython import BytesIO
else:
    from io import BytesIO

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from ..recipients.addresslist import AddressList
    from ..recipients.lists import ListRecipients
    from .attachment import Attachment

_CLOCK_SET = const(2024)  # the year: no clock that is set shows an earlier one


class Message:
    """A mail: who writes to whom, the text, and what goes with it.

    sender, reply_to: "Name <address>" or a plain address.
    to, cc, bcc: one such string, an iterable of them, or an AddressList. Equal addresses get one
        copy; those of an AddressList are not compared. With bcc only, To names nobody.
    text, html: str, UTF-8 bytes, an open binary file, or an iterator of bytes-like pieces.
    attachments: Attachments, or paths.
    headers: further header fields, a dict of strings. Addresses in them are checked as sender is,
        separated by commas; ids, URLs and dates are sent as they are. Free text may have any
        characters.
    envelope_sender: the address that gets failures and notifications. None: the sender's; "<>":
        nobody gets them.
    message_id: "id@example.com", with or without angle brackets. None: made once, so that who gets
        the mail twice can tell (RFC 5322 3.6.4).
    date: "Mon, 23 Nov 2026 22:43:00 +0100" (RFC 5322 3.3). None: the clock's, once it is set.
    notify, envelope_id: which delivery status notifications (DSN, RFC 3461) are wanted, "never" or
        some of "success failure delay", and what they are to name. Servers without DSN get none.

    An address beyond ASCII needs a server with SMTPUTF8 (RFC 6531), wherever it stands.
    Raises ValueError for a bad address or for what no mail may hold (a control character in a
    header), TypeError for an argument of a wrong type. Both name the argument.
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
        envelope_sender: "str | None" = None,
        message_id: "str | None" = None,
        date: "str | None" = None,
        notify: "str | None" = None,
        envelope_id: "str | None" = None,
    ):
        (
            self.id, self.sender, self.utf8, self._lists, self._addresses,
            self.mail_parameters, self.rcpt_parameters, self._parts,
        ) = call(
            "mime.compose", "compose", time.gmtime(), sender, to, cc, bcc, subject, text, html,
            attachments, reply_to, headers, envelope_sender, message_id, date, notify,
            envelope_id,
        )  # fmt: skip
        self.total: int | None = None  # bytes, None if unknown
        self.has_file = False  # a part has blocks, once it is open
        self._rewind()

    def recipients(self) -> "Recipients | ListRecipients":
        """Return who gets it, anew for each sending.

        Raises ValueError for an address list without an address, OSError if it cannot be opened.
        """
        if self._lists:
            return load("recipients.lists").ListRecipients(self._lists, self._addresses)
        return Recipients(self._addresses)

    def open(self, buffer: bytearray, binary: bool = False) -> None:
        """Open the files, ask for their sizes, and go to the beginning.

        buffer: the one that readinto() will be given; files are read into its end.
        binary: suit() may be asked for BINARYMIME.
        Raises OSError for a missing file, ValueError for an iterator that was read before.
        """
        self.close()
        parts = self._parts
        now = time.gmtime()
        if now[0] >= _CLOCK_SET and not parts[0].data.startswith(b"Date:"):
            parts.insert(0, Part(call("mime.headers", "date_field", now)))
        try:
            for part in parts:
                part.open(buffer)
            if binary:
                self._parts = load("mime.labels").allow_binary(parts, self.id, buffer)
            self.begin()
            self._measure(buffer)
        except Exception as exc:
            self.close()  # what was opened before the one that is missing
            raise exc.args[0] if isinstance(exc, SourceError) else exc

    # The content, put into a buffer one part after another

    def _rewind(self):
        self._at = 0  # the index of the part whose bytes come next
        self.position = 0  # bytes produced
        self.line_begins = True  # the byte that comes next begins a line

    def begin(self) -> None:
        """Go back to the beginning, for other recipients. Nothing is allocated.

        Raises SourceError if a source cannot be read again.
        """
        for part in self._parts:
            part.begin()
        self._rewind()

    def suit(self, body: int, buffer: bytearray) -> int:
        """Encode no more than a body of 7BIT (0), 8BITMIME (1) or BINARYMIME (2) needs.

        Return which of them that makes. Nothing is allocated.
        """
        widest = 0
        for part in self._parts:
            widest = max(widest, part.suit(body))
        for part in self._parts:  # a multipart's label depends on all its parts
            part.suit(widest)
        self._measure(buffer)
        return widest

    def _measure(self, buffer):
        total = 0
        for part in self._parts:
            if part.blocks:
                self.has_file = True
            size = part.size(buffer)
            total = None if size is None or total is None else total + size
        self.total = total

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Put up to n bytes into buf; return how many, None if none are ready yet.

        Raises SourceError if a file or an iterator fails. Nothing is allocated.
        """
        part = self._parts[self._at]
        count = part.put(buf, 0, n)
        if count is None:
            return None
        if count:
            self.position += count
            self.line_begins = buf[count - 1] == 10
        if part.ended:
            self._at += 1
        return count

    def part(self) -> "Part | None":
        """Return the part whose bytes come next; None behind the last."""
        return self._parts[self._at] if self._at < len(self._parts) else None

    def close(self) -> None:
        """Close the files."""
        for part in self._parts:
            part.close()


class Part:
    """Bytes that are sent as they are.

    A stream copies them: that takes no loop in Python, and no slice on the heap.

    The other kinds of parts have the same methods. A Message calls open() once for each sending,
    begin() once for each transaction, and put() until `ended`.
    """

    dots = True  # a line may begin with a dot
    blocks = 0  # of a file: how many blocks of the same length come next

    def __init__(self, data: bytes):
        self.data = data
        self.ended = False
        self._stream = BytesIO(data)

    def open(self, buffer: bytearray) -> None:
        """Open the file, if there is one, to be read into the end of `buffer`.

        Raises OSError if it cannot be opened.
        """

    def begin(self) -> None:
        """Go (back) to the beginning. Nothing is allocated.

        Raises SourceError if the source cannot be read again.
        """
        self.ended = False
        self._stream.seek(0)

    def suit(self, body: int) -> int:
        """Take the widest form that a body of 7BIT (0), 8BITMIME (1) or BINARYMIME (2) may have.

        Return which of them that form needs. Nothing is allocated.
        """
        return 0

    def size(self, buf: bytearray) -> "int | None":
        """Return how many bytes put() writes in all; None if only reading a file could tell.

        buf: room to encode in.
        """
        return len(self.data)

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[0:end]; return the index behind that, None if nothing is ready.

        off: always 0. Nothing is allocated. Raises SourceError if the source fails.
        """
        count = self._stream.readinto(buf, end)  # pyright: ignore[reportCallIssue]
        self.ended = count < end
        return count

    def close(self) -> None:
        """Close the file, if it was opened here."""
