"""CRAM-MD5 (RFC 2195): a proof of the password by MD5, which is no longer strong."""

import hashlib
from binascii import hexlify

from .sasl import decode_challenge, hmac

_TYPING = 0
if _TYPING:
    from ..reply import Reply
    from . import Auth


class Mechanism:
    """A digest of the server's challenge, with the password as the key."""

    is_first = False
    pauses = False
    shows_password = False
    is_proven = True  # TLS has verified the server; CRAM-MD5 can't

    def __init__(self, auth: "Auth"):
        self._auth = auth
        self._response = None

    def begin(self, name: bytes) -> None:
        """Start anew."""
        self._response = None

    def response(self) -> "bytes | None":
        """Return what to send."""
        return self._response

    def challenge(self, reply: "Reply") -> "str | None":
        """Take the challenge, and make the response."""
        text = decode_challenge(reply)
        if not text:
            return "CRAM-MD5: the challenge is not base64"
        if self._response:
            return "CRAM-MD5: a challenge too many"
        digest = hexlify(hmac(hashlib.md5, self._auth.password, text))
        self._response = self._auth.username + b" " + digest
