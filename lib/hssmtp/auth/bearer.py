"""OAUTHBEARER (RFC 7628) and the older XOAUTH2: a token instead of a password."""

from .. import SourceError

_TYPING = 0
if _TYPING:
    from ..reply import Reply
    from . import Auth


def check_token(token: object) -> bytes:
    """Return a token as bytes. Raises TypeError for no str, ValueError for other characters."""
    if not isinstance(token, str):
        raise TypeError("token: not a str")
    data = token.encode("utf-8", "surrogatepass")
    if data and (min(data) <= 32 or max(data) > 126):  # RFC 6750 2.1
        raise ValueError("token: printable ASCII, without spaces")
    return data


class Mechanism:
    """A token. If `token` is a callable, it is called at each login."""

    is_first = True
    pauses = True
    shows_password = False
    is_proven = True  # TLS has verified the server

    def __init__(self, auth: "Auth"):
        self._auth = auth
        self._is_xoauth2 = False
        self._is_refused = False

    def begin(self, name: bytes) -> None:
        """Start anew."""
        self._is_xoauth2 = name == b" XOAUTH2 "
        self._is_refused = False

    def response(self) -> "bytes | None":
        """Return what to send, None while the application has no token. Raises SourceError."""
        if self._is_refused:
            # RFC 7628 3.2.3: answer the server's error with a dummy response.
            return b"" if self._is_xoauth2 else b"\1"
        token = self._token()
        if token is None:
            return None
        username = self._auth.username
        if self._is_xoauth2:
            head = b"user=" + username
        else:
            # RFC 5801 4: "=" and "," are special in this header.
            username = username.replace(b"=", b"=3D").replace(b",", b"=2C")
            head = b"n,a=" + username + b"," if username else b"n,,"
        return head + b"\1auth=Bearer " + token + b"\1\1"

    def _token(self):
        token = self._auth.token
        if isinstance(token, str):
            return check_token(token)
        try:
            token = token()  # pyright: ignore[reportOptionalCall]
            if token is None:
                return None
            token = check_token(token)
        except Exception as exc:
            raise SourceError(exc)
        self._auth.shown_token = token
        return token

    def challenge(self, reply: "Reply") -> "str | None":
        """Take the server's error for this token. The next reply refuses the login."""
        if self._is_refused:
            return "a token has only one response"
        self._is_refused = True
