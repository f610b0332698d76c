"""Real servers on loopback, each started and stopped by the tests from a folder of its own."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

import pytest

T = TypeVar("T")

USER = "boiler@example.test"
PASSWORD = "pässword of the boiler"  # RFC 4616 2: UTF-8
LONG_PASSWORD_USER = "long@example.test"
LONG_PASSWORD = "0123456789" * 60  # longer than a command line may be, RFC 4954 4
USERS = {USER: PASSWORD, LONG_PASSWORD_USER: LONG_PASSWORD}


@dataclass(frozen=True)
class Mail:
    """A mail as a server got it."""

    sender: str  # RFC 5321 4.1.1.2: the reverse-path; "" for <>
    recipients: list[str]
    content: bytes  # as it was sent: lines end in CRLF, no dots stuffed
    user: str | None  # who authenticated
    tls: bool
    # What stood behind the paths, from a server that tells.
    mail_parameters: list[str] = field(default_factory=list)
    rcpt_parameters: dict[str, list[str]] = field(default_factory=dict)


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test with a line that tells how to get it, or fail where nothing may be missing."""
    reason = f"{what}: {remedy}"
    if os.environ.get("HSSMTP_REQUIRE_SERVERS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def wait_for(condition: Callable[[], T | None], timeout: float, what: Callable[[], str]) -> T:
    """Return what `condition` gives once it gives something; AssertionError after `timeout` s."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(what())
        time.sleep(0.005)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
