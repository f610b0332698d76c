"""SCRAM-SHA-256 (RFC 5802, 7677): both sides prove that they know the password; none sends it."""

import os
from binascii import a2b_base64, b2a_base64
from hashlib import sha256

from .sasl import decode_challenge, hmac, pads

_TYPING = 0
if _TYPING:
    from ..reply import Reply
    from . import Auth

# RFC 7677 4: a server that wants fewer rounds may be after the password; more would take too long.
_MIN_ROUNDS = 4096
_MAX_ROUNDS = 999999
_ROUNDS_A_TICK = 16

_GS2_HEADER = b"n,,"  # RFC 5802 7: no channel binding
_BINDING = b"c=biws,r="  # the same in base64


class Mechanism:
    """Four messages: client-first, server-first, the client's proof, the server's signature."""

    is_first = True
    pauses = False
    shows_password = False

    def __init__(self, auth: "Auth"):
        self._auth = auth
        # Kept, so that the next connection need not compute it again (RFC 5802 5.1).
        self._salted = _SaltedPassword(auth.password)
        self.begin(b"")

    def begin(self, name: bytes) -> None:
        """Start anew."""
        # RFC 5802 5.1: printable, without a comma, and new each time.
        self._nonce = b2a_base64(os.urandom(18)).rstrip()
        # RFC 5802 5.1: "=" and "," are special in the messages.
        username = self._auth.username.replace(b"=", b"=3D").replace(b",", b"=2C")
        self._client_first = b"n=" + username + b",r=" + self._nonce
        self._server_first = b""
        self._client_final = b""  # without the proof
        self._response = _GS2_HEADER + self._client_first
        self._signature = None  # the one that the server's last message must have
        self.is_proven = False

    def response(self) -> "bytes | None":
        """Return what to send; None while rounds are left. Each call computes some of them."""
        if self._response is None and self._salted.compute():
            self._prove()
        return self._response

    def challenge(self, reply: "Reply") -> "str | None":
        """Take the server's first message, then its last one."""
        message = decode_challenge(reply)
        if self._signature is None:
            return self._take_first(message) if message else "SCRAM: the challenge is not base64"
        if not self._response:
            return "SCRAM: a challenge too many"
        # If the signature is wrong or missing, or for an error (RFC 5802 7), a 235 does not count.
        self.is_proven = message == b"v=" + self._signature
        self._response = b""

    def _take_first(self, message):
        """Take the server's nonce, salt and rounds; return what is wrong with them, or None."""
        fields = message.split(b",")
        # RFC 5802 5.1: the nonce has to begin with ours. A field "m=" is not supported.
        if (
            len(fields) < 3
            or not fields[0].startswith(b"r=" + self._nonce)
            or len(fields[0]) == len(self._nonce) + 2
            or fields[1][:2] != b"s="
            or fields[2][:2] != b"i="
            or not fields[2][2:].isdigit()
        ):
            return "SCRAM: not a server's first message"
        try:
            salt = a2b_base64(fields[1][2:])
        except ValueError:
            return "SCRAM: the salt is not base64"
        rounds = int(fields[2][2:]) if len(fields[2]) < 9 else 0
        if not salt or not _MIN_ROUNDS <= rounds <= _MAX_ROUNDS:
            return "SCRAM: the number of rounds must be %d to %d" % (_MIN_ROUNDS, _MAX_ROUNDS)
        self._server_first = message
        self._client_final = _BINDING + fields[0][2:]
        self._response = None
        self._salted.begin(salt, rounds)

    def _prove(self):
        """Make the client's last message (RFC 5802 3), and the signature that the server needs."""
        salted = self._salted.password
        message = self._client_first + b"," + self._server_first + b"," + self._client_final
        key = hmac(sha256, salted, b"Client Key")
        signature = hmac(sha256, sha256(key).digest(), message)
        proof = int.from_bytes(key, "big") ^ int.from_bytes(signature, "big")
        proof = b2a_base64(proof.to_bytes(32, "big")).rstrip()
        self._response = self._client_final + b",p=" + proof
        key = hmac(sha256, salted, b"Server Key")
        self._signature = b2a_base64(hmac(sha256, key, message)).rstrip()


class _SaltedPassword:
    """Hi() of RFC 5802: PBKDF2 (RFC 8018 5.2) with one block, some rounds at a time."""

    def __init__(self, password):
        self._key = password
        self._salt = b""
        self._rounds = 0
        self._left = 0  # rounds still to do
        self._pads = (b"", b"")
        self._last = b""  # the digest of the last round
        self._sum = 0  # XOR of all digests
        self.password = b""  # salted; b"" until all rounds are done

    def begin(self, salt, rounds):
        """Begin to compute it, unless it is known for this salt and these rounds."""
        if self.password and salt == self._salt and rounds == self._rounds:
            return
        self.password = b""
        self._salt = salt
        self._rounds = rounds
        self._pads = pads(sha256, self._key)
        self._last = hmac(sha256, self._key, salt + b"\0\0\0\1")
        self._sum = int.from_bytes(self._last, "big")
        self._left = rounds - 1

    def compute(self):
        """Compute some rounds, if any are left; return whether all are done."""
        inner, outer = self._pads
        for _ in range(min(self._left, _ROUNDS_A_TICK)):
            digest = sha256(inner)
            digest.update(self._last)
            self._last = digest.digest()
            digest = sha256(outer)
            digest.update(self._last)
            self._last = digest.digest()
            self._sum ^= int.from_bytes(self._last, "big")
            self._left -= 1
        if self._left:
            return False
        self.password = self._sum.to_bytes(32, "big")
        return True
