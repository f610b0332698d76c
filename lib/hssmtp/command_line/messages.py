"""What the command line prints: messages that name its own options, without control characters."""

import re
import sys
from collections.abc import Mapping

from .. import Client, explain
from ..report import printable

PASSWORD_VARIABLE = "HSSMTP_PASSWORD"

# The library's arguments, and the options for them.
OPTIONS = {
    "host": "HOST",
    "port": "PORT",
    "security": "--security",
    "username": "--user",
    "password": PASSWORD_VARIABLE,
    "token": "--token-env",
    "auth": "--auth",
    "ca": "--ca",
    "insecure": "--insecure",
    "allow_plaintext_auth": "--allow-plaintext-auth",
    "hostname": "--hostname",
    "timeouts": "--timeout",
    "sender": "--from",
    "to": "--to",
    "cc": "--cc",
    "bcc": "--bcc",
    "subject": "--subject",
    "text": "--text",
    "html": "--html",
    "attachments": "--attach",
}

_NAME = "(" + "|".join(OPTIONS) + ")"
_HOST_AND_PORT = re.compile(r'\bhost="([^"]*)", port=(\d+)')
_HOST = re.compile(r'\bhost="([^"]*)"')
_PORT = re.compile(r"\bport=(\d+)")
_VALUE = re.compile(rf'(?<![\w-]){_NAME}=(?:"([^"]*)"|True\b)')
_ARGUMENT = re.compile(rf"(?<![\w-]){_NAME}=(?!\w|\")|`{_NAME}`")
_SUBJECT = re.compile(rf"^{_NAME}: ")


def in_options(text: str, options: Mapping[str, str] = OPTIONS) -> str:
    """Return a message of the library with the options in place of the library's arguments.

    An argument is a name at the start, before a colon; in backticks; or before "=".
    """
    text = _HOST_AND_PORT.sub(r"\1:\2", text)
    text = _HOST.sub(r"\1", text)
    text = _PORT.sub(r"HOST:\1", text)
    text = _VALUE.sub(lambda found: f"{options[found[1]]} {found[2] or ''}".rstrip(), text)
    text = _ARGUMENT.sub(lambda found: options[found[1] or found[2]], text)
    return _SUBJECT.sub(lambda found: f"{options[found[1]]}: ", text)


def explained(client: Client, options: Mapping[str, str] = OPTIONS) -> str:
    """Return explain(client) with the command line's options; what the server said stays."""
    text = explain(client)
    # Only the advice, after the part in parentheses, names arguments.
    cause = client.cause
    if isinstance(cause, BaseException):
        cause = cause.args[1] if len(cause.args) > 1 else cause
    for foreign in (client.reply_text, " ".join(str(cause or "").split())):
        before, found, behind = text.partition(f"{foreign}): ") if foreign else (text, "", "")
        if found:
            return before + found + in_options(behind, options)
    return in_options(text, options)


def shown(text: str) -> str:
    """Replace unprintable characters by "?": a server must not control the terminal."""
    # Python also knows unassigned characters; a device has no table of those.
    text = printable(text.encode("utf-8", "replace"))
    return "".join(character if character.isprintable() else "?" for character in text)


def complain(text: str) -> None:
    """Print a message to standard error."""
    print("hssmtp:", shown(text), file=sys.stderr)
