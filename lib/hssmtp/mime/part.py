"""Part: a piece of a mail's content that is sent as it is; the base of all other parts."""
# The stubs' BytesIO lacks methods.
# pyright: reportAttributeAccessIssue=false

import sys

if sys.implementation.name == "cpython":
    from ._cpython import BytesIO
else:
    from io import BytesIO


class Part:
    """Bytes that are sent as they are.

    A stream copies them: that takes no loop in Python, and no slice on the heap.

    The other kinds of parts have the same methods. A Message calls open() once for each sending,
    begin() once for each transaction, and put() until `ended`.
    """

    dots = True  # a line may begin with a dot
    blocks = 0  # of a file: how many blocks of the same length come next

    def __init__(self, data: bytes):
        self.data = data
        self.ended = False
        self._stream = BytesIO(data)

    def open(self, buffer: bytearray) -> None:
        """Open the file, if there is one, to be read into the end of `buffer`.

        Raises OSError if it cannot be opened.
        """

    def begin(self) -> None:
        """Go (back) to the beginning. Nothing is allocated.

        Raises SourceError if the source cannot be read again.
        """
        self.ended = False
        self._stream.seek(0)

    def suit(self, body: int) -> int:
        """Take the widest form that a body of 7BIT (0), 8BITMIME (1) or BINARYMIME (2) may have.

        Return which of them that form needs. Nothing is allocated.
        """
        return 0

    def size(self, buf: bytearray) -> "int | None":
        """Return how many bytes put() writes in all; None if only reading a file could tell.

        buf: room to encode in.
        """
        return len(self.data)

    def put(self, buf: bytearray, off: int, end: int) -> "int | None":
        """Write to buf[0:end]; return the index behind that, None if nothing is ready.

        off: always 0. Nothing is allocated. Raises SourceError if the source fails.
        """
        count = self._stream.readinto(buf, end)  # pyright: ignore[reportCallIssue]
        self.ended = count < end
        return count

    def close(self) -> None:
        """Close the file, if it was opened here."""
