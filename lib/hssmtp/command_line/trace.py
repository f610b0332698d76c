"""--trace: the dialogue with the server, without secrets and without the mail itself.

A line of the client is shown only if it is a known command; during the login, only the name of the
mechanism is. No response can therefore appear on the screen, in whatever pieces it is sent.
"""

import re
import sys
from typing import Any

from .. import Client, Link
from ..net._cpython import python_socket
from .masking import Secrets
from .messages import shown

# States of the session, as in session.py.
_AUTH = 8
_RESPONSE = 9
_TEXT = 13

# Commands that may be shown. A response is base64, which has no colon, space or "[".
_COMMAND = re.compile(
    rb"(EHLO|HELO) \S+|MAIL FROM:<.*|RCPT TO:<.*|BDAT \d+ LAST|STARTTLS|DATA|RSET|NOOP|QUIT"
)
_AUTH_COMMAND = re.compile(rb"(AUTH [A-Z0-9_-]{1,20})( .*)?", re.DOTALL)
# The challenges of these mechanisms are fixed words or error texts. The challenges of the others
# allow to guess the password offline.
_OPEN_CHALLENGES = (b"AUTH PLAIN", b"AUTH LOGIN", b"AUTH XOAUTH2", b"AUTH OAUTHBEARER")

# In refusals of those others a long word may be a challenge or a proof.
_LONG_WORD = re.compile(rb"[A-Za-z0-9+/=]{20,}")
_PROMPTS = (b"", b"VXNlcm5hbWU6", b"UGFzc3dvcmQ6")  # of LOGIN: "Username:" and "Password:"

_MOST_REPLY = 65536  # bytes of a reply that are shown


class Trace(Link):
    """A link that shows what goes over it. Set `client` to the Client that uses it."""

    def __init__(self) -> None:
        super().__init__()
        self.client: Client | None = None
        self._secrets = Secrets()
        self._forget()

    def _forget(self) -> None:
        """Prepare for a new connection."""
        self._line = b""  # a command that is not complete
        self._login = b""  # the last "AUTH mechanism"
        self._mail: int | None = None  # bytes of the mail that were sent
        self._tail = b""  # the last bytes of those
        self._chunk = 0  # bytes of the chunk that are still to be sent (RFC 3030)
        self._received = b""
        self._reply: list[bytes] = []  # lines of a reply that is not complete
        self._is_in_handshake = False

    def step(self, now: int) -> int:
        """Connect, as Link.step() does, and show the address."""
        phase = super().step(now)
        if phase == 3:
            address, port = python_socket(self).getpeername()[:2]
            show("--", f"connected to {address}, port {port}")
        return phase

    def secure(self, context: Any, host: str) -> None:
        """Begin TLS."""
        super().secure(context, host)
        self._is_in_handshake = True

    def write(self, buf: bytearray, off: int, n: int) -> "int | None":
        """Write, and show what the link has taken."""
        taken = super().write(buf, off, n)
        if taken:
            self._show_tls()
            self._show_sent(bytes(buf[off : off + taken]))
        return taken

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Read, and show what was received."""
        count = super().readinto(buf, n)
        if count:
            self._show_tls()
            self._show_received(bytes(buf[:count]))
        return count

    def close(self) -> None:
        """Show what is not complete, and close."""
        if self._stream:
            self._end_reply(self._received)
            if self._mail is not None:
                show("C:", f"[the mail, cut off after {self._mail:,} bytes]")
            elif self._line:
                show("C:", "***")
            show("--", "closed")
        self._forget()
        super().close()

    def _show_tls(self) -> None:
        """Show the TLS version and cipher, at the first byte after the handshake."""
        if self._is_in_handshake:
            self._is_in_handshake = False
            show("--", f"{python_socket(self).version()}, {python_socket(self).cipher()[0]}")

    @property
    def _session(self) -> Any:
        return self.client._session if self.client else None

    def _is_logging_in(self) -> bool:
        return self._session is None or self._session.state in (_AUTH, _RESPONSE)

    # From the client

    def _show_sent(self, data: bytes) -> None:
        if self._session and self._session.state == _TEXT:
            self._count_text(data)
            return
        while data:
            if self._chunk:
                count = min(self._chunk, len(data))
                self._chunk -= count
                self._mail = (self._mail or 0) + count
                data = data[count:]
                if not self._chunk:
                    self._end_mail()
            else:
                line, end, data = (self._line + data).partition(b"\r\n")
                self._line = b"" if end else line
                if end:
                    self._show_line(line)

    def _count_text(self, data: bytes) -> None:
        if self._mail is None:
            self._mail = 0
            self._tail = b"\r\n"  # the text may be the dot alone
        self._mail += len(data)
        self._tail = (self._tail + data)[-5:]
        if self._tail == b"\r\n.\r\n":
            self._mail -= 3
            self._end_mail()
            show("C:", ".")

    def _end_mail(self) -> None:
        show("C:", f"[the mail, {self._mail:,} bytes]")
        self._mail = None

    def _show_line(self, line: bytes) -> None:
        login = _AUTH_COMMAND.fullmatch(line)
        if login:
            self._login = login[1]
            response = login[2] or b""
            self._learn(response[1:])
            show("C:", login[1].decode() + (" ***" if response else ""))
        elif self._is_logging_in() or not _COMMAND.fullmatch(line):
            self._learn(line)
            show("C:", "***")
        else:
            if line.startswith(b"BDAT "):
                self._chunk = int(line.split(b" ")[1])
                self._mail = 0 if self._chunk else None
            show("C:", line.decode("utf-8", "replace"))

    def _learn(self, line: bytes) -> None:
        auth = self._session and self._session.auth
        if auth:
            self._secrets.learn(line, auth.username)

    # From the server

    def _show_received(self, data: bytes) -> None:
        *lines, received = (self._received + data).split(b"\n")
        self._received = received[:_MOST_REPLY]
        for line in lines:
            self._reply.append(line.rstrip(b"\r"))
            if line[3:4] != b"-" or not line[:3].isdigit():
                self._end_reply()
            elif sum(map(len, self._reply)) > _MOST_REPLY:
                self._reply.pop()

    def _end_reply(self, rest: bytes = b"") -> None:
        """Show all lines of a reply at once: a secret may extend over several.

        rest: an incomplete line, at the end of the connection.
        """
        lines = self._reply + ([rest] if rest else [])
        self._reply = []
        self._received = b"" if rest else self._received
        codes = [line[:4] if line[:3].isdigit() else b"" for line in lines]
        texts = [line[len(code) :] for line, code in zip(lines, codes, strict=True)]
        if self._is_guessable(b"".join(codes)):
            for text in texts:
                self._learn(text)
            texts = [b"***" if text else b"" for text in texts]
        elif self._session and self._session.auth and not _is_prompt(texts):
            texts = self._masked(texts)
            if self._is_logging_in() and self._login not in _OPEN_CHALLENGES:
                texts = [_LONG_WORD.sub(b"***", text) for text in texts]
        for code, text in zip(codes, texts, strict=True):
            show("S:", (code + text).decode("utf-8", "replace"))

    def _is_guessable(self, code: bytes) -> bool:
        """Whether a reply is a challenge or a proof, from which a password can be guessed."""
        is_open = self._login in _OPEN_CHALLENGES
        return self._is_logging_in() and not is_open and code[:1] not in (b"4", b"5")

    def _masked(self, texts: list[bytes]) -> list[bytes]:
        whole = b"".join(texts)
        hidden = self._secrets.hidden(whole, self._session.auth)
        masked: list[bytes] = []
        start = 0
        for text in texts:
            flags = hidden[start : start + len(text)]
            line = bytes(0 if flag else byte for byte, flag in zip(text, flags, strict=True))
            masked.append(re.sub(rb"\0+", b"***", line))
            start += len(text)
        return masked


def _is_prompt(texts: list[bytes]) -> bool:
    return len(texts) == 1 and texts[0] in _PROMPTS


def show(who: str, text: str) -> None:
    """Print a line of the trace."""
    print(who, shown(text), file=sys.stderr, flush=True)
