"""The tree of a mail with more than a text (RFC 2046 5.1): mixed, related, alternative."""

from .lines import Lines
from .text import text_part

# By what its parts hold (RFC 2045 6.4); 7bit goes without saying.
_LABELS = (
    b"",
    b"Content-Transfer-Encoding: 8bit\r\n",
    b"Content-Transfer-Encoding: binary\r\n",
)


class Label(Lines):
    """The last of a multipart's headers; suit() has to be told what its parts came to."""

    def suit(self, body: int) -> int:
        """Say so."""
        self.data = _LABELS[body]
        return 0


def parts(segments: "list[Lines]", id: str, text, html, attachments, buffer: bytearray) -> None:
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
    delimiter = ""
    delimiters = []
    for kind, wanted in (("mixed", enclosed), ("related", shown), ("alternative", alternative)):
        if wanted:
            boundary = "=_" + kind + "_" + id
            head = f'{delimiter}Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'
            segments += (Lines(head.encode()), Label(_LABELS[0]))
            delimiters.append("\r\n--" + boundary)
            delimiter = delimiters[-1] + "\r\n"
    segments.append(Lines(delimiter.encode()))
    if alternative or html is None:
        text_part(segments, "plain", text, buffer)
    if alternative:
        segments.append(Lines(delimiter.encode()))
    if html is not None:
        text_part(segments, "html", html, buffer)
    if alternative:
        segments.append(Lines((delimiters.pop() + "--\r\n").encode()))
    for attachments in (shown, enclosed):
        for attachment in attachments:
            head = delimiters[-1] + "\r\n" + attachment.header()
            part = attachment.open(buffer)
            segments += (Lines(head.encode()), part.label, part)
        if attachments:
            segments.append(Lines((delimiters.pop() + "--\r\n").encode()))
