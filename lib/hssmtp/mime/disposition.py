"""An attachment's arguments, checked, and its header (RFC 2045, 2183). Loaded for that alone."""

from .compose import ATEXT, check, iterator

TEMPORARY = True  # freed after the call that needed it

# What devices send. For all else the application names the type, or it goes as octet-stream.
_TYPES = (
    "txt text/plain log text/plain csv text/csv html text/html json application/json"
    " jpg image/jpeg jpeg image/jpeg png image/png gif image/gif bmp image/bmp"
    " pdf application/pdf zip application/zip wav audio/wav"
)


def check_attachment(source, name=None, content_type=None, content_id=None, size=None):
    """Return the arguments of Attachment(), checked, with what was left out."""
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
    content_type = content_type or _guess(name or "")
    _check_word(content_type, "content_type")
    if content_id:
        _check_word(content_id, "content_id")
    return source, name, content_type, content_id, size


def _check_word(word, name):
    if len(check(word, name).encode()) > len(word) or word.strip("<> ") != word:
        raise ValueError(name + ": not allowed: " + word)


def _guess(name):
    types = _TYPES.split()
    ending = name.lower().split(".")[-1]
    guess = "application/octet-stream"
    if ending in types:
        guess = types[types.index(ending) + 1]
    return guess + "; charset=utf-8" if guess.startswith("text/") else guess


def describe(attachments) -> "list[tuple[object, int | None, bool, bytes]]":
    """Return of each attachment the source, its size, whether it has an id, and its header."""
    described = []
    for one in attachments:
        if isinstance(one, str):
            source, name, content_type, content_id, size = check_attachment(one)
        elif hasattr(one, "content_id"):
            source, name, content_type = one.source, one.name, one.content_type
            content_id, size = one.content_id, one.size
        else:
            raise TypeError("attachments: not an Attachment or a path")
        head = "Content-Type: " + content_type + "\r\nContent-Disposition: "
        head += "inline" if content_id else "attachment"
        head = head.encode()
        if name:
            head += parameter(b"filename", name)
        if content_id:
            head += b"\r\nContent-ID: <" + content_id.encode() + b">"
        head += b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        described.append((source, size, bool(content_id), head))
    return described


def parameter(name: bytes, value: str) -> bytes:
    """Return `; name="value"` in a line of its own, extended (RFC 2231) if long or not plain."""
    text = check(value, "name").encode()
    if len(value) <= 60 and not text.strip(ATEXT[:64] + b" !#$&'()+,.@"):
        return b";\r\n " + name + b'="' + text + b'"'
    from .encoded import parameter

    return parameter(name, text)
