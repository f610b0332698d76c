"""Names and messages from outside, as one printable line of limited length."""

from rich.console import Console
from rich.text import Text

from tools.terminal import printable


def shown(text: str, most: int = 0) -> str:
    """Return text as one line, with "?" for unprintable characters. most: its length; 0: any."""
    clean = printable(text)
    return clean[: most - 1] + "…" if 0 < most < len(clean) else clean


def say(console: Console, text: str, style: str = "") -> None:
    """Print text, which may have several lines."""
    console.print(Text(printable(text, keep_lines=True), style=style))
