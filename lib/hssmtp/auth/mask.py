"""Mask secrets: some servers repeat what they refuse."""

from binascii import b2a_base64

_TYPING = 0
if _TYPING:
    from . import Auth

# So many bytes of a secret, or all of a shorter one, tell too much of it.
_TELLING = 5


def mask(auth: "Auth", text: bytes) -> bytearray:
    """Return a copy of `text` with "*" for what would tell of the password or the token."""
    token = auth.token.encode() if isinstance(auth.token, str) else auth.shown_token
    plain = b"\0" + auth.username + b"\0" + auth.password
    secrets = [auth.password, token]
    for blob in (auth.password, token, plain, auth.response):
        secrets.append(_base64(blob))
    for blob in (auth.password, token):
        if len(blob) >= _TELLING:  # in base64 behind other text
            secrets.append(_base64(b"\0" + blob)[2:])
            secrets.append(_base64(b"\0\0" + blob)[3:])
    shown = bytearray(text)
    for secret in secrets:
        count = min(len(secret), _TELLING)
        for at in range(len(text) - count + 1 if count else 0):
            if text[at : at + count] in secret:
                shown[at : at + count] = b"*" * count
    return shown


def _base64(blob):
    return b2a_base64(blob).rstrip(b"=\n")
