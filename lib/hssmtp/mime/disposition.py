"""Check an attachment's arguments, make its header (RFC 2045, 2183). Loaded for that alone."""

from .. import call
from .compose import check, iterator

TEMPORARY = True  # freed after the call that needed it

# The types that devices send. Others need content_type, or are sent as octet-stream.
_TYPES = (
    "txt text/plain log text/plain csv text/csv html text/html json application/json"
    " jpg image/jpeg jpeg image/jpeg png image/png gif image/gif bmp image/bmp"
    " pdf application/pdf zip application/zip wav audio/wav"
)


def check_attachment(source, name=None, content_type=None, content_id=None, size=None):
    """Return the arguments of Attachment(), checked, with defaults for those that were omitted."""
    if size is not None and not isinstance(size, int):
        raise TypeError("size: not an int")
    if isinstance(source, str):
        if not source:
            raise ValueError("source: an empty path")
        if name is None:
            name = source.replace("\\", "/").split("/")[-1]
    elif isinstance(source, (bytes, bytearray, memoryview)):
        if size is not None and size != len(source):
            raise ValueError("size: the source has " + str(len(source)) + " bytes")
    elif not hasattr(source, "readinto"):
        from .sources import Pieces

        source = iterator(source, "source: not a path, bytes, a binary file or an iterator")
        source = Pieces(source)
    if name:
        check(name, "name")
    if content_type:
        call("mime.rare.content_type", "content_field", content_type)
    if content_id:
        call("mime.rare.ids", "check_id", content_id, "content_id", False)
    return source, name, content_type or _guess(name or ""), content_id, size


def _guess(name):
    types = _TYPES.split()
    ending = name.lower().split(".")[-1]
    guess = "application/octet-stream"
    if ending in types:
        guess = types[types.index(ending) + 1]
    return guess + "; charset=utf-8" if guess.startswith("text/") else guess


def describe(attachments) -> "list[tuple[object, int | None, bool, bytes]]":
    """Return for each attachment: the source, its size, whether it has an id, and its header.

    The source is a Part if it must not be encoded in base64.
    """
    described = []
    ids = []
    for one in attachments:
        if isinstance(one, str):
            source, name, content_type, content_id, size = check_attachment(one)
        elif hasattr(one, "content_id"):
            source, name, content_type = one.source, one.name, one.content_type
            content_id, size = one.content_id, one.size
        else:
            raise TypeError("attachments: not an Attachment or a path")
        source, encoding, head = _content(source, size, content_type, name)
        head += b"\r\nContent-Disposition: " + (b"inline" if content_id else b"attachment")
        if name:
            head += parameter(b"filename", name)
        if content_id:
            id = call("mime.rare.ids", "check_id", content_id, "content_id", False)
            if id in ids:
                raise ValueError("content_id: two attachments have " + id.decode())
            ids.append(id)
            head += b"\r\nContent-ID: <" + id + b">"
        head += b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
        described.append((source, size, bool(content_id), head))
    return described


def _content(source, size, content_type, name):
    """Return the source, its encoding, and the Content-Type field without a line end."""
    encoding = b"base64"
    if content_type == _guess(name or ""):
        field = b"Content-Type: " + content_type.encode()
        has_name = False
    else:
        field, has_name = call("mime.rare.content_type", "content_field", content_type)
        if field[14:].split(b"/")[0].lower() in (b"message", b"multipart"):
            lines = _lines(source, size)
            if lines:
                source = lines
                encoding = b"7bit"
            else:  # RFC 2045 6.4 allows no base64 for this type
                field = b"Content-Type: application/octet-stream"
                has_name = False
    if name and not has_name:
        field += _old_name(name)
    return source, encoding, field


def _lines(source, size):
    """Return a Part for a source of ASCII lines; None for another one, or one to be read once."""
    is_path_or_bytes = isinstance(source, (str, bytes, bytearray, memoryview))
    if not is_path_or_bytes and not hasattr(source, "seek"):
        return None
    total = call("mime.rare.lines_check", "count_bytes", source)
    if total < 0:
        return None
    from .rare.lines_part import LinesPart

    return LinesPart(source, size, total if isinstance(source, bytes) else None)


def parameter(name: bytes, value: str) -> bytes:
    """Return `; name="value"` on its own line, extended (RFC 2231) if quotes are not enough."""
    text = check(value, "name").encode()
    if _can_be_quoted(text):
        return b";\r\n " + name + b"=" + _quoted(text)
    from .encoded import parameter

    return parameter(name, text)


def _old_name(value):
    """Return the parameter that mail programs without RFC 2183 and 2231 use as a file name."""
    text = check(value, "name").encode()
    if _can_be_quoted(text):
        return b";\r\n name=" + _quoted(text)
    from .encoded import encoded_words

    return b';\r\n name="' + b"\r\n ".join(encoded_words(text, 66)) + b'"'


def _can_be_quoted(text):
    """Whether a quoted-string (RFC 2045 5.1) can hold `text` on one line, unchanged."""
    return max(text, default=0) < 127 and b"=?" not in text and len(_quoted(text)) <= 900


def _quoted(text):
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
