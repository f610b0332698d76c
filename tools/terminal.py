"""Print text in 80 columns, without control characters.

Text from outside (a board, a mail, a server, a file) goes through printable() before it is shown:
an escape sequence could otherwise change what the screen shows.
"""

import os
import textwrap
from pathlib import Path

from hssmtp.command_line.messages import shown
from rich.console import Console

WIDTH = 80
_TAB = 4


def printable(text: str, keep_lines: bool = False) -> str:
    """Replace each unprintable character by "?".

    These are control characters (ESC, C1), characters without a width, characters that change
    the writing direction, and invalid ones. Tabs become spaces. keep_lines: CR LF and LF are line
    ends and stay, as LF; a CR alone is replaced.
    """
    if keep_lines:
        lines = text.replace("\r\n", "\n").split("\n")
        return "\n".join(printable(line) for line in lines)
    return shown(text.expandtabs(_TAB))


def wrapped(text: str) -> str:
    """Return the text with lines of 80 columns at most, broken between words.

    Continued lines are indented by two more columns. A longer word, such as a path, stays whole,
    so that it can be copied.
    """
    return "\n".join(map(_wrapped_line, text.split("\n")))


def _wrapped_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if indent else "",
        break_long_words=False,
        break_on_hyphens=False,
    )


def say(text: str) -> None:
    """Print text: lines wrapped, unprintable characters replaced."""
    print(wrapped(printable(text, keep_lines=True)), flush=True)


def short(path: Path | str) -> str:
    """Return a path relative to the current folder if that is shorter."""
    return min(os.path.relpath(path), str(path), key=len)


def console(stderr: bool = False) -> Console:
    """Return a console of rich's: 80 columns wide, or as wide as a narrower terminal."""
    found = Console(stderr=stderr, highlight=False)
    if found.width > WIDTH:
        found.width = WIDTH
    return found
