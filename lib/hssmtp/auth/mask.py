"""Mask secrets in a server's reply: some servers repeat what they refuse."""

from binascii import b2a_base64

_TYPING = 0
if _TYPING:
    from . import Auth

# A piece of a secret with this many bytes is masked. A shorter secret is masked as a whole word.
_MIN_PIECE = 5

# Ordinary words of replies. They stay readable, even if a password contains them or parts of them.
_ORDINARY = (
    b" access account address allowed another application authenticate authenticated"
    b" authentication authorized bearer bytes client command credential credentials denied"
    b" disabled domain email error expired failed failure incorrect invalid limit locked login"
    b" mailbox mechanism message password please policy received refused rejected required sender"
    b" server service support temporarily token unknown username wrong "
)


def mask(auth: "Auth", text: "bytes | bytearray") -> bytearray:
    """Return a copy of `text` with "*" in place of the password or the token.

    They are found in clear, in base64 and in capitals, whole or in pieces, with anything around.
    """
    shown = bytearray(text)
    text = bytes(text)
    token = auth.token.encode() if isinstance(auth.token, str) else auth.shown_token
    plain = b"\0" + auth.username + b"\0" + auth.password
    forms = [_base64(plain), _base64(auth.response)]
    for secret in (auth.password, token):
        forms.append(secret)
        # In base64 the characters for a byte depend on how many bytes precede it.
        for before, skipped in ((b"", 0), (b"\0", 2), (b"\0\0", 3)):
            forms.append(_base64(before + secret)[skipped:])
    for form in forms:
        if form:
            _mask_form(form, text, shown)
            _mask_form(form.upper(), text, shown)
    return shown


def _base64(data):
    return b2a_base64(data).rstrip(b"=\n")


def _mask_form(secret, text, shown):
    """Write "*" to `shown` wherever `text` has the secret, or a long piece of it."""
    least = min(_MIN_PIECE, len(secret))
    at = 0
    while at + least <= len(text):
        end = at + least
        if text[at:end] not in secret:
            at += 1
            continue
        while end < len(text) and text[at : end + 1] in secret:
            end += 1
        if _is_ordinary(text, at, end, len(secret)):
            at = end
        else:
            shown[at:end] = b"*" * (end - at)
            at += 1


def _is_ordinary(text, start, end, size):
    """Whether text[start:end], of a secret of `size` bytes, belongs to an ordinary word."""
    if size < _MIN_PIECE:
        return _is_in_word(text, start - 1) or _is_in_word(text, end)
    if end - start == size:
        return False
    while start < end and not _is_in_word(text, start):
        start += 1
    while start < end and not _is_in_word(text, end - 1):
        end -= 1
    while _is_in_word(text, start - 1):
        start -= 1
    while _is_in_word(text, end):
        end += 1
    return b" " + text[start:end].lower() + b" " in _ORDINARY


def _is_in_word(text, at):
    """Whether text[at] is a letter or a digit. A byte that is not ASCII counts as a letter."""
    if not 0 <= at < len(text):
        return False
    return text[at] > 127 or 47 < text[at] < 58 or text[at : at + 1].isalpha()
