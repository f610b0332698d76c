"""Reply text for people: unprintable characters and secrets are masked."""

from . import const

_TYPING = const(0)
if _TYPING:
    from .client import Client


def reply_text(client: "Client") -> str:
    """Return the text of the reply with client.reply_code, as much as was kept."""
    session = client._session  # pyright: ignore[reportPrivateUsage]
    if not client.reply_code:
        return ""
    text = bytes(session.reply.text[: session.reply.length])
    if session.auth:
        from .auth.mask import mask

        text = mask(session.auth, text)
    return printable(text)


def printable(data: "bytes | bytearray") -> str:
    """Decode UTF-8, with "?" for each invalid byte and each unprintable character."""
    # Use bytes: MicroPython interns every one-character str, and never frees it.
    text = bytearray()
    at = 0
    while at < len(data):
        code, size = _character(data, at)
        text.extend(data[at : at + size] if _is_shown(code) else b"?")
        at += size
    return text.decode()


def _character(data, at):
    """Return the code of the character at data[at:] and its size in bytes; -1 and 1 if invalid."""
    first = data[at]
    if first < 0x80:
        return first, 1
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    code = first & 0x7F >> size
    following = data[at + 1 : at + size]
    for byte in following:
        code = code << 6 | byte & 63
        if byte >> 6 != 2:
            code = -1
            break
    # RFC 3629 3: the shortest form, no surrogates, at most U+10FFFF.
    least = 0x80 if size == 2 else 0x800 if size == 3 else 0x10000
    is_good = 0xC2 <= first < 0xF5 and len(following) == size - 1 and least <= code < 0x110000
    if not is_good or 0xD800 <= code < 0xE000:
        return -1, 1
    return code, size


def _is_shown(code):
    """Whether a character is printable: not a control (C0, C1), format or private one.

    Format characters (Unicode's Cf, Zl, Zp) have no width, end a line or change the direction.
    """
    if code < 0x600:
        return 32 <= code < 127 or code >= 160 and code != 0xAD
    if 0x2000 <= code < 0x2070:
        return not (0x200B <= code < 0x2010 or 0x2028 <= code < 0x202F or code >= 0x2060)
    if code == 0x61C or code == 0x180E or 0xE000 <= code < 0xF900 or 0xFFF0 <= code < 0x10000:
        return False
    return code != 0xFEFF and code < 0xE0000


def enhanced_code(client: "Client") -> str:
    """Return the reply's enhanced status code (RFC 3463), "5.1.1", or "" if it has none."""
    word = reply_text(client).split(" ")[0]
    parts = word.split(".")
    # RFC 3463 2: class 2, 4 or 5, then subject and detail of one to three digits.
    is_code = len(parts) == 3 and "".join(parts).isdigit() and parts[0] in ("2", "4", "5")
    return word if is_code and 0 < len(parts[1]) < 4 and 0 < len(parts[2]) < 4 else ""
