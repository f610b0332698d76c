"""The kinds of answers, checked by the library itself where possible.

Invalid answers raise ValueError; in a file of answers also TypeError.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hssmtp import Client, Message
from hssmtp.command_line.messages import OPTIONS, in_options
from hssmtp.mime.addresses import mailbox
from hssmtp.mime.compose import check

from tools.choices import choose, guess
from tools.configure import providers
from tools.configure.asking import Kind
from tools.configure.boards import Board

PORTS = {"starttls": 587, "tls": 465, "none": 25}  # hssmtp.Client's own
NONE = "-"  # typed for "none": Enter takes the offered answer

# The names of the library's arguments here.
WORDS = {
    **{name: name for name in OPTIONS},
    "host": "the mail server",
    "username": "user",
    "ca": "the CA's certificate",
    "to": "recipients",
}


def _by_library(call: Callable[[Any], object]) -> Callable[[Any], Any]:
    """Return a function that checks an answer with the library, and translates its errors."""

    def settle(value: Any) -> Any:
        try:
            call(value)
        except ValueError as exc:
            raise ValueError(in_options(str(exc), WORDS)) from None
        return value

    return settle


def board(boards: Mapping[str, Board]) -> Kind:
    """A board: by its folder's name, its own name or its number."""
    names = {
        **{name: name for name in boards},
        **{one.name: one.folder for one in boards.values()},
    }

    def settle(value: str) -> str:
        found = choose(check(value, "board"), names)
        if found is None:
            raise ValueError(f"one of {', '.join(boards)}.{guess(value, list(names))}")
        return found

    return Kind(settle, options=list(boards))


def board_or_none(boards: Mapping[str, Board]) -> Kind:
    """A board, or "-" for none."""
    settle = board(boards).settle
    return Kind(lambda value: value if value == NONE else settle(value), options=list(boards))


def server() -> Kind:
    """A provider by number or name, or a host name. The answer is the host name."""

    def settle(value: str) -> str:
        found = choose(
            check(value, "mail server"), {one.name: one.host for one in providers.PROVIDERS}
        )
        if found:
            return found
        is_number = value.isascii() and value.isdecimal()
        hint = guess(value, [one.name for one in providers.PROVIDERS]) if "." not in value else ""
        if is_number or (hint and value != "localhost"):
            raise ValueError(f"{value} is none of the providers.{hint}")
        _by_library(lambda host: Client(host, security="none"))(value)
        return value

    return Kind(settle, options=[one.name for one in providers.PROVIDERS])


def _word(value: str) -> str:
    if not check(value, "name").strip():
        raise ValueError("a name is needed")
    return value


def _wifi_name(value: str | None) -> str | None:
    # IEEE 802.11: 1 to 32 bytes.
    if value is not None and not 0 < len(check(value, "Wi-Fi").encode()) <= 32:
        raise ValueError("the name of a Wi-Fi has 1 to 32 bytes")
    return value


def _wifi_password(value: str | None) -> str | None:
    # WPA: 8 to 63 characters, or the key itself as 64 digits. An open Wi-Fi has none.
    if value is None or value == "":
        return None
    if not 8 <= len(check(value, "password")) <= 64:
        raise ValueError("the password of a Wi-Fi has 8 to 63 characters")
    return value


def _security(value: str) -> str:
    found = choose(value, {name: name for name in PORTS}) if isinstance(value, str) else None
    if found:
        return found
    _by_library(lambda security: Client("host", security=security, insecure=True))(value)
    return value


def _port(value: int) -> int:
    if type(value) is not int:
        raise TypeError("port: not a number")
    return _by_library(lambda port: Client("host", port, "none"))(value)


def _user(value: str | None) -> str | None:
    if value == "":
        raise ValueError("a user is needed")
    login = _by_library(lambda user: Client("host", username=user, password="a", insecure=True))
    return value if value is None else login(value)


def _password(value: str) -> str:
    if not check(value, "password"):
        raise ValueError("a password is needed")
    login = _by_library(lambda word: Client("host", username="u", password=word, insecure=True))
    return login(value)


def _recipients(value: list[str]) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("recipients: not a list")
    if not value:
        raise ValueError("none: at least one address is needed")
    for one in value:
        try:
            mailbox(one, "recipients")
        except ValueError as exc:
            if ": several addresses" in str(exc):
                raise ValueError("several addresses in one string: is a comma missing?") from None
            raise
    Message("a@example.com", to=value)
    return value


def _split(typed: str) -> Iterable[str]:
    """Split addresses at commas outside quotes."""
    pieces = re.findall(r'(?:"(?:\\.|[^"\\])*"|[^,])+', typed)
    return [piece.strip() for piece in pieces if piece.strip()]


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal()):
        raise ValueError("port: not a number")
    return int(typed)


def _none_or(typed: str) -> str | None:
    return None if typed == NONE else typed


def _shown(value: str | None) -> str:
    return NONE if value is None else value


DEVICE = Kind(_word)
WIFI_NAME = Kind(_wifi_name, _none_or, _shown)
WIFI_PASSWORD = Kind(_wifi_password, _none_or, is_secret=True)
SENDER = Kind(_by_library(mailbox))
SECURITY = Kind(_security, options=list(PORTS))
PORT = Kind(_port, _number)
USER = Kind(_user, _none_or, _shown)
PASSWORD = Kind(_password, is_secret=True)
RECIPIENTS = Kind(_recipients, _split, ", ".join)
