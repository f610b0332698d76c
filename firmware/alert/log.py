"""The log: entries go to the serial line at once, and to flash from time to time."""

import os

from hssmtp import const

from .flash import Trouble, make_folder, problem
from .output import one_line

_BUFFER = const(1024)  # characters of lines that are not on flash yet


class Log:
    """Two files in a folder, log.txt and the older entries in older.txt.

    most: bytes of each. every: s, flash is written at most once in that time. Lines that don't
    fit into memory until then are omitted and counted. No method raises because of flash.
    """

    def __init__(self, folder: str, most: int, every: int, clock):
        self._folder = folder
        self._newer = folder + "/log.txt"
        self._older = folder + "/older.txt"
        self._most = most
        self._every = every
        self._clock = clock
        self._due = 0
        self._lines = []
        self._used = 0
        self._left_out = 0
        self._is_torn = False  # a failed write may have left part of a line in the file
        self._trouble = Trouble(self.say)
        self.held = False  # a mail is reading the files: don't change them
        make_folder(folder)  # if this fails, the first write reports it

    def say(self, text: str) -> None:
        """Add an entry, shown as one line of printable characters. text: without secrets."""
        line = one_line(self._clock.text(self._clock.stamp()) + "  " + text)
        print(line)
        if self._used + len(line) > _BUFFER:
            self._left_out += 1
            return
        self._lines.append(line)
        self._used += len(line)

    def step(self) -> None:
        """Write the lines in memory to flash, if that is due."""
        if self._lines and not self.held and self._clock.seconds >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write the lines in memory to flash. If that fails, they are lost."""
        if not self._lines:
            return
        self._due = self._clock.seconds + self._every
        if self._left_out:
            self._lines.append("(%d lines omitted)" % self._left_out)
        text = "\n".join(self._lines) + "\n"
        self._lines.clear()
        self._used = self._left_out = 0
        try:
            self._write(text)
        except OSError as exc:
            self._is_torn = True
            self._trouble.tell("the log can't be written: " + problem(exc))
        else:
            self._is_torn = False
            self._trouble.clear()

    def _write(self, text):
        """Append to the newer file, or begin a new one. Raises OSError."""
        if self._is_torn:
            text = "\n" + text
            make_folder(self._folder)  # missing if flash was full at the start
        if _size(self._newer) + len(text.encode()) > self._most:
            self._rotate()
        with open(self._newer, "a") as file:
            file.write(text)

    def _rotate(self):
        try:
            os.rename(self._newer, self._older)
        except OSError:
            os.remove(self._newer)  # a full file blocks the log

    def files(self) -> "list[str]":
        """Return the paths of the files that exist, the newer first."""
        return [path for path in (self._newer, self._older) if _size(path)]

    def make_room(self) -> None:
        """Remove the older file to free flash, unless a mail is reading it."""
        if not self.held and _size(self._older):
            try:
                os.remove(self._older)
            except OSError:  # the caller's next write reports the problem
                pass


def _size(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return 0
