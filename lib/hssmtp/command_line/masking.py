"""Find secrets in a server's replies, also in base64 at any offset: too slow for a device."""

import binascii
import re
from binascii import a2b_base64

from ..auth import Auth
from ..auth.mask import mask

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")  # RFC 4648 5
_NO_BASE64 = bytes(set(range(256)) - set(_BASE64 + b"-_"))
_RUN = re.compile(rb"[A-Za-z0-9+/_=-]+")
# What separates the values in the responses of all mechanisms.
_SEPARATORS = re.compile(rb"\x01auth=Bearer |[\x00\x01\s,]")

# The shortest piece of a secret to hide, in bytes, where it is repeated in base64.
_PIECE = 4
# The shortest piece of a hash or nonce to hide in plain text: a shorter one may be a word.
_PLAIN_PIECE = 5


class Secrets:
    """The secrets of a login, and where they appear in a reply."""

    def __init__(self) -> None:
        self._blobs: dict[int, set[bytes]] = {}  # pieces of secrets, by length
        self._plain: set[bytes] = set()

    def learn(self, line: bytes, username: bytes) -> None:
        """Remember a response, or a challenge that must not be shown, in base64."""
        try:
            decoded = a2b_base64(line + b"===")
        except binascii.Error:
            decoded = line
        for piece in (line, *_SEPARATORS.split(decoded)):
            value = piece.partition(b"=")[2] if piece[1:2] == b"=" else piece
            # The user name is not secret: servers repeat it in refusals.
            if value and value not in username and username not in value:
                self._add(value)
                self._plain.update(_windows(value, _PLAIN_PIECE))

    def _add(self, blob: bytes) -> None:
        size = min(len(blob), _PIECE)
        if size > 2:  # shorter ones appear in any text
            self._blobs.setdefault(size, set()).update(_windows(blob, size))

    def hidden(self, text: bytes, auth: Auth) -> bytearray:
        """Return a byte for each byte of `text`: 1 for a part of a secret, else 0."""
        found = bytearray(a != b for a, b in zip(mask(auth, text), text, strict=True))
        for secret in (auth.password, auth.shown_token):
            self._add(secret)
        if isinstance(auth.token, str):
            self._add(auth.token.encode())
        self._find_plain(text, found)
        self._find_base64(text, found)
        for run in _RUN.finditer(text):  # hide the whole word that a piece is in
            if any(found[run.start() : run.end()]) and run.end() - run.start() > _PIECE:
                found[run.start() : run.end()] = b"\1" * (run.end() - run.start())
        return found

    def _find_plain(self, text: bytes, found: bytearray) -> None:
        for at in range(len(text) - _PLAIN_PIECE + 1):
            if text[at : at + _PLAIN_PIECE] in self._plain:
                found[at : at + _PLAIN_PIECE] = b"\1" * _PLAIN_PIECE

    def _find_base64(self, text: bytes, found: bytearray) -> None:
        """Decode the text from each of four offsets; ignore what is not base64."""
        places = [at for at, byte in enumerate(text) if byte not in _NO_BASE64]
        characters = text.translate(_URL_SAFE, _NO_BASE64)
        for offset in range(4):
            end = len(characters) - (len(characters) - offset) % 4
            rest = characters[end:] + b"AAAA"[len(characters) - end :] if end > 0 else b""
            decoded = a2b_base64(characters[offset:end] + rest)
            for size, windows in self._blobs.items():
                for at in range(len(decoded) - size + 1):
                    if decoded[at : at + size] in windows:
                        first = offset + at * 4 // 3
                        last = min(offset + (at + size - 1) * 4 // 3 + 2, len(places))
                        for place in places[first:last]:
                            found[place] = 1


def _windows(blob: bytes, size: int) -> list[bytes]:
    return [blob[at : at + size] for at in range(len(blob) - size + 1)]
