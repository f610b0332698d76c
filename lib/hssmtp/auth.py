"""AUTH (RFC 4954): which SASL mechanism, and how its responses get to the server."""

import hashlib

from . import const
from .base64 import encode
from .headers import check
from .octets import word

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    from .reply import Reply

# The strongest first: who is asked for a proof shows no password, and PLAIN is a wait less than
# LOGIN. The spaces are those around a keyword.
_MECHANISMS = (
    b" OAUTHBEARER ",
    b" XOAUTH2 ",
    b" SCRAM-SHA-256 ",
    b" CRAM-MD5 ",
    b" PLAIN ",
    b" LOGIN ",
)
_XOAUTH2 = const(1)
_SCRAM = const(2)
_CRAM = const(3)
_PLAIN = const(4)
_LOGIN = const(5)
_PROOFS = const(0b001100)  # a bit each: what may be seen by others

_PROTOCOL = const(7)
_LOGIN_FAILED = const(8)

# RFC 4954 4: where the initial response would make the command line longer than RFC 5321's 512
# octets, it waits for the server's 334; that line may be as long as it needs to be.
_LONGEST_RESPONSE = const(480)

_UNFIT = (MemoryError, ImportError)

# So many octets of a secret, or all of a shorter one, tell too much of it.
_TELLING = const(5)


class Auth:
    """Credentials, and how they get to a server by a mechanism that it offers.

    only: the name of the one that may be used. Raises ValueError if that is none, or if nothing
    is given that it could prove.

    A mechanism has: begin(); response(), the octets to send, None if they are not ready yet;
    challenge(reply), which takes what the server asks, and says what is wrong with that; `first`:
    it begins without being asked; `pauses`: it waits for the application, not for its own work;
    `proven`: the server has shown what it owes.
    """

    def __init__(
        self,
        username: str,
        password: "str | None" = None,
        token: "str | Callable[[], str | None] | None" = None,
        only: "str | None" = None,
    ):
        # RFC 4616 2 has no NUL in them, and RFC 4013 2.3 no other control.
        self._user = check(username, "username").encode()
        self._password = check(password or "", "password").encode()
        if isinstance(token, str):
            check(token, "token")  # the line's end that a file has behind it
        self._token = token
        usable = 0
        if token is not None:
            usable = 1 | 1 << _XOAUTH2 if username else 1  # RFC 7628 3.1: the token may tell who
        if token is None or password is not None:
            usable |= 1 << _SCRAM | 1 << _PLAIN | 1 << _LOGIN
            if hasattr(hashlib, "md5"):
                usable |= 1 << _CRAM
        if only is not None:
            name = b" " + only.upper().encode() + b" "
            if name not in _MECHANISMS or not usable >> _MECHANISMS.index(name) & 1:
                raise ValueError("auth: %r is not known, or has no password or token" % only)
            usable = 1 << _MECHANISMS.index(name)
        self._only = only is not None
        self._usable = usable
        self._mechanism: Any = None
        self._made: list[Any] = [None] * len(_MECHANISMS)
        for which in (_PLAIN, _LOGIN):  # now, since nothing can be allocated later
            if usable >> which & 1:
                self._make(which)
        self.forget()

    def forbid_plaintext(self) -> None:
        """Without TLS only a proof may go; ValueError if there is none to choose."""
        if not self._only or not self._usable & _PROOFS:
            raise ValueError(
                'security="none" would send the password in the clear: use "starttls" or'
                ' "tls", or allow_plaintext_auth=True'
            )

    def forget(self) -> None:
        """A new session: nothing is offered yet."""
        self.offered = 0  # a bit for each mechanism that can be tried
        self.left = False  # a response is due
        self.problem = None  # what is wrong with what the server says
        self._which = 0
        self._data = b""  # the response
        self._start = self._end = 0  # what of it is still to go
        self._held = False  # it waits to be asked for

    def offer(self, text: bytearray, end: int) -> None:
        """Take a line of the reply to EHLO: text[:end], in capitals, and a space behind it."""
        if text.startswith(b"AUTH="):  # as it was before RFC 2554
            text[4] = 32
        if text.startswith(b"AUTH "):
            for which in range(len(_MECHANISMS)):
                if text.find(_MECHANISMS[which], 0, end + 1) > 0:
                    self.offered |= self._usable & 1 << which

    def _make(self, which):
        if which == _SCRAM:
            from .scram import Scram

            made = Scram(self._user, self._password)
        elif which == _CRAM:
            from .cram import Cram

            made = Cram(self._user, self._password)
        elif which <= _XOAUTH2:
            from .bearer import Bearer

            made = Bearer(self._user, self._token or "", which == _XOAUTH2)
        else:
            from .plain import Login, Plain

            made = (Login if which == _LOGIN else Plain)(self._user, self._password)
        self._made[which] = made
        return made

    # The mechanism at work

    @property
    def pauses(self) -> bool:
        """Whether it is the application that a response waits for."""
        return self._mechanism.pauses

    def prepare(self, first: bool) -> bool:
        """Have the next response at hand, or the first; False if it is not ready yet."""
        if first:
            self._choose()
            data = self._mechanism.response() if self._mechanism.first else b""
        else:
            data = self._data if self._held else self._mechanism.response()
        if data is None:
            return False
        self._data = data
        self._start = 0
        self._end = len(data)
        self._held = False
        return True

    def _choose(self):
        """Take the strongest that is offered, and that this device has the memory and file for."""
        self._which = 0
        while not self.offered >> self._which & 1:
            self._which += 1
        try:
            self._mechanism = self._made[self._which] or self._make(self._which)
            self._mechanism.begin()
        except _UNFIT:
            self.offered &= ~(1 << self._which)
            if not self.offered:
                raise
            self._choose()

    def begin(self, buf: bytearray, off: int) -> int:
        """Put the mechanism's name into buf[off:], and choose whether its response goes along."""
        off = word(buf, off, _MECHANISMS[self._which])
        self._held = self._end * 4 // 3 >= _LONGEST_RESPONSE
        self.left = self._mechanism.first and not self._held
        if not self.left:
            self._end = 0
            return off - 1
        if not self._end:  # RFC 4954 4: an initial response without an octet
            off = word(buf, off, b"=")
        return off

    def respond(self, buf: bytearray, off: int) -> int:
        """Put as much of the response into buf[off:] as fits; `left` says whether that was all."""
        n = (len(buf) - off - 2) // 4 * 3
        if n >= self._end - self._start:
            n = self._end - self._start
            self.left = False
        off = encode(self._data, self._start, n, buf, off, -1)
        self._start += n
        return off

    def challenge(self, reply: "Reply") -> int:
        """The server asks (334): 0, or the error if that makes no sense."""
        if not self._held:
            self.problem = self._mechanism.challenge(reply)
            if self.problem:
                return _PROTOCOL
        self.left = True
        return 0

    def proven(self) -> int:
        """The server is content (235): 0, or the error if it has not shown that it may be."""
        if self._mechanism.proven:
            return 0
        self.problem = "the server doesn't prove that it knows the password"
        return _LOGIN_FAILED

    def refused(self, code: int, secured: bool) -> bool:
        """The server is not: whether another mechanism is worth a try.

        Some that offer a proof know only the password's hash. In the clear nothing weaker follows,
        and what PLAIN was refused LOGIN will be too.
        """
        self.left = False
        self.offered &= ~(1 << self._which)
        if code < 500 or not secured or self._which >= _PLAIN:
            self.offered = 0
        return self.offered > 0

    def mask(self, text: bytes) -> bytearray:
        """Some servers repeat what they don't like: blot out whatever would tell of the secret."""
        from binascii import b2a_base64

        token = self._token.encode() if isinstance(self._token, str) else b""
        plain = b"\0" + self._user + b"\0" + self._password
        blobs = [self._password, token]
        for blob in (self._password, token, plain, self._data):
            blobs.append(b2a_base64(blob).rstrip(b"=\n"))
        shown = bytearray(text)
        for blob in blobs:
            n = min(len(blob), _TELLING)
            for at in range(len(text) - n + 1 if n else 0):
                if text[at : at + n] in blob:
                    shown[at : at + n] = b"*" * n
        return shown
