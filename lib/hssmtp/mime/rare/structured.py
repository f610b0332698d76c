"""Header fields of Message(headers=…) that are not free text. Loaded for each of them.

Names and phrases may be encoded (RFC 2047 5). All else is sent unchanged and folded only at
spaces, or refused: an encoded-word would change an id, a URL or a date.
"""

from ... import call
from ..compose import ATEXT, check
from ..headers import add_words, addresses, phrase

TEMPORARY = True  # freed after the call that needed it

_LONGEST = 900  # bytes of a word: RFC 5322 2.1.1 limits a line to 998


def add_field(head: bytearray, field: bytes, kind: bytes, value: str, name: str) -> None:
    """Append a field to `head`, by the rules of its kind (_KINDS in further_fields.py).

    name: for the messages of ValueError and TypeError.
    """
    if kind in b"1m":
        _add_mailboxes(head, field, value, name, kind == b"1")
    elif kind == b"p":
        _add_phrases(head, field, value, name)
    elif kind == b"l":
        _add_list_id(head, field, value, name)
    else:
        if kind == b"i":
            call("mime.rare.ids", "check_ids", value, name)
        elif kind == b"d":
            call("mime.rare.ids", "check_date", value, name)
        elif kind == b"u":
            _check_urls(value, name)
        _add_unchanged(head, field, value, name)


def _add_unchanged(head, field, value, name):
    """Append an ASCII value unchanged, folded at its spaces."""
    text = check(value, name).encode().strip(b" ")
    if not text or max(text) > 126:
        raise ValueError(name + ": has to be ASCII, and not empty: this field is not free text")
    words = []
    spaces = b""
    for word in text.split(b" "):
        if word:
            words.append(spaces + word)
            spaces = b""
        else:  # some parsers take a line of spaces for the end of the header
            spaces += b" "
    _check_length(words, name)
    head.extend(field + b": " + words.pop(0))
    add_words(head, words, 76)
    head.extend(b"\r\n")


def _check_length(words, name):
    if max(map(len, words)) > _LONGEST:
        raise ValueError(name + ": over 900 bytes without a space do not fit into a line")


def _check_urls(value, name):
    """Check URLs (RFC 2369 2): each in angle brackets; List-Post may be "NO"."""
    text = check(value, name).strip(" ")
    depth = 0
    is_good = text[:1] == "<" or text[:2] == "NO"
    for byte in text.encode():
        if byte == 60:  # "<"
            depth += 1
        elif byte == 62:
            depth -= 1
        elif byte == 32 and depth:
            is_good = False
        is_good = is_good and 0 <= depth < 2
    if not is_good or depth:
        raise ValueError(
            name + ': URLs are written "<https://example.com/>, <mailto:a@b.example>"'
        )


def _split(text):
    """Split at commas that are not in quotes or angle brackets; strip spaces."""
    pieces = []
    start = 0
    is_quoted = is_escaped = is_address = False
    for at in range(len(text)):
        byte = text[at]
        if is_escaped:
            is_escaped = False
        elif byte == 92 and is_quoted:  # "\"
            is_escaped = True
        elif byte == 34:  # '"'
            is_quoted = not is_quoted
        elif byte == 60 or byte == 62:  # "<" and ">"
            is_address = byte == 60 and not is_quoted
        elif byte == 44 and not is_quoted and not is_address:
            pieces.append(text[start:at].strip(b" "))
            start = at + 1
    pieces.append(text[start:].strip(b" "))
    return pieces


def _add_mailboxes(head, field, value, name, is_single):
    """Append mailboxes that are separated by commas, with names quoted or encoded."""
    from ..addresses import mailbox

    packed = bytearray()
    mailboxes = _split(check(value, name).encode())
    if is_single and len(mailboxes) > 1:
        raise ValueError(name + ": takes one address")
    for text in mailboxes:
        display_name, spec = mailbox(text.decode(), name)
        packed.extend(display_name + b"\t" + spec + b"\n")
    addresses(head, field, packed)


def _add_phrases(head, field, value, name):
    """Append phrases that are separated by commas (RFC 5322 3.6.5)."""
    from .quoted_string import unquoted

    words = []
    for text in _split(check(value, name).encode()):
        content = unquoted(text)
        found = phrase(field, text if content is None else content)
        if not text:
            raise ValueError(name + ": an empty phrase")
        if words and words[-1].startswith(b"=?"):
            words.append(b",")  # RFC 2047 5 (3): an encoded-word has spaces around it
        elif words:
            words[-1] += b","
        words += found
    head.extend(field + b": " + words.pop(0))
    add_words(head, words, 75)
    head.extend(b"\r\n")


def _add_list_id(head, field, value, name):
    """Append the name of a list, if there is one, and its id (RFC 2919 2)."""
    from .quoted_string import unquoted

    text = check(value, name).encode().strip(b" ")
    before, bracket, id = text.rpartition(b"<")
    before = before.strip(b" ")
    is_id = bracket and id[-1:] == b">" and b"" not in id[:-1].split(b".") and len(id) < 256
    if not is_id or id[:-1].strip(ATEXT + b".") or b"." not in id:
        raise ValueError(name + ': an id is written "<alerts.example.com>", in ASCII')
    content = unquoted(before)
    words = phrase(field, before if content is None else content) if before else []
    words.append(b"<" + id)
    head.extend(field + b": " + words.pop(0))
    add_words(head, words, 75)
    head.extend(b"\r\n")
