"""What is shown: nothing that comes from outside may draw on the terminal."""

from hssmtp.command_line import messages
from rich.console import Console
from rich.text import Text

WIDTH = 80  # columns


def shown(text: str, most: int = 0) -> str:
    """Return text in one line, "?" for what is not printable; at most so many characters."""
    clean = messages.shown(text)
    return clean[: most - 1] + "…" if 0 < most < len(clean) else clean


def console(stderr: bool = False) -> Console:
    """A console whose lines have at most WIDTH columns."""
    made = Console(stderr=stderr, highlight=False)
    made.width = min(made.width, WIDTH)
    return made


def say(console: Console, text: str, style: str = "") -> None:
    """Print text, which may have several lines."""
    console.print(Text("\n".join(map(shown, text.split("\n"))), style=style))
