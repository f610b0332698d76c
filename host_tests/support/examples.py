"""What the tests of README.md and docs/ share: programs that send to smtp.example.com."""

import email
import email.policy
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme

from host_tests.support.servers import USERS, free_ports
from host_tests.support.servers.aiosmtpd import AiosmtpdServer

# Connections to smtp.example.com go to the server here. For TLS its name stays what it was.
_REDIRECT = """\
import hssmtp.net

def _redirected(self, host, port, _open=hssmtp.net.Link.open):
    _open(self, "127.0.0.1", {"smtp.example.com": %r}[host][port])

hssmtp.net.Link.open = _redirected
"""

# Boards have this module in their firmware; the virtual board has not.
NTPTIME = """
import machine

def settime():
    machine.RTC().datetime(%r)
"""


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def smtp_example_com(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AiosmtpdServer]:
    """A fixture: the server smtp.example.com, whose CA is ca.pem in the test's folder."""
    monkeypatch.setitem(USERS, "boiler@example.com", "app password")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("smtp.example.com").configure_cert(context)
    with AiosmtpdServer(context) as server:
        yield server


def redirect(server: AiosmtpdServer) -> str:
    """Code that makes a program connect to that server; nothing listens on port 25."""
    return _REDIRECT % {587: server.port, 465: server.tls_port, 25: free_ports(1)[0]}


def parsed(mail: Any) -> EmailMessage:
    """A mail that a server has stored."""
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def shell(command: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command line in a folder, with this environment's programs."""
    beside = os.path.dirname(sys.executable)
    return subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": beside + os.pathsep + os.environ["PATH"], **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
