"""What the mechanisms share that ask for a proof: challenges to read, and HMAC (RFC 2104)."""

from binascii import a2b_base64

_TYPING = 0
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    from .reply import Reply

    Hash = Callable[[bytes], Any]

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLOCK = 64  # octets, of MD5 and of SHA-256


def decoded(reply: "Reply") -> "bytes | None":
    """What a challenge says; None if it is no base64 (RFC 4954 4), or was longer than is kept."""
    text = bytes(reply.text[: reply.length])
    if len(text) % 4 or len(text) > len(reply.text) - 5:
        return None
    digits = text.rstrip(b"=")
    if len(text) - len(digits) > 2 or digits.strip(_ALPHABET):
        return None
    try:
        return a2b_base64(text)
    except ValueError:
        return None


def hmac(hashed: "Hash", key: bytes, message: bytes) -> bytes:
    """The keyed digest of a message; hashed: hashlib's sha256, or its md5."""
    inner, outer = pads(hashed, key)
    inner = hashed(inner)
    inner.update(message)
    outer = hashed(outer)
    outer.update(inner.digest())
    return outer.digest()


def pads(hashed: "Hash", key: bytes) -> "tuple[bytes, bytes]":
    """The two blocks that a key comes to: who needs many digests makes them once."""
    if len(key) > _BLOCK:
        key = hashed(key).digest()
    key = key + bytes(_BLOCK - len(key))
    return bytes([c ^ 0x36 for c in key]), bytes([c ^ 0x5C for c in key])
