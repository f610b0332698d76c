"""PLAIN (RFC 4616), and LOGIN, which is older and asks for each word."""

_TYPING = 0
if _TYPING:
    from . import Auth


class Mechanism:
    """PLAIN: name and password at once. LOGIN: the name, then the password, whatever is asked."""

    is_first = True
    pauses = False
    shows_password = True
    is_proven = True  # TLS has shown who the server is

    def __init__(self, auth: "Auth"):
        self._auth = auth
        # Made now, since less can be allocated later.
        self._plain = b"\0" + auth.username + b"\0" + auth.password
        self.begin(b"")

    def begin(self, name: bytes) -> None:
        """Begin anew."""
        self._is_login = name == b" LOGIN "
        self._is_name_sent = False

    def response(self) -> bytes:
        """Return what to send."""
        if not self._is_login:
            return self._plain
        return self._auth.password if self._is_name_sent else self._auth.username

    def challenge(self, reply: object) -> "str | None":
        """Take the prompt: with LOGIN the password is due."""
        if self._is_name_sent or not self._is_login:
            return "the server asks for more than name and password"
        self._is_name_sent = True
