"""What the command reads besides its arguments: files, standard input, secrets.

Errors are ValueError, with the option and the file or variable in the message.
"""

import argparse
import getpass
import os
import re
import sys
import warnings
from pathlib import Path

from .. import Message
from ..mime.addresses import mailbox
from .messages import OPTIONS, PASSWORD_VARIABLE

_SEVERAL = ": several addresses: "


def message(options: argparse.Namespace) -> Message:
    """Return the mail that the options describe."""
    lists: list[str] = []
    for name in ("to", "cc", "bcc"):
        if isinstance(getattr(options, name), list):
            lists += getattr(options, name)
            _check_addresses(name, getattr(options, name))
        else:
            lists.append(name)
    if not lists:
        raise ValueError("no recipients: give one with --to, --cc or --bcc; see --help")
    for path in options.attach:
        _check_file("--attach", path)
    html = _utf8(_read("--html", options.html), options.html) if options.html else None
    text = _standard_input(options.quiet) if options.text is None else options.text
    return Message(
        options.sender,
        to=options.to,
        cc=options.cc,
        bcc=options.bcc,
        subject=options.subject,
        text=text,
        html=html,
        attachments=options.attach,
    )


def _check_addresses(name: str, addresses: list[str]) -> None:
    for address in addresses:
        try:
            mailbox(address, name)
        except ValueError as exc:
            if _SEVERAL in str(exc):
                raise ValueError(
                    f"--{name}: several addresses in one: repeat --{name} for each"
                ) from None
            raise


def _check_file(option: str, path: str) -> None:
    """Raise ValueError if a file can't be read."""
    try:
        with open(path, "rb"):
            pass
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        raise _unreadable(option, path, exc) from None


def _read(option: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as exc:
        raise _unreadable(option, path, exc) from None


def _unreadable(option: str, path: str, exc: Exception) -> ValueError:
    return ValueError(f"{option} {path!r}: {getattr(exc, 'strerror', None) or exc}")


def _standard_input(quiet: bool) -> str:
    if sys.stdin is None:
        raise ValueError("no text: no --text, and standard input is closed")
    if sys.stdin.isatty() and not quiet:
        print("Type the text; end it with Ctrl-D on a line of its own:", file=sys.stderr)
    return _utf8(sys.stdin.buffer.read(), "standard input")


def _utf8(data: bytes, source: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise ValueError(f"{source}: not UTF-8: {exc.reason} at byte {exc.start}") from None


def ca_file(options: argparse.Namespace) -> "str | None":
    """Return the path given with --ca, after checking that the file can be read."""
    if options.ca is not None:
        _check_file("--ca", options.ca)
    return options.ca


def token(options: argparse.Namespace) -> "str | None":
    """Return the OAuth 2.0 access token, from the environment."""
    return _variable("--token-env", options.token_env) if options.token_env else None


def password(options: argparse.Namespace) -> "str | None":
    """Return the password, from the environment or a prompt; None with a token or without --user.

    There is no option for it: `ps` shows arguments to every user of the computer.
    """
    if options.token_env or options.user is None:
        return None
    if options.password_env:
        return _variable("--password-env", options.password_env)
    if PASSWORD_VARIABLE in os.environ:
        return _variable("password", PASSWORD_VARIABLE)
    user = options.user.partition(":")[0]  # some people type name:password
    try:
        with warnings.catch_warnings():
            # Without a terminal getpass would read a line of standard input, and echo it.
            warnings.simplefilter("error", getpass.GetPassWarning)
            word = getpass.getpass(f"Password of {user}: ")
    except (getpass.GetPassWarning, EOFError):
        raise ValueError(
            f"no password: no terminal to ask at, and no {PASSWORD_VARIABLE} in the environment"
        ) from None
    if not word:
        raise ValueError("no password was typed")
    return word


def _variable(option: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w{0,63}", name, re.ASCII):
        raise ValueError(f"{option}: give the name of an environment variable, not the secret")
    if not os.environ.get(name):
        state = "is empty" if name in os.environ else "is not set"
        raise ValueError(f"{option}: the environment variable {name} {state}")
    return os.environ[name]


def names_of_options(options: argparse.Namespace) -> dict[str, str]:
    """Return OPTIONS, with the names of the variables that hold the secrets."""
    variable = options.password_env or PASSWORD_VARIABLE
    return {**OPTIONS, "password": variable, "token": options.token_env or "--token-env"}
