"""python -m tools.mailbox: the mail server in the foreground; `make mailbox` calls it."""

import argparse
import asyncio
import errno
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tools.mail_sink import Mail, MailSink
from tools.mailbox import store
from tools.mailbox.display import show
from tools.mailbox.store import Store
from tools.private import FolderInUse, FolderOfOthers, make_private, only_one
from tools.terminal import console, printable, short, wrapped

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "mailbox"
PORT = 5870  # for STARTTLS; 587 needs root, and may be in use
TLS_PORT = 4650

_RECIPIENTS = 10  # lines of a message that are shown

FAILED = 1
IN_USE = 3


class Mailbox:
    """Stores and shows each mail."""

    def __init__(self, folder: Store, screen: Console) -> None:
        self._store = folder
        self._screen = screen
        self._count = 0

    def keep(self, mail: Mail) -> None:
        """Store and show a mail. Raises OSError if it can't be stored."""
        try:
            path = self._store.keep(mail.content)
        except OSError as problem:
            self._say(f"A mail was refused, it can't be stored: {problem}")
            raise
        self._count += 1
        self._screen.rule(f"Mail {self._count}")
        show(mail.content, self._screen)
        self._say(f"from {mail.sender} to {', '.join(mail.recipients[:_RECIPIENTS])}")
        if len(mail.recipients) > _RECIPIENTS:
            self._say(f"and to {len(mail.recipients) - _RECIPIENTS} more")
        self._say(f"login {mail.user}, {mail.tls}")
        self._say(f"stored, {len(mail.content):,} bytes: {short(path)}")

    def _say(self, text: str) -> None:
        self._screen.print(Text(wrapped(printable(text))), soft_wrap=True)


async def serve(folder: Store, port: int, tls_port: int, screen: Console) -> None:
    """Serve until cancelled. Raises OSError if a port is in use."""
    asyncio.get_running_loop().set_exception_handler(_broken_connection(screen))
    mailbox = Mailbox(folder, screen)
    passwords = {store.USER: folder.password}
    async with MailSink(folder.context(), passwords, mailbox.keep, port, tls_port) as sink:
        answers = folder.write_answers(sink.port)
        screen.print(Text(_welcome(folder, sink, answers)), soft_wrap=True)
        await asyncio.Event().wait()


def _broken_connection(screen: Console) -> Any:
    """Return an exception handler that prints a line for a broken connection, no traceback."""

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        why = context.get("exception") or context.get("message")
        screen.print(Text(wrapped(printable(f"A connection broke: {why}"))), soft_wrap=True)

    return handler


def _welcome(folder: Store, sink: MailSink, answers: Path) -> str:
    ca = short(folder.ca_file)
    fingerprint = folder.fingerprint()
    command = f'make configure ARGS="--answers {short(answers)}"'
    return f"""\
The mailbox is open until Ctrl-C. It takes mails to any address, and shows them
here. It can be reached from this PC only, and so from `make board`.

    server     {store.HOST}
    port       {sink.port} with security "starttls", {sink.tls_port} with "tls"
    user       {store.USER}
    password   {folder.password}
    CA         {ca}
    SHA-256    {fingerprint[:48]}
               {fingerprint[48:]}

The answers for `make configure` are in a file. In another terminal:

    {command}

To answer the questions yourself: make configure ARGS="--ca {ca}"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mailbox until Ctrl-C; return the exit status."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell may have set it to be ignored
    folder: Path = options.keep
    try:
        make_private(folder, store.MAILS)
        with only_one(folder):
            asyncio.run(serve(Store(folder), options.port, options.tls_port, console()))
    except KeyboardInterrupt:
        print()
    except FolderInUse:
        return _complain(
            f"a mailbox runs in {short(folder)} already. Use that one, stop it with Ctrl-C in its"
            " terminal, or name another folder and other ports:\n"
            '  make mailbox ARGS="--keep FOLDER --port 5871 --tls-port 4651"',
            IN_USE,
        )
    except FolderOfOthers as problem:
        return _complain(str(problem), FAILED)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            return _complain(
                f"port {options.port} or {options.tls_port} is in use, perhaps by another mailbox."
                " Stop the program that has it, or take other ports:\n"
                '  make mailbox ARGS="--port 5871 --tls-port 4651"',
                IN_USE,
            )
        return _complain(str(problem), FAILED)
    except ValueError as problem:
        return _complain(
            f"the CA or the password in {short(folder)} can't be read ({problem}). Remove that"
            " folder; then run `make configure` and `make flash` again",
            FAILED,
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mailbox",
        description="A mail server on this PC, with TLS and a login, that shows each mail.",
        epilog="Exit status: 0 ended by Ctrl-C, 3 the folder or a port is in use, 1 otherwise.",
    )
    parser.add_argument("--keep", metavar="FOLDER", type=Path, default=FOLDER)
    parser.add_argument("--port", type=int, default=PORT, help="for STARTTLS (%(default)s)")
    parser.add_argument("--tls-port", type=int, default=TLS_PORT, help="for TLS (%(default)s)")
    return parser


def _complain(what: str, status: int) -> int:
    print(wrapped("mailbox: " + printable(what, keep_lines=True)), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
