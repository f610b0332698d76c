"""The texts of a mail, checked, with the headers of their parts. Loaded for that alone.

What is kept must be made of other modules' classes: a class keeps all of its module.
"""

from .. import const
from .compose import iterator

TEMPORARY = True  # freed after the call that needed it

_LONGEST_LINE = const(998)  # RFC 5322 2.1.1: bytes, without CR LF


def describe_texts(text, html, attachments):
    """Return text, HTML, attachments, and whether labels are needed: see labels.py.

    text, html: bytes and parts, from the header on; nothing for one that is left out.
    attachments: a tuple.
    """
    text = _checked_text(text, "text")
    if html is not None:
        html = _checked_text(html, "html")
        if text == b"":
            text = None
    if isinstance(attachments, str):
        attachments = (attachments,)
    problem = "attachments: not a path or an iterable of Attachment and paths"
    attachments = tuple(iterator(attachments, problem))
    ends_mail = not attachments and (text is None or html is None)
    text = _pieces(b"plain", text, ends_mail)
    html = _pieces(b"html", html, ends_mail)
    needs_labels = not ends_mail and (_may_be_8bit(text) or _may_be_8bit(html))
    return text, html, attachments, needs_labels


def _checked_text(text, name):
    """A text as UTF-8 with CR LF at the end of each line, or the source that gives it."""
    if not isinstance(text, (str, bytes, bytearray, memoryview)):
        from .sources import Pieces, TextFile

        if hasattr(text, "readinto"):
            return TextFile(text)
        return Pieces(iterator(text, name + ": not a str, bytes, a binary file or an iterator"))
    try:
        if isinstance(text, str):
            text = text.encode()
        else:
            text = bytes(text)
            text.decode()
    except UnicodeError:
        raise ValueError(name + ": not UTF-8")
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _pieces(kind, text, ends_mail):
    """Return a text with its header: as it is if that is plain ASCII lines, else encoded."""
    if text is None:
        return ()
    head = b"Content-Type: text/" + kind + b"; charset=utf-8\r\n"
    if not isinstance(text, bytes):
        from .quoted import Quoted

        return head, Quoted(b"", False, text, ends_mail)
    has_short_lines = _has_short_lines(text)
    end = b"\r\n" if ends_mail and text and not text.endswith(b"\n") else b""
    if has_short_lines and max(text, default=0) < 128:
        return head, b"Content-Transfer-Encoding: 7bit\r\n\r\n", text, end
    from .quoted import Quoted

    return head, Quoted(text + end, has_short_lines)


def _may_be_8bit(pieces):
    """Whether the encoding of a text depends on the server."""
    return len(pieces) == 2 and len(pieces[1].data) > 0  # a Quoted that has both forms


def _has_short_lines(text):
    """Whether a text may be sent as it is: no NUL, and no line over 998 bytes."""
    start = 0
    while start < len(text):
        end = text.find(b"\r", start)
        if end < 0:
            end = len(text)
        if end - start > _LONGEST_LINE:
            return False
        start = end + 2
    return b"\0" not in text
