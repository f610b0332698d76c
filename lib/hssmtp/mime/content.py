"""Check the texts of a mail, and make the headers of their parts. Loaded for that alone.

Objects that stay must have classes of other modules: a class keeps its whole module in memory.
"""

from .. import const
from .compose import iterator

TEMPORARY = True  # freed after the call that needed it

_LONGEST_LINE = const(998)  # RFC 5322 2.1.1: bytes, without CR LF


def describe_texts(text, html, attachments):
    """Return text, HTML, attachments, and whether the parts need labels (labels.py).

    text, html: tuples of bytes and parts, header first; empty if there is none.
    attachments: a tuple. Raises ValueError and TypeError, which name the argument.
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
    """Return a text as UTF-8 with CR LF at each line end, or the source to read it from."""
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
    """Return a text with its header: unchanged if it is plain ASCII lines, else encoded."""
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
    return len(pieces) == 2 and len(pieces[1].data) > 0  # a Quoted with both forms


def _has_short_lines(text):
    """Whether a text may be sent unchanged: no NUL, and no line over 998 bytes."""
    start = 0
    while start < len(text):
        end = text.find(b"\r", start)
        if end < 0:
            end = len(text)
        if end - start > _LONGEST_LINE:
            return False
        start = end + 2
    return b"\0" not in text
