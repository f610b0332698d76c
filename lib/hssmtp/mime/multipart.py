"""The structure of a mail with more than one part (RFC 2046 5.1). Loaded for composing alone."""

from . import Part

TEMPORARY = True  # freed after the call that needed it


def make_pieces(id: str, text, html, attachments) -> "list[bytes | Part]":
    """Return bytes and parts: mixed ( related ( alternative (text, html), shown ), enclosed ).

    text, html: as content.describe_texts() returns them. attachments: as disposition.describe()
    returns them. shown: those that the HTML shows; enclosed: the others. A level with a single
    part is omitted.
    """
    shown = []
    enclosed = []
    for attachment in attachments:
        (shown if attachment[2] and html else enclosed).append(attachment)
    is_alternative = text and html
    pieces = []
    delimiters = []
    root = b';\r\n type="' + (b"multipart/alternative" if is_alternative else b"text/html")
    for kind, type, wanted in (
        (b"mixed", b"", enclosed),
        (b"related", root + b'"', shown),  # RFC 2387 3.1
        (b"alternative", b"", is_alternative),
    ):
        if wanted:
            boundary = b"=_" + kind + b"_" + id.encode()
            delimiters.append(b"\r\n--" + boundary)
            pieces += (b"Content-Type: multipart/", kind, type)
            pieces += (b'; boundary="', boundary, b'"\r\n')
            pieces += (delimiters[-1], b"\r\n")
    pieces += text
    if is_alternative:
        pieces += (delimiters[-1], b"\r\n")
    pieces += html
    if is_alternative:
        pieces += (delimiters.pop(), b"--\r\n")
    for attachments in (shown, enclosed):
        for source, size, _, head in attachments:
            pieces += (delimiters[-1], b"\r\n", head, _encoded(source, size))
        if attachments:
            pieces += (delimiters.pop(), b"--\r\n")
    return pieces


def _encoded(source, size):
    """Return the part that encodes the source of an attachment."""
    if isinstance(source, Part):
        return source
    is_path = isinstance(source, str)
    if size is None and (is_path or hasattr(source, "readinto") and hasattr(source, "seek")):
        from .file_part import FilePart

        return FilePart(source)
    from .sources import CheckedFile, MemoryPart, PiecesPart

    if is_path or hasattr(source, "readinto"):
        return CheckedFile(source, size)
    if hasattr(source, "fetch"):
        return PiecesPart(source, size)
    return MemoryPart(source, len(source))
