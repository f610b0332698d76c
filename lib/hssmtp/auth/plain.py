"""PLAIN (RFC 4616), and the older LOGIN, which sends name and password separately."""

_TYPING = 0
if _TYPING:
    from ..reply import Reply
    from . import Auth


class Mechanism:
    """PLAIN sends name and password at once. LOGIN sends the name, then the password."""

    pauses = False
    shows_password = True
    is_proven = True  # TLS has verified the server

    def __init__(self, auth: "Auth"):
        self._auth = auth
        # Made now: less may be allocated later.
        self._plain = b"\0" + auth.username + b"\0" + auth.password
        self.is_first = True
        self._prompts = 0

    def begin(self, name: bytes) -> None:
        """Start anew. name: the keyword, as Auth() has it."""
        # Some servers with LOGIN do not support an initial response.
        self.is_first = name == b" PLAIN "
        self._prompts = 0

    def response(self) -> bytes:
        """Return what to send."""
        if self.is_first:
            return self._plain
        return self._auth.username if self._prompts == 1 else self._auth.password

    def challenge(self, reply: "Reply") -> "str | None":
        """Take a prompt. PLAIN gets one, if the server ignores the initial response; LOGIN two."""
        self._prompts += 1
        if self._prompts > (1 if self.is_first else 2):
            return "the server asks for more than name and password"
        # "User" or "user" in base64: do not answer that with the password.
        text = reply.text
        if self._prompts == 2 and (text.startswith(b"VXNl") or text.startswith(b"dXNl")):
            return "LOGIN: the server asks for the name twice"
