"""A mail (RFC 5322): the arguments of Message(), and the content as a stream of bytes."""
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

_CLOCK_SET = const(2024)  # the year: an earlier one means that the clock is not set


class Message:
    """A mail: sender, recipients, texts, attachments and header fields.

        mail = hssmtp.Message(
            "Boiler <boiler@example.com>", to=["ops@example.com", "crew@example.com"],
            subject="95 °C", text="Too hot.", attachments=["log.csv"],
        )

    sender, reply_to: "Name <address>" or a plain address.
    to, cc, bcc: one such string, an iterable of them, or an AddressList. Equal addresses get one
        copy; those of an AddressList are not compared. The header does not name bcc.
    text, html: str, UTF-8 bytes, an open binary file, or an iterator of bytes-like pieces.
    attachments: an iterable of Attachment objects and paths.
    headers: further header fields, a dict of str. Addresses in them are separated by commas and
        checked like `sender`. Ids, URLs and dates are sent unchanged. Free text may have any
        characters.
    envelope_sender: the address for bounces and notifications. None: that of `sender`. "<>": no
        address, so none are sent.
    message_id: "id@example.com", with or without angle brackets. None: generated once, so that
        receivers can recognize a duplicate (RFC 5322 3.6.4).
    date: "Mon, 23 Nov 2026 22:43:00 +0100" (RFC 5322 3.3). None: from the clock, once it is set.
    notify: which delivery status notifications (DSN, RFC 3461) to request: "never", or some of
        "success failure delay". envelope_id: an id for them to contain. Servers without DSN get
        neither.

    A non-ASCII address, also one in a header field, needs a server with SMTPUTF8 (RFC 6531).
    Raises ValueError for an invalid address, a control character in a header, or another invalid
    value; TypeError for an argument of a wrong type. Both name the argument.
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
        self.has_file = False  # a part has blocks; known once it is open
        self._rewind()

    def recipients(self) -> "Recipients | ListRecipients":
        """Return the recipients, as a new object for each sending.

        Raises ValueError for an address list without an address, OSError if it can't be opened.
        """
        if self._lists:
            return load("recipients.lists").ListRecipients(self._lists, self._addresses)
        return Recipients(self._addresses)

    def open(self, buffer: bytearray, binary: bool = False) -> None:
        """Open the files, get their sizes, and go to the beginning.

        buffer: the one that readinto() will get; files are read into its end.
        binary: whether adapt() may be called for BINARYMIME.
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
            self.close()  # the files that were opened before the error
            raise exc.args[0] if isinstance(exc, SourceError) else exc

    # The content, written to a buffer part by part

    def _rewind(self):
        self._at = 0  # the index of the current part
        self.position = 0  # bytes produced
        self.line_begins = True  # the next byte begins a line

    def begin(self) -> None:
        """Go back to the beginning, for another transaction. Nothing is allocated.

        Raises SourceError if a source can't be read again.
        """
        for part in self._parts:
            part.begin()
        self._rewind()

    def adapt(self, body: int, buffer: bytearray) -> int:
        """Choose the encodings for a body of 7BIT (0), 8BITMIME (1) or BINARYMIME (2).

        Return the least of them that the mail needs. Nothing is allocated. buffer: room to encode
        in.
        """
        widest = 0
        for part in self._parts:
            widest = max(widest, part.adapt(body))
        for part in self._parts:  # the label of a multipart depends on all its parts
            part.adapt(widest)
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
        """Write up to n bytes of the mail to buf; return how many, None if none are ready yet.

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
        """Return the current part; None after the last one."""
        return self._parts[self._at] if self._at < len(self._parts) else None

    def close(self) -> None:
        """Close the files."""
        for part in self._parts:
            part.close()


class Part:
    """Bytes that are sent unchanged.

    put() reads them from a stream: that needs no loop in Python and allocates no slice.

    The other kinds of parts have the same methods. A Message calls open() once for each sending,
    begin() once for each transaction, and put() until `ended`.
    """

    dots = True  # a line may begin with a dot
    blocks = 0  # of a file: how many full blocks come next

    def __init__(self, data: bytes):
        self.data = data
        self.ended = False
        self._stream = BytesIO(data)

    def open(self, buffer: bytearray) -> None:
        """Open the file, if there is one. put() reads it into the end of `buffer`.

        Raises OSError if it can't be opened.
        """

    def begin(self) -> None:
        """Go to the beginning. Nothing is allocated.

        Raises SourceError if the source can't be read again.
        """
        self.ended = False
        self._stream.seek(0)

    def adapt(self, body: int) -> int:
        """Use the widest form that a body of 7BIT (0), 8BITMIME (1) or BINARYMIME (2) allows.

        Return the body that this form needs. Nothing is allocated.
        """
        return 0

    def size(self, buf: bytearray) -> "int | None":
        """Return how many bytes put() writes in all; None if that needs reading a file.

        buf: room to encode in.
        """
        return len(self.data)

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[0:end]; return the index after it, None if nothing is ready.

        off: always 0. Nothing is allocated. Raises SourceError if the source fails.
        """
        count = self._stream.readinto(buf, end)  # pyright: ignore[reportCallIssue]
        self.ended = count < end
        return count

    def close(self) -> None:
        """Close the file, if open() has opened it."""
