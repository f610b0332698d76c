"""What the tools print: 80 columns, and nothing that a terminal would obey.

Text from outside (a board, a mail, a server, a file) goes through printable() before it is shown:
an escape sequence in it could otherwise redraw the screen, or hide what is really there.
"""

import os
import textwrap
from pathlib import Path

from hssmtp.command_line.messages import shown
from rich.console import Console

WIDTH = 80
_TAB = 4


def printable(text: str, keep_lines: bool = False) -> str:
    """Return the text with "?" for each character that is not printable.

    That is: control characters (ESC, C1), those without a width, those that change the direction
    of writing, and what is no character. Tabs become spaces. keep_lines: CR LF and LF are line
    ends and stay, as LF; a CR alone is replaced.
    """
    if keep_lines:
        lines = text.replace("\r\n", "\n").split("\n")
        return "\n".join(printable(line) for line in lines)
    return shown(text.expandtabs(_TAB))


def wrapped(text: str) -> str:
    """Return the text with lines of 80 columns at most, broken between words.

    A line's indentation is kept, and two columns more where it goes on. A word that is longer,
    such as a path, stays whole: it has to be copied.
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
    """Print text, its lines wrapped, and what is not printable replaced."""
    print(wrapped(printable(text, keep_lines=True)), flush=True)


def short(path: Path | str) -> str:
    """Return a path as one types it: relative to the current folder if that is shorter."""
    return min(os.path.relpath(path), str(path), key=len)


def console(stderr: bool = False) -> Console:
    """Return a console of rich's: 80 columns wide, or as wide as a narrower terminal."""
    found = Console(stderr=stderr, highlight=False)
    if found.width > WIDTH:
        found.width = WIDTH
    return found
