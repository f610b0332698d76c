"""Attachment, as an application passes it to Message()."""

from .. import call, const

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterable
    from typing import BinaryIO


class Attachment:
    """An attachment of a mail.

        hssmtp.Attachment("log.csv")
        hssmtp.Attachment(png, name="flame.png", content_id="flame")  # png: bytes

    source: a path, bytes, an open binary file (read from its beginning), or an iterator of
        bytes-like pieces. If it yields None, no piece is ready: the mail pauses until
        Client.resume().
    name: the file name that receivers see. None: the last part of the path.
    content_type: "type/subtype", optionally with parameters (RFC 2045 5.1). None: guessed from the
        name. RFC 2045 6.4 allows no base64 for message and multipart types. They are sent
        unchanged if the source is no iterator and has only ASCII lines of at most 998 bytes, else
        as application/octet-stream.
    content_id: "logo" or "logo@example.com", for use in the HTML text: <img src="cid:logo">.
    size: bytes. If the source has more or fewer, the mail fails with ERROR_SOURCE. None:
        send_mail() gets the size of a file; what is appended after that is not sent.

    Raises ValueError for a control character in a string, an invalid content type or id, or a
    wrong size; TypeError for an argument of a wrong type. Both name the argument.
    """

    def __init__(
        self,
        source: "str | bytes | BinaryIO | Iterable[bytes | None]",
        name: "str | None" = None,
        content_type: "str | None" = None,
        content_id: "str | None" = None,
        size: "int | None" = None,
    ):
        self.source, self.name, self.content_type, self.content_id, self.size = call(
            "mime.disposition", "check_attachment", source, name, content_type, content_id, size
        )
