"""The client's side of a dialogue: its options, its credentials, the files that it opens."""

import builtins
import random
from binascii import b2a_base64
from typing import Any
from unittest import mock

import hssmtp
import hssmtp.mime.file_part
import hssmtp.net.trust
import hssmtp.recipients.addresslist

from .legal import Rules
from .sources import Fault

_USER = "boiler@example.com"
_LETTERS = "bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ0123456789!#%_"
_DISABLED = ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "DSN")
_PROOFS = ("CRAM-MD5", "SCRAM-SHA-256")


class Files:
    """Opens the library's files in the place of open(): counts them, and has them fail on purpose.

    fails_at: so many reads succeed, then one raises; -1: none. ends_early: an attachment's ends
    there instead.
    """

    def __init__(self) -> None:
        self._open: list[_File] = []
        self.fails_at = -1
        self.ends_early = False
        self.has_failed = False

    def installed(self) -> list[Any]:
        """Contexts in which the library opens its files here."""
        modules = (hssmtp.mime.file_part, hssmtp.recipients.addresslist)
        return [mock.patch.object(each, "open", self.open, create=True) for each in modules]

    def begin(self, fails_at: int, ends_early: bool) -> None:
        """Begin a new mail."""
        self.fails_at = fails_at
        self.ends_early = ends_early
        self.has_failed = False

    def open(self, path: str, mode: str) -> "_File":
        """Open a file; close() on it is counted."""
        opened = builtins.open(path, mode)  # noqa: SIM115 (the library closes it)
        file = _File(self, opened, path.endswith(".bin"))
        self._open.append(file)
        return file

    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def forget(self, file: "_File") -> None:
        """It is closed."""
        if file in self._open:
            self._open.remove(file)

    def close(self) -> None:
        """Close what was left open."""
        for file in list(self._open):
            file.close()

    def fails_now(self) -> bool:
        """Whether this read has to fail."""
        if self.fails_at < 0:
            return False
        self.fails_at -= 1
        if self.fails_at < 0:
            self.has_failed = True
            self.fails_at = 0  # and so do those that follow
            return True
        return False


class _File:
    def __init__(self, files: Files, file: Any, is_attachment: bool):
        self._files = files
        self._file = file
        self._is_attachment = is_attachment

    def readinto(self, buf: Any) -> int:
        if self._files.fails_now():
            if self._files.ends_early and self._is_attachment:
                return 0
            raise Fault(5, "the file can't be read")
        return self._file.readinto(buf)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def close(self) -> None:
        self._files.forget(self)
        self._file.close()


class Credentials:
    """A login, and all that would tell of it: `forms` whole, `grams` in pieces of five bytes."""

    def __init__(self, rng: random.Random, is_plain: bool):
        self.options: dict[str, Any] = {}
        self.forms: list[bytes] = []
        self.token_plan: list[str] = []
        secret = "".join(rng.choice(_LETTERS) for _ in range(rng.choice((3, 9, 14, 40))))
        self.secret = secret.encode()
        self.users = {_USER: secret}
        self.has_token_failed = False
        if rng.random() < 0.25:
            if rng.random() < 0.8:
                self.options["username"] = _USER
            if rng.random() < 0.5:
                self.options["token"] = secret
            else:
                self.token_plan = [rng.choice(("none", "good", "good", "raise"))]
                self.options["token"] = self._token
        else:
            self.options.update(username=_USER, password=secret)
        if "password" in self.options and rng.random() < 0.4:
            self.options["auth"] = rng.choice(("PLAIN", "LOGIN", *_PROOFS))
        self.shows_password = True
        if is_plain:
            self.shows_password = rng.random() < 0.7 or self.options.get("auth") not in _PROOFS
            if self.shows_password:
                self.options["allow_plaintext_auth"] = True
        self._spell()

    def _token(self):
        act = self.token_plan.pop() if self.token_plan else "good"
        if act == "none":
            return None
        if act == "raise":
            self.has_token_failed = True
            raise Fault(5, "no token")
        return self.secret.decode()

    def _spell(self):
        secret = self.secret
        self.forms = [secret]
        for before in (b"", b"\0", b"\0\0"):
            encoded = b2a_base64(before + secret, newline=False).rstrip(b"=")
            if (len(before) + len(secret)) % 3:
                encoded = encoded[:-1]  # it depends on what follows, too
            self.forms.append(encoded[(0, 2, 3)[len(before)] :])
        self.grams = frozenset(
            form[at : at + 5] for form in self.forms for at in range(len(form) - 4)
        )

    def echoes(self, rng: random.Random) -> list[bytes]:
        """What a server may repeat of them."""
        blob = b"\0" + _USER.encode() + b"\0" + self.secret
        bearer = b"user=" + _USER.encode() + b"\1auth=Bearer " + self.secret + b"\1\1"
        some = [self.secret, b"x" * rng.randrange(4) + self.secret[rng.randrange(3) :]]
        for octets in (self.secret, blob, bearer, b"x" * rng.randrange(1, 3) + self.secret):
            some.append(b2a_base64(octets, newline=False))
        return some


class Options:
    """What a dialogue's client is made with, and the rules that follow from that."""

    def __init__(self, rng: random.Random):
        self.security = rng.choice(("none", "none", "none", "starttls", "starttls", "tls"))
        is_plain = self.security == "none"
        self.credentials = Credentials(rng, is_plain) if rng.random() < 0.35 else None
        self.keep_open_ms = rng.choice((0, 0, 0, 1000, 600000, 600000))
        disabled: tuple[str, ...] = ("BINARYMIME",)
        if rng.random() < 0.6:
            disabled = tuple(word for word in _DISABLED if rng.random() < 0.06)
        self.client: dict[str, Any] = {
            "security": self.security,
            "buffer_size": rng.choice((512, 513, 600, 1024, 1024, 2048, 4096)),
            "keep_open_ms": self.keep_open_ms,
            "disable": disabled,
        }
        if self.security != "none":
            self.client["insecure"] = True
        if rng.random() < 0.2:
            self.client["timeouts"] = {"command": 3000, "data": 4000, "block": 5000, "text": 9000}
        if self.credentials:
            self.client.update(self.credentials.options)
        shows_password = bool(self.credentials and self.credentials.shows_password)
        self.rules = Rules(self.security, bool(self.credentials), disabled, shows_password)

    def grams(self) -> frozenset[bytes]:
        """Pieces of what must not be told."""
        return self.credentials.grams if self.credentials else frozenset()


def cheap_tls() -> Any:
    """Where no TLS context is made: it takes long, and the links here need none."""
    return mock.patch.object(hssmtp.net.trust, "make_context", lambda ca, insecure: object())
