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
    content_type: None: guessed from the name.
    content_id: "logo" is what the HTML text shows by <img src="cid:logo">.
    size: bytes. A source that has more or fewer makes the mail fail with ERROR_SOURCE. None: a
        path is asked for it by send_mail(); what is appended to the file after that is not sent.

    Raises ValueError for a control character in a string or a size that is wrong, TypeError for an
    argument of a wrong type. Both name the argument.
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
