"""The arguments of the command, and the messages about wrong ones.

A message does not repeat a value that may be a secret.
"""

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import NoReturn

from .. import AddressList
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
    """Return the options. Ends the program for what is wrong, and for --help."""
    parser = _parser()
    _refuse_unknown(parser, arguments)
    # Not argparse's own words: they would repeat a password that stands behind --password.
    options, further = parser.parse_known_args(arguments)
    if further:
        parser.error(
            f"{len(further)} more than was expected besides HOST: quote a value that has spaces"
        )
    return options


def _refuse_unknown(parser: Parser, arguments: Sequence[str]) -> None:
    """End the program if there are options that are not known."""
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
        prog="python -m hssmtp",
        allow_abbrev=False,
        description="Send a mail. Its text is --text, or else comes from standard input.",
        epilog="Exit status: 0 sent (who was refused is told), 75 worth another try, 130 stopped"
        " by Ctrl-C, 1 otherwise.",
    )
    parser.add_argument("server", type=server, metavar="HOST[:PORT]")
    _add_mail_options(parser)
    _add_server_options(parser)
    group = parser.add_argument_group("the screen")
    either = group.add_mutually_exclusive_group()
    either.add_argument("--trace", action="store_true", help="show the session, secrets masked")
    either.add_argument("-q", "--quiet", action="store_true", help="say nothing unless it fails")
    return parser


def _add_mail_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the mail")
    group.add_argument("--from", dest="sender", required=True, metavar="ADDRESS")
    for field in ("to", "cc", "bcc"):
        either = group.add_mutually_exclusive_group()
        either.add_argument(
            "--" + field,
            action="append",
            default=[],
            metavar="ADDRESS",
            help="may be given several times",
        )
        either.add_argument(
            f"--{field}-file",
            dest=field,
            type=_list,
            metavar="FILE",
            help="a file with an address in each line",
        )
    group.add_argument("--subject", default="", metavar="TEXT")
    group.add_argument("--text", metavar="TEXT")
    group.add_argument("--html", metavar="FILE", help="the same as HTML")
    group.add_argument(
        "--attach", action="append", default=[], metavar="FILE", help="may be given several times"
    )


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the server")
    group.add_argument(
        "--security",
        choices=SECURITY,
        help='"starttls", except for port 465, where it is "tls"',
    )
    group.add_argument("--user", metavar="NAME")
    group.add_argument(
        "--password-env",
        metavar="NAME",
        help=f"the environment variable that holds the password; {PASSWORD_VARIABLE} if there is"
        " one, or you are asked",
    )
    group.add_argument(
        "--token-env",
        metavar="NAME",
        help="the environment variable that holds an OAuth token, instead of a password",
    )
    group.add_argument(
        "--auth", metavar="MECHANISM", help="the one to log in by: SCRAM-SHA-256, …"
    )
    group.add_argument("--ca", metavar="FILE", help="instead of the system's certificates")
    group.add_argument("--insecure", action="store_true", help="don't check the certificate")
    group.add_argument(
        "--allow-plaintext-auth", action="store_true", help="send the password without TLS too"
    )
    group.add_argument("--hostname", metavar="NAME", help="how this machine calls itself (EHLO)")
    group.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="for each step that can take long"
    )


def server(text: str) -> "tuple[str, int | None]":
    """Part HOST[:PORT]; an IPv6 address with a port has to stand in brackets (RFC 3986 3.2.2).

    Raises argparse.ArgumentTypeError.
    """
    if "@" in text and ":" in text.rpartition("@")[0]:  # there may be a password in front of it
        raise argparse.ArgumentTypeError(
            "it has a user in it: give that with --user, and the password in " + PASSWORD_VARIABLE
        )
    host, _, port = text.rpartition(":")
    if not host or text.endswith("]") or (":" in host and not host.endswith("]")):
        return text, None
    if port[:2] == "//":  # the library tells what to write instead
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
    """As ms."""
    try:
        ms = int(float(text) * 1000)
    except (ValueError, OverflowError):
        ms = 0
    if ms < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: not a number of seconds")
    return ms
