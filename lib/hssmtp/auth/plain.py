"""PLAIN (RFC 4616), and LOGIN, which is older and asks for each word."""

_TYPING = 0
if _TYPING:
    from ..reply import Reply
    from . import Auth


class Mechanism:
    """PLAIN: name and password at once. LOGIN: the name, then the password, whatever is asked."""

    pauses = False
    shows_password = True
    is_proven = True  # TLS has shown who the server is

    def __init__(self, auth: "Auth"):
        self._auth = auth
        # Made now, since less can be allocated later.
        self._plain = b"\0" + auth.username + b"\0" + auth.password
        self.is_first = True
        self._prompts = 0

    def begin(self, name: bytes) -> None:
        """Begin anew."""
        # Some servers that have LOGIN know no initial response.
        self.is_first = name == b" PLAIN "
        self._prompts = 0

    def response(self) -> bytes:
        """Return what to send."""
        if self.is_first:
            return self._plain
        return self._auth.username if self._prompts == 1 else self._auth.password

    def challenge(self, reply: "Reply") -> "str | None":
        """Take the prompt: with PLAIN one that ignores the initial response, with LOGIN two."""
        self._prompts += 1
        if self._prompts > (1 if self.is_first else 2):
            return "the server asks for more than name and password"
        # "User" and "user" in base64: the password is no answer to that.
        text = reply.text
        if self._prompts == 2 and (text.startswith(b"VXNl") or text.startswith(b"dXNl")):
            return "LOGIN: the server asks for the name twice"
