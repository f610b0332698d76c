"""The command's options, and messages about invalid ones.

A message does not repeat a value that may be a secret.
"""

import argparse
import difflib
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from .. import AddressList, __version__
from .messages import PASSWORD_VARIABLE, complain

FAILED = 1
SECURITY = ("starttls", "tls", "none")

_SEE_HELP = "see --help"


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        """Report the error, and exit with 1: argparse's 2 has no meaning of its own here."""
        complain(f"{message}; {_SEE_HELP}")
        self.exit(FAILED)

    def options(self) -> list[str]:
        """The names of all options."""
        return [name for action in self._actions for name in action.option_strings]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options. Exit with a message if one is invalid, and after --help or --version."""
    parser = _parser()
    _refuse_unknown(parser, arguments)
    # argparse's own message would repeat a password that follows --password.
    options, further = parser.parse_known_args(arguments)
    if further:
        parser.error(f"{len(further)} unexpected after HOST: put a value with spaces in quotes")
    return options


def _refuse_unknown(parser: Parser, arguments: Sequence[str]) -> None:
    """Exit with a message if an option is unknown."""
    known = parser.options()
    unknown: list[str] = []
    hint = ""
    for argument in arguments:
        if argument == "--":
            break
        name = argument.partition("=")[0]
        if re.fullmatch(r"--?[A-Za-z][\w-]*", name) and name not in known:
            guess = difflib.get_close_matches(name, known, 1)
            if name in ("--password", "--token"):
                hint = f": secrets come from the environment ({PASSWORD_VARIABLE}, {name}-env)"
            elif guess:
                name += f" (did you mean {guess[0]}?)"
            unknown.append(name)
    if unknown:
        parser.error("unrecognized arguments: " + ", ".join(unknown) + hint)


def _parser() -> Parser:
    parser = Parser(
        prog=_prog(),
        allow_abbrev=False,
        description="Send a mail. The text is --text, or is read from standard input.",
        epilog="Exit status: 0: sent, at least to some recipients (refused ones are named);"
        " 75: failed, try again later; 130: stopped by Ctrl-C; 1: failed for another reason.",
    )
    parser.add_argument("--version", action="version", version=f"hssmtp {__version__}")
    parser.add_argument(
        "server", type=server, metavar="HOST[:PORT]", help="the mail server; port 587 by default"
    )
    _add_mail_options(parser)
    _add_server_options(parser)
    group = parser.add_argument_group("the screen")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--trace", action="store_true", help="show the dialogue with the server, without secrets"
    )
    either.add_argument(
        "-q", "--quiet", action="store_true", help="print errors and refused recipients only"
    )
    return parser


def _prog() -> str:
    """How the user called the command: as a module, or by the name that pip installs."""
    name = os.path.basename(sys.argv[0])
    return "hssmtp" if os.path.splitext(name)[0] == "hssmtp" else "python -m hssmtp"


def _add_mail_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the mail")
    group.add_argument(
        "--from", dest="sender", required=True, metavar="ADDRESS", help="the sender"
    )
    for field in ("to", "cc", "bcc"):
        either = group.add_mutually_exclusive_group()
        either.add_argument(
            "--" + field,
            action="append",
            default=[],
            metavar="ADDRESS",
            help="a recipient; may be repeated",
        )
        either.add_argument(
            f"--{field}-file",
            dest=field,
            type=_list,
            metavar="FILE",
            help="a file with one address in each line",
        )
    group.add_argument("--subject", default="", metavar="TEXT")
    group.add_argument("--text", metavar="TEXT")
    group.add_argument("--html", metavar="FILE", help="the text as HTML, besides --text")
    group.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        help="a file to attach; may be repeated",
    )


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the server")
    group.add_argument(
        "--security",
        choices=SECURITY,
        help='default: "tls" for port 465, else "starttls"',
    )
    group.add_argument("--user", metavar="NAME", help="the user name to log in with")
    group.add_argument(
        "--password-env",
        metavar="NAME",
        help=f"the environment variable with the password; default: {PASSWORD_VARIABLE};"
        " if that is not set, the command asks for the password",
    )
    group.add_argument(
        "--token-env",
        metavar="NAME",
        help="the environment variable with an OAuth 2.0 access token, instead of a password",
    )
    group.add_argument(
        "--auth",
        metavar="MECHANISM",
        help="use only this login mechanism: SCRAM-SHA-256, PLAIN, …",
    )
    group.add_argument(
        "--ca", metavar="FILE", help="CA certificates to use instead of the system's"
    )
    group.add_argument(
        "--insecure", action="store_true", help="do not verify the server's certificate"
    )
    group.add_argument(
        "--allow-plaintext-auth", action="store_true", help="log in without TLS, if need be"
    )
    group.add_argument(
        "--hostname", metavar="NAME", help="the name of this computer for the server (EHLO)"
    )
    group.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="the time limit of each step"
    )


def server(text: str) -> "tuple[str, int | None]":
    """Split HOST[:PORT]. An IPv6 address with a port needs brackets (RFC 3986 3.2.2).

    Raises argparse.ArgumentTypeError.
    """
    if "@" in text and ":" in text.rpartition("@")[0]:  # a password may precede the "@"
        raise argparse.ArgumentTypeError(
            "contains a user name: pass it as --user, and the password in " + PASSWORD_VARIABLE
        )
    host, _, port = text.rpartition(":")
    if not host or text.endswith("]") or (":" in host and not host.endswith("]")):
        return text, None
    if port[:2] == "//":  # a URL: the library's message says what to write instead
        return text, None
    if not (port.isdecimal() and port.isascii() and 0 < int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r}: not HOST or HOST:PORT")
    return host, int(port)


def _list(path: str) -> AddressList:
    try:
        return AddressList(path)
    except OSError as exc:
        raise argparse.ArgumentTypeError(f"{path!r}: {exc.strerror}") from None


def _seconds(text: str) -> int:
    """Return the time in ms."""
    try:
        ms = int(float(text) * 1000)
    except (ValueError, OverflowError):
        ms = 0
    if ms < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: not a number of seconds")
    return ms
