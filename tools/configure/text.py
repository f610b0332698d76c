"""What is shown of names and messages from outside: one printable line, not too long."""

from rich.console import Console
from rich.text import Text

from tools.terminal import printable


def shown(text: str, most: int = 0) -> str:
    """Return text in one line, "?" for what is not printable; at most so many characters."""
    clean = printable(text)
    return clean[: most - 1] + "…" if 0 < most < len(clean) else clean


def say(console: Console, text: str, style: str = "") -> None:
    """Print text, which may have several lines."""
    console.print(Text(printable(text, keep_lines=True), style=style))
