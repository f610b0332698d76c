"""The server's words for people: nothing unprintable, and nothing of a secret."""

from . import const

_TYPING = const(0)
if _TYPING:
    from .client import Client


def reply_text(client: "Client") -> str:
    """Return the text of the reply that client.reply_code is of, as much as was kept."""
    session = client._session  # pyright: ignore[reportPrivateUsage]
    if not client.reply_code:
        return ""
    text = bytes(session.reply.text[: session.reply.length])
    if session.auth:
        from .auth.mask import mask

        text = mask(session.auth, text)
    return "".join([chr(byte) if 32 <= byte < 127 else "?" for byte in text])


def enhanced_code(client: "Client") -> str:
    """Return the reply's enhanced status code (RFC 3463), "5.1.1", or "" if it has none."""
    word = reply_text(client).split(" ")[0]
    parts = word.split(".")
    # RFC 3463 2: a class of 2, 4 or 5, then subject and detail, 999 at the most.
    is_code = len(parts) == 3 and "".join(parts).isdigit() and parts[0] in ("2", "4", "5")
    return word if is_code and 0 < len(parts[1]) < 4 and 0 < len(parts[2]) < 4 else ""
