"""What plain ASCII can't say: encoded-words (RFC 2047) and extended parameters (RFC 2231)."""


def _escape(text: str, safe: str, mark: str, room: int) -> "list[str]":
    """Cut `text`, escaped as hex, into pieces of `room` octets; no character is cut in two."""
    pieces = [""]
    for c in text:
        octets = c.encode()
        if c not in safe and not octets.isalpha() and not octets.isdigit():
            c = ""
            for octet in octets:
                c += mark + "%02X" % octet
        if len(pieces[-1]) + len(c) > room:
            pieces.append("")
        pieces[-1] += c
    return pieces


def encoded_words(text: str, room: int) -> "list[bytes]":
    """Return `text` in words of at most `room` octets: 24 (one character) to 75 (RFC 2047 2)."""
    words = []
    for piece in _escape(text, "!*+-/ ", "=", room - 12):  # RFC 2047 5 (3): fit for a phrase
        words.append(("=?utf-8?q?" + piece.replace(" ", "_") + "?=").encode())
    return words


def parameter(name: str, value: str) -> str:
    """Return `; name*=utf-8''value` in a line of its own, or in several (RFC 2231 3 and 4)."""
    pieces = _escape(value, "!#$&+-.^_`{|}~", "%", 50)
    pieces[0] = "utf-8''" + pieces[0]
    if len(pieces) == 1:
        return f";\r\n {name}*={pieces[0]}"
    lines = ""
    for i in range(len(pieces)):
        lines += f";\r\n {name}*{i}*={pieces[i]}"
    return lines
