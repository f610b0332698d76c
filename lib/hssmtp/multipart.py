"""The tree of a mail with more than a text (RFC 2046 5.1): mixed, related, alternative."""

from . import const
from .text import Lines, text_part

_TYPING = const(0)
if _TYPING:
    from .text import Segment


def parts(segments: "list[Segment]", id: str, text, html, attachments, buffer: bytearray) -> None:
    """Append the parts, each behind its delimiter and headers.

    mixed ( related ( alternative (text, html), what the HTML shows), attachments ); a level that
    would hold a single part is left out.
    """
    shown = []
    enclosed = []
    for attachment in attachments:
        if isinstance(attachment, str):
            from .attachment import Attachment

            attachment = Attachment(attachment)
        (shown if attachment.content_id and html is not None else enclosed).append(attachment)
    alternative = html is not None and text != b""
    head = ""
    boundaries = []
    for kind, wanted in (("mixed", enclosed), ("related", shown), ("alternative", alternative)):
        if wanted:
            boundary = "=_" + kind + "_" + id
            boundaries.append("\r\n--" + boundary)
            head += f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'
            head += boundaries[-1] + "\r\n"
    segments.append(Lines(head.encode()))
    if alternative or html is None:
        text_part(segments, "plain", text, buffer)
    if alternative:
        segments.append(Lines((boundaries[-1] + "\r\n").encode()))
    if html is not None:
        text_part(segments, "html", html, buffer)
    if alternative:
        segments.append(Lines((boundaries.pop() + "--\r\n").encode()))
    for attachments in (shown, enclosed):
        for attachment in attachments:
            head = boundaries[-1] + "\r\n" + attachment.header()
            segments.append(Lines(head.encode()))
            segments.append(attachment.open(buffer))
        if attachments:
            segments.append(Lines((boundaries.pop() + "--\r\n").encode()))
