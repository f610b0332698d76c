"""SCRAM-SHA-256 (RFC 5802, 7677): each side proves that it knows the password, none shows it."""

import os
from binascii import a2b_base64, b2a_base64
from hashlib import sha256

from .sasl import decoded, hmac, pads

_TYPING = 0
if _TYPING:
    from .reply import Reply

# RFC 7677 4: who asks for fewer rounds is after the password; who asks for more, after our time.
_FEWEST_ROUNDS = 4096
_MOST_ROUNDS = 999999
_ROUNDS_A_TICK = 16

_GS2_HEADER = b"n,,"  # RFC 5802 7: no channel binding
_BOUND = b"c=biws,r="  # the same in base64


class Scram:
    """A conversation of four messages: ours, the server's, our proof, the server's signature.

    The salted password is kept: the next connection need not work it out again (RFC 5802 5.1).
    """

    first = True
    pauses = False

    def __init__(self, user: bytes, password: bytes):
        # RFC 5802 5.1: "=" and "," have a meaning in the messages.
        self._user = user.replace(b"=", b"=3D").replace(b",", b"=2C")
        self._password = password
        self._salt = b""
        self._rounds = 0
        self._salted = b""
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        # RFC 5802 5.1: printable, without a comma, and never the same again.
        self._nonce = b2a_base64(os.urandom(18)).rstrip()
        self._first = b"n=" + self._user + b",r=" + self._nonce
        self._response = _GS2_HEADER + self._first
        self._signature = None
        self._left = 0  # rounds still to do
        self.proven = False

    def challenge(self, reply: "Reply") -> "str | None":
        """Take the server's first message, then its last."""
        message = decoded(reply)
        if message is None:
            return "SCRAM: the challenge is no base64"
        if self._signature is not None:
            if not self._response:
                return "SCRAM: a challenge too many"
            # A wrong one, none, or an error (RFC 5802 7), all the same: a 235 won't be believed.
            self.proven = message == b"v=" + self._signature
            self._response = b""
            return None
        fields = message.split(b",")
        # RFC 5802 5.1: the nonce has to go on from ours, and a field "m=" is none that we know.
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
            return "SCRAM: the salt is no base64"
        rounds = int(fields[2][2:]) if len(fields[2]) < 9 else 0
        if not salt or not _FEWEST_ROUNDS <= rounds <= _MOST_ROUNDS:
            return "SCRAM: %d to %d rounds are taken" % (_FEWEST_ROUNDS, _MOST_ROUNDS)
        self._server_first = message
        self._bound = _BOUND + fields[0][2:]
        self._salt_password(salt, rounds)
        return None

    def _salt_password(self, salt, rounds):
        """Begin RFC 5802's Hi(), PBKDF2 (RFC 8018 5.2) with one block."""
        self._response = None
        if salt == self._salt and rounds == self._rounds and self._salted:
            return
        self._salt = salt
        self._rounds = rounds
        self._salted = b""
        self._pads = pads(sha256, self._password)
        self._last = hmac(sha256, self._password, salt + b"\0\0\0\1")
        self._sum = int.from_bytes(self._last, "big")
        self._left = rounds - 1

    def response(self) -> "bytes | None":
        """What to send; None while there are rounds to do: some of them are done now."""
        if self._response is None:
            self._work()
        return self._response

    def _work(self):
        inner, outer = self._pads if self._left else (b"", b"")
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
            return
        if not self._salted:
            self._salted = self._sum.to_bytes(32, "big")
        self._prove()

    def _prove(self):
        """Our last message (RFC 5802 3), and what the server's has to be."""
        message = self._first + b"," + self._server_first + b"," + self._bound
        key = hmac(sha256, self._salted, b"Client Key")
        signature = hmac(sha256, sha256(key).digest(), message)
        proof = int.from_bytes(key, "big") ^ int.from_bytes(signature, "big")
        proof = b2a_base64(proof.to_bytes(32, "big")).rstrip()
        self._response = self._bound + b",p=" + proof
        key = hmac(sha256, self._salted, b"Server Key")
        self._signature = b2a_base64(hmac(sha256, key, message)).rstrip()
