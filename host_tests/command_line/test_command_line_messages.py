"""python -m hssmtp: its messages name its options, without secrets and control characters."""

import ast
import re
import socket
import subprocess
import sys
import threading

import pytest
from hssmtp.command_line import messages

from host_tests.command_line.test_command_line import SENDER, TO_SOMEBODY, environment, hssmtp_says
from host_tests.support.runtimes import ROOT

# The library's messages about arguments


def strings_for_people():
    """The strings of the files with messages about Client()'s arguments."""
    for name in ("advice", "setup", "net/host", "net/trust", "auth/credentials", "mime/addresses"):
        tree = ast.parse((ROOT / "lib" / "hssmtp" / f"{name}.py").read_text(encoding="utf-8"))
        documented = [node for node in ast.walk(tree) if hasattr(node, "body")]
        own = {id(node.body[0].value) for node in documented if _has_docstring(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in own:
                yield str(node.value)


def _has_docstring(node):
    first = node.body[0] if isinstance(node.body, list) and node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


def test_every_argument_in_advice_becomes_an_option():
    found = 0
    for text in strings_for_people():
        told = messages.in_options(text)
        names = "|".join(messages.OPTIONS)
        assert not re.search(rf"`({names})`|\b(?<!--)({names})=", told), told
        found += told != text
    assert found > 15


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('use security="tls", or insecure=True', "use --security tls, or --insecure"),
        ("pass username= and password=", "pass --user and HSSMTP_PASSWORD"),
        ("is `ca` who signed it, is `host` in it", "is --ca who signed it, is HOST in it"),
        ("ca: not a certificate", "--ca: not a certificate"),
        ('write host="a.example.com", port=465', "write a.example.com:465"),
        ("check `host` and `port`", "check HOST and PORT"),
        ("pass hostname=, a full name", "pass --hostname, a full name"),
        ("SMTP AUTH=PLAIN and to: all", "SMTP AUTH=PLAIN and to: all"),
    ],
)
def test_arguments_become_options(said, told):
    assert messages.in_options(said) == told


class Says:
    """A server on its own port: each reply in turn, after a line or at once."""

    def __init__(self, *replies):
        self._replies = replies
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with self._socket, self._socket.accept()[0] as connection:
            file = connection.makefile("rwb", buffering=0)
            for reply in self._replies:
                file.write(reply)
                if not file.readline():
                    break


@pytest.mark.parametrize(
    ("replies", "advice"),
    [
        ((b"220 hi\r\n", b"500 what?\r\n", b'501 no `host` security="x"\r\n'), "--hostname"),
        ((b"220 hi\r\n", b"250 hi\r\n", b"530 TLS first\r\n"), "--security starttls"),
    ],
)
def test_advice_names_options(replies, advice):
    server = Says(*replies, b"221 bye\r\n")
    said = hssmtp_says(f"127.0.0.1:{server.port}", "--security", "none", *TO_SOMEBODY, status=1)
    assert advice in said.rpartition(")")[2], said
    assert "`" not in said.rpartition(")")[2]
    assert replies[-1].decode().strip() in said  # the server's own words stay unchanged


def test_server_cannot_control_the_terminal():
    hostile = "554 \x1b[2J\x9b1m\u202egnp\u2028x\u200b\x07\r\n".encode()
    server = Says(b"220 \x1b]0;x\x07hi\r\n", b"250 hi\r\n", b"250 ok\r\n", hostile, b"221 bye\r\n")
    said = hssmtp_says(
        *(f"127.0.0.1:{server.port}", "--security", "none", *TO_SOMEBODY, "--trace"), status=1
    )
    assert all(line.isprintable() for line in said.splitlines()), said
    assert "\u202e" not in said
    assert said.count("554 ?[2J?1m?gnp?x??") == 3  # the trace, the refusal, the reason


HOLD_FILES = (
    "resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000));"
    "held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)];"
)
WITHOUT_POLL = "del select.poll;"  # as on Windows


@pytest.mark.parametrize("security", ["none", "starttls"])
@pytest.mark.parametrize("first", [HOLD_FILES, WITHOUT_POLL], ids=["1,100 files", "no poll()"])
def test_connection_is_watched_by_poll_or_select(
    aiosmtpd_server, certificates, security, first, address
):
    """select() supports no descriptor of 1,024 or above."""
    script = (
        "import os, resource, select, sys;"
        f"from hssmtp.__main__ import main; {first} sys.exit(main())"
    )
    port = aiosmtpd_server.plain_port if security == "none" else aiosmtpd_server.port
    arguments = (
        *(f"localhost:{port}", "--security", security, "--ca", certificates.ca_pem, *SENDER),
        *("--to", address, "--text", "x", "--quiet"),
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert aiosmtpd_server.wait_for_mail(address)
