"""OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2: a token in the place of the password."""

from .headers import check

_TYPING = 0
if _TYPING:
    from collections.abc import Callable

    from .reply import Reply


class Bearer:
    """Shows a token, asking the application for it each time."""

    first = True
    pauses = True
    proven = True  # TLS has shown who the server is

    def __init__(self, user: bytes, token: "str | Callable[[], str | None]", xoauth2: bool):
        self._user = user
        self._token = token
        self._xoauth2 = xoauth2
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._refused = False

    def response(self) -> "bytes | None":
        """What to send; None while the application has no token. What it raises comes through."""
        if self._refused:
            # RFC 7628 3.2.3: what the server says of its reasons is answered by a dummy.
            return b"" if self._xoauth2 else b"\1"
        token = self._token if isinstance(self._token, str) else self._token()
        if token is None:
            return None
        if " " in check(token, "token") or max(token + "~") > "~":
            raise ValueError("token: printable ASCII, without spaces")  # RFC 6750 2.1
        head = b"user=" + self._user
        if not self._xoauth2:  # RFC 5801 4: "=" and "," have a meaning in the header
            user = self._user.replace(b"=", b"=3D").replace(b",", b"=2C")
            head = b"n,a=" + user + b"," if user else b"n,,"
        return head + b"\1auth=Bearer " + token.encode() + b"\1\1"

    def challenge(self, reply: "Reply") -> "str | None":
        """The token was refused: the reply that follows says so."""
        if self._refused:
            return "a token has but one response"
        self._refused = True
