"""The SASL mechanisms (RFC 4954): PLAIN (RFC 4616) and LOGIN."""

from . import const
from .base64 import encode
from .headers import check

# RFC 4954 4: where the initial response would make the command line longer than RFC 5321's 512
# octets, it waits for the server's 334; that line may be as long as it needs to be.
_LONGEST_RESPONSE = const(480)

# So many octets of a secret, or all of a shorter one, tell too much of it.
_TELLING = const(5)


class Auth:
    """Credentials, and how they get to a server by a mechanism that it offers."""

    def __init__(self, username: str, password: str):
        # One blob for both mechanisms: PLAIN sends all of it, LOGIN the two words in it.
        # RFC 4616 2 has no NUL in them, and RFC 4013 2.3 no other control.
        user = check(username, "username").encode()
        self._blob = b"\0" + user + b"\0" + check(password, "password").encode()
        self._split = len(user) + 1
        self.forget()

    def forget(self) -> None:
        """A new session: nothing is offered yet."""
        self.mechanism = b""
        self.left = False  # a response is due
        self._words = 0  # how many have been taken up
        self._start = self._end = 0  # what of the blob is still to go

    def offer(self, text: bytearray, end: int) -> None:
        """Choose from the mechanisms in text[:end], which has a space at either end of each."""
        if text.find(b" PLAIN ", 0, end + 1) > 0:  # a wait less than LOGIN
            self.mechanism = b"PLAIN"
        elif text.find(b" LOGIN ", 0, end + 1) > 0 and not self.mechanism:
            self.mechanism = b"LOGIN"

    def begin(self, buf: bytearray, off: int) -> int:
        """Put the mechanism's name into buf[off:], and choose whether its response goes along."""
        end = off + len(self.mechanism)
        buf[off:end] = self.mechanism
        self._words = 0
        self.challenge()
        self.left = (self._end - self._start) * 4 // 3 < _LONGEST_RESPONSE
        if self.left:
            buf[end] = 32
            end += 1
            if self._start == self._end:  # RFC 4954 4: an initial response without an octet
                buf[end] = 61
                end += 1
        else:
            self._words = self._start = self._end = 0
        return end

    def challenge(self) -> bool:
        """The server asks: the next word is due, whatever its prompt says; False if none is."""
        word = self._words
        self._words = word + 1
        self._start = self._split + 1 if word else 0
        self._end = len(self._blob)
        self.left = not word
        if self.mechanism == b"LOGIN":
            if not word:
                self._start = 1
                self._end = self._split
            self.left = word < 2
        return self.left

    def respond(self, buf: bytearray, off: int) -> int:
        """Put as much of the response into buf[off:] as fits; `left` says whether that was all."""
        n = (len(buf) - off - 2) // 4 * 3
        if n >= self._end - self._start:
            n = self._end - self._start
            self.left = False
        off = encode(self._blob, self._start, n, buf, off, -1)
        self._start += n
        return off

    def mask(self, text: bytes) -> bytearray:
        """Some servers repeat what they don't like: blot out whatever would tell of the secret."""
        from binascii import b2a_base64

        secret = self._blob[self._split + 1 :]
        shown = bytearray(text)
        for blob in (secret, b2a_base64(secret), b2a_base64(self._blob)):
            blob = blob.rstrip(b"=\n")
            n = min(len(blob), _TELLING)
            for at in range(len(text) - n + 1 if n else 0):
                if text[at : at + n] in blob:
                    shown[at : at + n] = b"*" * n
        return shown
