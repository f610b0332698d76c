"""PLAIN (RFC 4616), and LOGIN, which is older and asks for each word."""


class Plain:
    """Name and password at once."""

    first = True
    pauses = False
    proven = True  # TLS has shown who the server is

    def __init__(self, user: bytes, password: bytes):
        self._blob = b"\0" + user + b"\0" + password

    def begin(self) -> None:
        """Begin anew."""

    def response(self) -> bytes:
        """What to send."""
        return self._blob

    def challenge(self, reply: object) -> "str | None":
        """There is nothing to ask."""
        return "PLAIN has but one response"


class Login:
    """First the name and then the password, whatever the prompts say."""

    first = True
    pauses = False
    proven = True

    def __init__(self, user: bytes, password: bytes):
        self._words = (user, password)
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._word = 0

    def response(self) -> bytes:
        """What to send."""
        return self._words[self._word]

    def challenge(self, reply: object) -> "str | None":
        """The next word is due."""
        self._word += 1
        if self._word > 1:
            self._word = 1
            return "LOGIN has but two responses"
