"""Attachment: what goes along with a mail, as an application gives it."""

from .. import call, const

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterable
    from typing import BinaryIO


class Attachment:
    """What goes along with a mail.

    source: a path, bytes, an open binary file (read from its beginning), or an iterator of
        bytes-like pieces; one that gives None has nothing ready, and the mail pauses until
        Client.resume().
    name: as the receiver is to see it; None: the last part of a path.
    content_type: "type/subtype", perhaps with parameters (RFC 2045 5.1). None: guessed from the
        name. A message or multipart that is no iterator, and lines of at most 998 ASCII
        characters, goes as it is, any other as application/octet-stream: RFC 2045 6.4.
    content_id: "logo" or "logo@example.com" is what the HTML text shows by <img src="cid:logo">.
    size: bytes. A source that has more or fewer makes the mail fail with ERROR_SOURCE. None: a
        path is asked for it by send_mail(); what is appended to the file after that is not sent.

    Raises ValueError for a control character in a string, for what is no content type or id and
    for a size that is wrong, TypeError for an argument of a wrong type. Both name the argument.
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
