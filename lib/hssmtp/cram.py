"""CRAM-MD5 (RFC 2195): a proof of the password, by a digest that is no longer strong."""

import hashlib
from binascii import hexlify

from .sasl import decoded, hmac

_TYPING = 0
if _TYPING:
    from .reply import Reply


class Cram:
    """Digests what the server says, by the password as the key."""

    first = False
    pauses = False
    proven = True  # TLS has shown who the server is; this can't

    def __init__(self, user: bytes, password: bytes):
        self._user = user
        self._password = password
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._response = None

    def response(self) -> "bytes | None":
        """What to send."""
        return self._response

    def challenge(self, reply: "Reply") -> "str | None":
        """Take what is to be digested."""
        text = decoded(reply)
        if not text:
            return "CRAM-MD5: the challenge is no base64"
        if self._response:
            return "CRAM-MD5 has but one response"
        digest = hexlify(hmac(hashlib.md5, self._password, text))
        self._response = self._user + b" " + digest
