"""Check an attachment's content type (RFC 2045 5.1). Loaded for one that is not guessed."""

from ..compose import ATEXT, check

TEMPORARY = True  # freed after the call that needed it

_TOKEN = ATEXT[:64] + b"!#$%&'*+.^`{|}~"
_BOUNDARY = ATEXT[:64] + b"'()+,./:=? "  # RFC 2046 5.1.1
_LONGEST = 900  # bytes of a parameter: RFC 5322 2.1.1 limits a line to 998


def content_field(text: str) -> "tuple[bytes, bool]":
    """Return the Content-Type field without a line end, and whether it has a parameter `name`.

    Raises ValueError if `text` is not type/subtype with parameters, or a multipart without its
    boundary; TypeError if it is not a str.
    """
    pieces = _split(check(text, "content_type").encode())
    media, _, subtype = pieces[0].partition(b"/")
    if not _is_token(media) or not _is_token(subtype) or len(pieces[0]) > 255:
        _refuse(text)
    field = b"Content-Type: " + pieces.pop(0)
    names = []
    for piece in pieces:
        name, _, value = piece.partition(b"=")
        name = name.lower()
        content = value if _is_token(value) else _unquoted(value)
        # "*" is allowed only after the name itself (RFC 2231 3 and 4).
        is_good = _is_token(name) and name[0] != 42 and name not in names and content is not None
        if not is_good or max(piece) > 126 or len(piece) > _LONGEST:
            _refuse(text)
        if name == b"boundary" and not _is_boundary(content):
            _refuse(text)
        names.append(name)
        is_short = len(field) - field.rfind(b"\n") + len(piece) < 76
        field += (b"; " if is_short else b";\r\n ") + piece
    if media.lower() == b"multipart" and b"boundary" not in names:
        raise ValueError(
            'content_type: a multipart needs its boundary: "multipart/mixed; boundary=…"'
        )
    has_name = [name for name in names if name.split(b"*")[0] == b"name"]
    return field, bool(has_name)


def _refuse(text):
    what = '\' is not as "text/plain; charset=utf-8", in ASCII'
    raise ValueError("content_type: '" + text[:64] + what)


def _split(text):
    """Split at semicolons that are not in quotes; strip spaces."""
    pieces = []
    start = 0
    is_quoted = is_escaped = False
    for at in range(len(text)):
        byte = text[at]
        if is_escaped:
            is_escaped = False
        elif byte == 92 and is_quoted:  # "\"
            is_escaped = True
        elif byte == 34:  # '"'
            is_quoted = not is_quoted
        elif byte == 59 and not is_quoted:
            pieces.append(text[start:at].strip(b" "))
            start = at + 1
    pieces.append(text[start:].strip(b" "))
    return pieces


def _unquoted(text):
    from .quoted_string import unquoted

    return unquoted(text)


def _is_token(text):
    return len(text) > 0 and not text.strip(_TOKEN)


def _is_boundary(text):
    return 0 < len(text) <= 70 and not text.strip(_BOUNDARY) and not text.endswith(b" ")
