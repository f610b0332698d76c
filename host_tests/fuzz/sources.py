"""Sources of attachments and texts that fail on purpose."""

import io
import random
from collections.abc import Iterator
from typing import Any


class Fault(OSError):
    """What a source raises."""


class Source:
    """Gives bytes as a file or as pieces, whole or not.

    fails: "" or what happens at byte `at`: "raise", or "end" too early. has_failed: it has.
    """

    def __init__(self, data: bytes, rng: random.Random | None = None, fails: str = ""):
        self.data = data
        self.rng = rng
        self.fails = fails
        self.at = rng.randrange(len(data)) if rng and fails else len(data)
        self.has_failed = False

    def pieces(self) -> Iterator[bytes | None]:
        """An iterator; a piece of None is not ready yet."""
        start = 0
        rng = self.rng
        while start < self.at:
            if rng and rng.random() < 0.15:
                yield None
            count = rng.choice((1, 50, 57, 400, 2000)) if rng else 500
            yield self.data[start : min(start + count, self.at)]
            start += count
        self.fail()

    def file(self) -> "SourceFile":
        """An open binary file."""
        return SourceFile(self)

    def fail(self) -> None:
        """What comes behind the last byte."""
        self.has_failed = bool(self.fails)
        if self.fails == "raise":
            raise Fault(5, "the source fails")


class SourceFile(io.RawIOBase):
    """A file that gives less than it is asked for now and then, or None: nothing is ready."""

    def __init__(self, source: Source):
        super().__init__()
        self._source = source
        self._position = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte, or to the end."""
        self._position = offset if whence == 0 else len(self._source.data)
        return self._position

    def readinto(self, buf: Any) -> int | None:
        """Read some bytes."""
        source = self._source
        rng = source.rng
        if rng and rng.random() < 0.1:
            return None
        count = min(len(buf), source.at - self._position)
        if count <= 0:
            source.fail()
            return 0
        if rng and rng.random() < 0.2:
            count = rng.randrange(1, count + 1)
        buf[:count] = source.data[self._position : self._position + count]
        self._position += count
        return count
