"""Functions for the mechanisms that prove the password: challenges, HMAC (RFC 2104)."""

from binascii import a2b_base64

_TYPING = 0
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    from ..reply import Reply

    Hash = Callable[[bytes], Any]

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLOCK = 64  # bytes of a block, for MD5 and SHA-256


def decode_challenge(reply: "Reply") -> "bytes | None":
    """Return a challenge, decoded; None if it is not base64 (RFC 4954 4), or was cut off."""
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
    """Return the HMAC of a message. hashed: hashlib's sha256 or md5."""
    inner, outer = pads(hashed, key)
    inner = hashed(inner)
    inner.update(message)
    outer = hashed(outer)
    outer.update(inner.digest())
    return outer.digest()


def pads(hashed: "Hash", key: bytes) -> "tuple[bytes, bytes]":
    """Return the inner and the outer block of a key, which many digests can share."""
    if len(key) > _BLOCK:
        key = hashed(key).digest()
    key = key + bytes(_BLOCK - len(key))
    return bytes([byte ^ 0x36 for byte in key]), bytes([byte ^ 0x5C for byte in key])
