"""A text as a part of a mail: as it is where that is plain ASCII lines, else encoded."""

from . import const

_TYPING = const(0)
if _TYPING:
    from typing import Union

    from .addresslist import Field
    from .attachment import Base64
    from .quoted import Quoted

    # A piece of a mail on its way out: each has what Lines has.
    Segment = Union[Field, Base64, Quoted, "Lines"]

_LONGEST_LINE = const(998)  # RFC 5322 2.1.1, without its CR LF


class Lines:
    """A part that leaves as it is, 7bit; but each CR, LF or CR LF leaves as CR LF."""

    dots = True  # a line may begin with one
    alone = False  # it shares the buffer with the part before it

    def __init__(self, data: bytes):
        self._data = data
        self._pos = 0
        self._last = 0  # the octet before
        self.ended = False
        # Whether its last line lacks its end
        self.unfinished = bool(data) and data[-1] not in b"\r\n"

    def size(self, buf: bytearray) -> int:
        """How many octets put() will write in all."""
        data = self._data
        return len(data) + data.count(b"\r") + data.count(b"\n") - 2 * data.count(b"\r\n")

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write to buf[off:end]; return the index behind what was written."""
        data = self._data
        pos = self._pos
        stop = len(data)
        last = self._last
        end -= 1  # a CR LF needs two
        while pos < stop and off < end:
            octet = data[pos]
            pos += 1
            if octet != 10 and octet != 13:
                buf[off] = octet
                off += 1
            elif octet == 13 or last != 13:
                buf[off] = 13
                buf[off + 1] = 10
                off += 2
            last = octet
        self._pos = pos
        self._last = last
        self.ended = pos == stop
        return off

    def close(self) -> None:
        """Nothing to free."""


def text_part(segments: "list[Segment]", kind: str, source, buffer: bytearray) -> None:
    """Append a text and its headers: as it is where that is plain ASCII lines, else encoded."""
    encoding = "7bit"
    octets = isinstance(source, bytes)
    if octets and _is_plain(source):
        segment = Lines(source)
    else:
        from .quoted import Octets, Quoted

        encoding = "quoted-printable"
        if octets:
            source = Octets(source)
        else:
            from .attachment import Source

            source = Source(source, None, memoryview(buffer)[-(len(buffer) // 5) :])
        segment = Quoted(source)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}"
    segments.append(Lines((head + "\r\n\r\n").encode()))
    segments.append(segment)


def _is_plain(octets):
    """Whether a text may leave as it is: ASCII without NUL, lines of 998 octets at the most."""
    if len(octets.decode()) != len(octets) or b"\0" in octets:
        return False
    start = 0
    while start < len(octets):
        end = octets.find(b"\n", start)
        if end < 0:
            end = len(octets)
        if end - start > _LONGEST_LINE:
            return False
        start = end + 1
    return True
