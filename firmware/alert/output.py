"""Text for the serial line and the log: each entry is one line of printable characters."""

import io
import sys

from hssmtp.report import printable


def one_line(text: str) -> str:
    """Return `text` with "?" for each unprintable character, line ends included.

    Use it for all output: any text may contain data of a server, an access point or a file.
    """
    return printable(text.encode("utf-8", "surrogatepass"))


def print_exception(exc: BaseException) -> None:
    """Print an exception with its file and line numbers."""
    text = io.StringIO()
    sys.print_exception(exc, text)  # pyright: ignore[reportAttributeAccessIssue]
    for line in text.getvalue().rstrip().split("\n"):
        print(one_line(line))
