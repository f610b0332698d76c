"""The log: what happened, on the serial line at once and on flash by and by."""

import os

from hssmtp import const

_FULL = const(28)  # ENOSPC, which not every port has in its errno
_BUFFER = const(1024)  # octets of lines that are not on flash yet


class Log:
    """Two files in a folder, log.txt and before it older.txt, neither of more than `most` octets.

    Flash is written once in `every` seconds at the most. What doesn't fit into memory meanwhile is
    left out, and counted.
    """

    def __init__(self, folder: str, most: int, every: int, clock):
        self._newer = folder + "/log.txt"
        self._older = folder + "/older.txt"
        self._most = most
        self._every = every
        self._clock = clock
        self._due = 0
        self._lines = []
        self._octets = 0
        self._left_out = 0
        self.held = False  # a mail reads the files: they stay as they are
        try:
            os.mkdir(folder)
        except OSError:  # it is there
            pass

    def say(self, text: str) -> None:
        """Tell something: a line without secrets."""
        line = self._clock.text(self._clock.stamp()) + "  " + text
        print(line)
        if self._octets + len(line) > _BUFFER:
            self._left_out += 1
            return
        self._lines.append(line)
        self._octets += len(line)

    def step(self) -> None:
        """Write what there is, if it is time."""
        if self._lines and not self.held and self._clock.seconds >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what there is."""
        if not self._lines:
            return
        self._due = self._clock.seconds + self._every
        if self._left_out:
            self._lines.append("(%d lines are left out here)" % self._left_out)
        text = "\n".join(self._lines) + "\n"
        try:
            if _size(self._newer) + len(text.encode()) > self._most:
                os.rename(self._newer, self._older)
            with open(self._newer, "a") as file:
                file.write(text)
        except OSError as exc:
            full = exc.errno == _FULL
            print("the log can't be written: " + ("flash is full" if full else str(exc)))
        self._lines.clear()
        self._octets = self._left_out = 0

    def files(self) -> "list[str]":
        """The files that there are, the newer first."""
        return [path for path in (self._newer, self._older) if _size(path)]

    def make_room(self) -> None:
        """Give up the older file, unless a mail reads it: flash is full."""
        if not self.held and _size(self._older):
            os.remove(self._older)


def _size(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return 0
