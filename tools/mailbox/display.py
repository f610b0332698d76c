"""Show a mail on the terminal: headers, text and parts, made printable (tools/terminal.py)."""

import email
import email.policy
import textwrap
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tools.terminal import printable

# Limits of what is shown; the file has all of the mail.
_HEADERS = 40
_NAME = 100  # characters of a name or a type
_VALUE = 1000  # characters of a header
_LINES = 200  # lines of the text
_COLUMNS = 1000  # characters of a line
_PARTS = 50
_DEPTH = 10


@dataclass(frozen=True)
class Part:
    """A part of a mail."""

    content_type: str
    encoding: str
    name: str
    size: int | None  # bytes, decoded; None: it holds other parts
    depth: int


@dataclass(frozen=True)
class Contents:
    """The content of a mail, with printable strings."""

    headers: list[tuple[str, str]]
    text: str
    parts: list[Part]


def contents(mail: bytes) -> Contents | None:
    """Parse a mail; return None if Python's parser can't."""
    try:
        message: Any = email.message_from_bytes(mail, policy=email.policy.default)
        return Contents(_headers(message), _text(message), _parts(message))
    except Exception:
        # For broken mails Python's parser raises many exceptions: LookupError, AttributeError,
        # RecursionError and others. Only parsing happens in this block.
        return None


def _headers(message: Any) -> list[tuple[str, str]]:
    items = list(message.items())[:_HEADERS]
    return [(_shown(name, _NAME), _shown(str(value), _VALUE)) for name, value in items]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    lines = str(body.get_content()).rstrip().replace("\r\n", "\n").split("\n")
    shown = [_shown(line, _COLUMNS) for line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(f"… and {len(lines) - _LINES} lines more")
    return "\n".join(shown)


def _shown(text: str, most: int) -> str:
    """Shorten text and make it printable, in this order: a mail may have a line of 30 MB."""
    return printable(text[:most]) + ("…" if len(text) > most else "")


def _parts(message: Any) -> list[Part]:
    found: list[Part] = []
    todo = [(message, 0)]
    while todo and len(found) < _PARTS:
        part, depth = todo.pop()
        children = list(part.iter_parts()) if part.is_multipart() else []
        size = None if part.is_multipart() else len(part.get_payload(decode=True) or b"")
        found.append(
            Part(
                content_type=_shown(part.get_content_type(), _NAME),
                encoding=_shown(str(part["Content-Transfer-Encoding"] or "7bit"), _NAME),
                name=_shown(part.get_filename() or "", _NAME),
                size=size,
                depth=min(depth, _DEPTH),
            )
        )
        todo += [(child, depth + 1) for child in reversed(children)]
    return found


def show(mail: bytes, console: Console) -> None:
    """Print headers, text and parts of a mail."""
    found = contents(mail)
    if not found:
        start = mail[:_VALUE].decode(errors="replace")
        console.print("This mail is broken, Python's parser can't take it apart. It begins with:")
        console.print(Panel(Text(printable(start, keep_lines=True)), expand=False))
        return
    headers = Table.grid(padding=(0, 2))
    for name, value in found.headers:
        headers.add_row(Text(name, style="bold"), Text(value))
    console.print(Panel(headers, expand=False))
    console.print(Panel(Text(found.text or "(no text)"), expand=False))
    console.print(_tree(found.parts))


def show_main_parts(mail: bytes, console: Console) -> None:
    """Print what a mail program shows of a mail: the main headers, the text, the attachments."""
    found = contents(mail)
    if not found:
        show(mail, console)
        return
    headers = Table.grid(padding=(0, 2))
    for name, value in found.headers:
        if name in ("From", "To", "Subject"):
            headers.add_row(Text("  " + name, style="bold"), Text(value))
    console.print(headers)
    console.print(Text("\n" + textwrap.indent(found.text, "  ") + "\n"))
    for part in found.parts:
        if part.name:
            console.print(Text(f"  attached: {part.name}, {part.size:,} bytes"))


def _tree(parts: list[Part]) -> Tree:
    """Return the parts as a tree: type, encoding, name, size."""
    branches: list[Tree] = []
    for part in parts:
        words = Text(part.content_type, style="bold")
        if part.size is not None:
            named = f", {part.name}" if part.name else ""
            words.append(f", {part.encoding}{named}, {part.size:,} bytes", style="not bold")
        del branches[part.depth :]
        branches.append(branches[-1].add(words) if branches else Tree(words))
    return branches[0]
