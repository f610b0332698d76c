"""Text that is not ASCII: encoded-words (RFC 2047), parameters (RFC 2231), addresses."""

from binascii import hexlify

TEMPORARY = True  # freed after the call that needed it


def _escape(text: bytes, safe: bytes, mark: bytes, room: int) -> "list[bytes]":
    """Escape `text` in hex; return pieces of at most `room` bytes. No character is split."""
    pieces = []
    piece = b""
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and text[end] & 0xC0 == 0x80:  # the other bytes of a character
            end += 1
        char = text[start:end]
        start = end
        if char not in safe and not char.isalpha() and not char.isdigit():
            char = mark + hexlify(char, mark).upper()
        if len(piece) + len(char) > room:
            pieces.append(piece)
            piece = b""
        piece += char
    pieces.append(piece)
    return pieces


def encoded_words(text: bytes, room: int) -> "list[bytes]":
    """Return encoded-words of at most `room` bytes: 24 (one character) to 75 (RFC 2047 2)."""
    words = []
    for piece in _escape(text, b"!*+-/ ", b"=", room - 12):  # RFC 2047 5 (3): allowed in a phrase
        words.append(b"=?utf-8?q?" + piece.replace(b" ", b"_") + b"?=")
    return words


def parameter(name: bytes, value: bytes) -> bytes:
    """Return `; name*=utf-8''value` on its own line, or on several (RFC 2231 3 and 4)."""
    pieces = _escape(value, b"!#$&+-.^_`{|}~", b"%", 50)
    pieces[0] = b"utf-8''" + pieces[0]
    name = b";\r\n " + name + b"*"
    if len(pieces) == 1:
        return name + b"=" + pieces[0]
    lines = b""
    for number in range(len(pieces)):
        lines += name + str(number).encode() + b"*=" + pieces[number]
    return lines


def letters(spec: bytes) -> bytes:
    """Return an address with "x" for each character that is not ASCII, except for controls.

    RFC 6531 3.3 allows such a character wherever a letter is allowed.
    """
    plain = bytearray()
    for at in range(len(spec)):
        byte = spec[at]
        if byte >= 0xC0 and (byte != 0xC2 or spec[at + 1] >= 0xA0):  # a character begins
            byte = 120
        if not 0x80 <= byte < 0xC0:
            plain.append(byte)
    return bytes(plain)
