"""A text as a part of a mail: as it is where that is plain ASCII lines, else encoded."""

from . import const
from .lines import Lines

_LONGEST_LINE = const(998)  # RFC 5322 2.1.1, without its CR LF


def text_part(segments: "list[Lines]", kind: str, source, buffer: bytearray) -> None:
    """Append a text and its headers: as it is where that is plain ASCII lines, else encoded.

    source: octets with CR LF at each line's end, or what an Attachment may have.
    """
    head = f"Content-Type: text/{kind}; charset=utf-8\r\n"
    octets = isinstance(source, bytes)
    lines = octets and _has_short_lines(source)
    if lines and len(source.decode()) == len(source):
        segments.append(Lines((head + "Content-Transfer-Encoding: 7bit\r\n\r\n").encode()))
        segments.append(Lines(source))
        return
    from .quoted import Octets, Quoted

    if octets:
        text = Quoted(Octets(source), source if lines else None)
    else:
        from .attachment import Source

        text = Quoted(Source(source, None, memoryview(buffer)[-(len(buffer) // 5) :]), None)
    segments += (Lines(head.encode()), text.label, text)


def _has_short_lines(octets):
    """Whether a text may leave as it is: no NUL, and lines of 998 octets at the most."""
    start = 0
    while start < len(octets):
        end = octets.find(b"\r", start)
        if end < 0:
            end = len(octets)
        if end - start > _LONGEST_LINE:
            return False
        start = end + 2
    return b"\0" not in octets
