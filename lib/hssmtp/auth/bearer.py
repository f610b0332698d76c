"""OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2: a token in the place of the password."""

from .. import SourceError

_TYPING = 0
if _TYPING:
    from ..reply import Reply
    from . import Auth


def check_token(token: object) -> bytes:
    """Return a token as bytes; TypeError if it is not a str, ValueError for what it can't hold."""
    if not isinstance(token, str):
        raise TypeError("token: not a str")
    data = token.encode("utf-8", "surrogatepass")
    if data and (min(data) <= 32 or max(data) > 126):  # RFC 6750 2.1
        raise ValueError("token: printable ASCII, without spaces")
    return data


class Mechanism:
    """Shows a token; a function of the application's is asked for it at each login."""

    is_first = True
    pauses = True
    shows_password = False
    is_proven = True  # TLS has shown who the server is

    def __init__(self, auth: "Auth"):
        self._auth = auth
        self._is_xoauth2 = False
        self._is_refused = False

    def begin(self, name: bytes) -> None:
        """Begin anew."""
        self._is_xoauth2 = name == b" XOAUTH2 "
        self._is_refused = False

    def response(self) -> "bytes | None":
        """Return what to send, None while the application has no token; raises SourceError."""
        if self._is_refused:
            # RFC 7628 3.2.3: the server's reasons are answered by a dummy.
            return b"" if self._is_xoauth2 else b"\1"
        token = self._token()
        if token is None:
            return None
        username = self._auth.username
        if self._is_xoauth2:
            head = b"user=" + username
        else:
            # RFC 5801 4: "=" and "," have a meaning in the header.
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
        """Take the server's reasons to refuse the token. The reply that follows says it."""
        if self._is_refused:
            return "a token has only one response"
        self._is_refused = True
