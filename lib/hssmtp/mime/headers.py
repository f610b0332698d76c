"""Header fields (RFC 5322): folded, quoted and encoded. Loaded for composing alone.

encoded.py handles text that is not ASCII.
"""

import os
from binascii import hexlify

from .. import call, const
from .compose import ATEXT, check

TEMPORARY = True  # freed after the call that needed it

_CLOCK_SET = const(2024)  # the year: an earlier one means that the clock is not set


def make_header(now, sender, fields, subject, headers) -> "tuple[str, bytes]":
    """Return a new id, and the mail's header without the fields about the content.

    now: a tuple from time.gmtime(); there is no Date while the clock is not set. sender: an
    address. fields: as addresses.check_mailboxes() returns them.
    """
    head = bytearray()
    if now[0] >= _CLOCK_SET:
        head.extend(date_field(now))
    for field, mailboxes in fields:
        addresses(head, field, mailboxes)
    unstructured(head, b"Subject", subject, "subject")
    if headers is not None:
        call("mime.further_fields", "add_fields", head, headers)
    # Random: unique without a clock, and boundaries made of it can't be guessed.
    id = hexlify(os.urandom(12))
    domain = sender[sender.rfind(b"@") :]
    if max(domain) > 126:  # RFC 5322 3.6.4 allows only ASCII
        domain = b"@localhost"
    head.extend(b"Message-ID: <" + id + domain + b">\r\nMIME-Version: 1.0\r\n")
    return id.decode(), bytes(head)


def date_field(now: "tuple[int, ...]") -> bytes:
    """Return the Date field (RFC 5322 3.3) for a tuple from time.gmtime()."""
    names = "MonTueWedThuFriSatSunJanFebMarAprMayJunJulAugSepOctNovDec"
    day = names[now[6] * 3 :][:3]
    month = names[now[1] * 3 + 18 :][:3]
    date = "Date: %s, %02d %s %d" % (day, now[2], month, now[0])
    return (date + " %02d:%02d:%02d +0000\r\n" % now[3:6]).encode()


def unstructured(head: bytearray, field: bytes, value: str, name: str) -> None:
    """Append a field of free text (RFC 5322 2.2.1) to `head`, encoded if necessary.

    name: of the argument, for the exceptions of check().
    """
    # A long word may be a link: do not break it, up to the 998 bytes of RFC 5322 2.1.1.
    text = check(value, name).encode()
    words = _encode_words(field, text, text.split(b" "), 900)
    head.extend(field + b": " + words.pop(0))
    add_words(head, words, 76)  # RFC 2047 2
    head.extend(b"\r\n")


def addresses(head: bytearray, field: bytes, mailboxes: "bytes | bytearray") -> None:
    """Append a field of mailboxes (RFC 5322 3.6.3), with names quoted or encoded if necessary.

    mailboxes: each a name, a tab, an address and a line feed. If there is none, there is no field.
    """
    start = 0
    while start < len(mailboxes):
        tab = mailboxes.find(b"\t", start)
        end = mailboxes.find(b"\n", tab)
        name = bytes(mailboxes[start:tab])
        spec = bytes(mailboxes[tab + 1 : end])
        words = []
        if name:
            words = phrase(field, name)
            spec = b"<" + spec + b">"
        words.append(spec)
        head.extend(b"," if start else field + b": " + words.pop(0))
        add_words(head, words, 75)  # leave room for a comma
        start = end + 1
    if start:
        head.extend(b"\r\n")


def phrase(field: bytes, text: bytes) -> "list[bytes]":
    """Return the words of a name: unchanged, as a quoted-string (RFC 5322 3.2.4), or encoded."""
    words = text.split(b" ")
    if b"" in words or text.strip(ATEXT + b" "):
        words = [b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"']
    return _encode_words(field, text, words, 74)


def _encode_words(field, text, words, longest):
    """Return `words`, or encoded-words (RFC 2047) if `text` needs them."""
    if text and (
        b"" in words  # parsers drop such spaces, and folding could make a blank line of them
        or b"=?" in text  # looks like an encoded-word
        or max(text) > 126
        or max(map(len, words)) > longest
    ):
        from .encoded import encoded_words

        words = encoded_words(text, 74 - len(field))
    return words


def add_words(head: bytearray, words: "list[bytes]", column: int) -> None:
    """Append words. Fold the line before a word that would pass `column`."""
    for word in words:
        if len(head) - head.rfind(b"\n") + len(word) > column:
            head.extend(b"\r\n")
        head.extend(b" " + word)
