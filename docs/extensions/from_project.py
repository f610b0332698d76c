"""Directives that show what the project itself has, so that the site can't go out of date.

{providers} login          the providers that `make configure` knows
{providers} limits         the same, with what provider_facts.py has
{command-help}             what `python -m hssmtp --help` prints
{dialogue}                 which command may follow which, from docs/dialogue.md
{timeouts}                 the time limits of lib/hssmtp/setup.py
"""

import argparse
import functools
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from hssmtp import setup as library_setup
from hssmtp.command_line import arguments as command
from provider_facts import FACTS

from tools.configure.providers import PROVIDERS

ROOT = Path(__file__).resolve().parents[2]
PORTS = {"starttls": "587", "tls": "465"}


def setup(app: Any) -> dict[str, Any]:
    """Register the directives with Sphinx."""
    app.add_directive("providers", Providers)
    app.add_directive("command-help", CommandHelp)
    app.add_directive("dialogue", Dialogue)
    app.add_directive("timeouts", Timeouts)
    return {"parallel_read_safe": True}


class _Markdown(Directive):
    """A directive that is replaced by Markdown."""

    final_argument_whitespace = True

    def markdown(self) -> list[str]:
        """The lines."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return what the Markdown is parsed to, in a box that scrolls sideways."""
        box = nodes.container(classes=["from-project"])
        lines = self.markdown()
        self.state.nested_parse(StringList(lines, self.name), self.content_offset, box)
        return [box]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


class Providers(_Markdown):
    """The providers of tools/configure/providers.py."""

    required_arguments = 1

    def markdown(self) -> list[str]:
        """A row for each: where to connect and what to log in by, or how many mails it takes."""
        if self.arguments[0] == "limits":
            lines = [_row("provider", "login by token", "limit"), _row(*["---"] * 3)]
            return lines + [_row(one.name, *FACTS[one.name]) for one in PROVIDERS]
        lines = [_row("provider, host and port", "password"), _row(*["---"] * 2)]
        for one in PROVIDERS:
            port = f'{PORTS[one.security]} `"{one.security}"`'
            user = f"user `{one.user}`; " if one.user else ""
            secret = re.sub(r"https://([^\s,;)]+)", r"[\1](https://\1)", one.secret)
            lines.append(_row(f"**{one.name}**<br>`{one.host}`<br>{port}", user + secret))
        return lines


class CommandHelp(Directive):
    """The help of the command line."""

    def run(self) -> list[nodes.Node]:
        """Return it as a block."""
        parser = command._parser()  # pyright: ignore[reportPrivateUsage]
        # Whatever the width of the terminal that the site is built in.
        parser.formatter_class = functools.partial(argparse.HelpFormatter, width=80)
        text = "\n".join(line.rstrip() for line in parser.format_help().splitlines())
        return [nodes.literal_block(text, text, language="text")]


class Dialogue(_Markdown):
    """The diagram of docs/dialogue.md as a table."""

    ARROWS = ("-->", "-.->", "==>")

    def markdown(self) -> list[str]:
        """A row for each command."""
        text = (ROOT / "docs" / "dialogue.md").read_text(encoding="utf-8")
        follow: dict[str, dict[str, list[str]]] = {}
        for before, arrow, after in re.findall(r"^ *(\w+) (-->|-\.->|==>) (\w+)$", text, re.M):
            follow.setdefault(before, {}).setdefault(arrow, []).append(after)
        lines = [
            _row("after", "once it succeeds", "once it is refused", "before its reply"),
            _row(*["---"] * 4),
        ]
        for before, arrows in follow.items():
            cells = [", ".join(arrows.get(arrow, [])) for arrow in self.ARROWS]
            lines.append(_row(f"**{before}**", *cells))
        return lines


class Timeouts(_Markdown):
    """The time limit of each step."""

    MEANING = {  # noqa: RUF012
        "resolve": "the host's name becomes an address (DNS)",
        "connect": "the connection opens (TCP), for each address of the host",
        "secure": "the TLS handshake",
        "greeting": "the server's first reply",
        "command": "the reply to any other command",
        "data": "the reply to DATA",
        "block": "the server takes more of the text",
        "text": "the reply to the end of the text",
        "quit": "the reply to QUIT",
    }

    def markdown(self) -> list[str]:
        """A row for each step."""
        words = library_setup.TIMEOUTS.split()
        lines = [_row("step", "limit in ms", "what it waits for"), _row("---", "---:", "---")]
        for name, limit in zip(words[::2], words[1::2], strict=True):
            lines.append(_row(f"`{name}`", f"{int(limit):,}", self.MEANING[name]))
        return lines
