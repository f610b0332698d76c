"""Content-Transfer-Encoding fields that depend on the server's 8BITMIME and BINARYMIME.

Loaded for a multipart with a text that may be sent in 8 bits (RFC 6152), and for a client that may
use BINARYMIME (RFC 3030).
"""

from . import Part
from .file_part import FilePart, lines

_LABEL = b"Content-Transfer-Encoding: "

# By the body: 7BIT, 8BITMIME or BINARYMIME. 7bit is the default, and needs no field.
_OF_MULTIPART = (b"", _LABEL + b"8bit\r\n", _LABEL + b"binary\r\n")
_BASE64 = _LABEL + b"base64\r\n\r\n"
_OF_ATTACHMENT = (_BASE64, _BASE64, _LABEL + b"binary\r\n\r\n")


class Label(Part):
    """The last line of a part's header: one of `lines`, by the body."""

    def __init__(self, lines: "tuple[bytes, bytes, bytes]"):
        super().__init__(lines[0])
        self._lines = lines

    def open(self, buffer: bytearray) -> None:
        """Use the line for a body of 7BIT."""
        self.data = self._lines[0]

    def begin(self) -> None:
        """Go to the beginning."""
        self.ended = False

    def adapt(self, body: int) -> int:
        """Use the line for this body."""
        self.data = self._lines[body]
        return 0

    def put(self, buf: bytearray, off: int, end: int) -> int:
        """Write the line to buf; return the index after it."""
        size = len(self.data)
        buf[:size] = self.data
        self.ended = True
        return size


def label_multiparts(parts: "list[Part]", id: str) -> "list[Part]":
    """Return the parts, with a Label at the end of each multipart's header.

    id: the end of all boundaries. If the labels are there already, nothing changes.
    """
    mark = id.encode() + b'"\r\n'  # the end of a multipart's header
    labelled = []
    for part in parts:
        pieces = part.data.split(mark)
        rest = pieces.pop()
        for piece in pieces:
            labelled.append(Part(piece + mark))
            labelled.append(Label(_OF_MULTIPART))
        if not pieces:
            labelled.append(part)
        elif rest:
            labelled.append(Part(rest))
        else:  # the label is there already
            labelled.pop()
    return labelled


def allow_binary(parts: "list[Part]", id: str, buffer: bytearray) -> "list[Part]":
    """Return the parts, which are open, prepared for a body of BINARYMIME.

    buffer: the one that they were opened with.
    """
    allowed = []
    for part in label_multiparts(parts, id):
        if isinstance(part, FilePart):
            part.binary = _Binary(part, buffer)  # pyright: ignore[reportAttributeAccessIssue]
            header = allowed[-1]
            if header.data.endswith(_BASE64) and not isinstance(header, Label):
                allowed[-1] = Part(header.data[: -len(_BASE64)])
                allowed.append(Label(_OF_ATTACHMENT))
        allowed.append(part)
    return allowed


def _in_place(src, start, count, dst):
    """Replace the base64 encoder: the bytes were read to where they are sent from."""
    return count


class _Binary:
    """The form of an attachment without encoding: its file is read to the buffer's front."""

    def __init__(self, part, buffer):
        self._room = part.room
        self._front = memoryview(buffer)[: len(buffer) - 5]

    def adapt(self, part, body):
        """Switch `part` to the form for a body; return the body that this form needs."""
        is_binary = body == 2
        part.room = self._front if is_binary else self._room
        part.encode = _in_place if is_binary else lines
        part.begin()
        return 2 if is_binary else 0
