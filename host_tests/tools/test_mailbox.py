"""make mailbox: it takes mails over TLS from who logs in, stores them, and shows them safely."""

import errno
import os
import re
import signal
import smtplib
import socket
import ssl
import stat
import subprocess
import sys
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from host_tests.support.runtimes import ROOT
from host_tests.support.servers import free_ports
from host_tests.support.terminal import Terminal
from host_tests.tools.test_terminal import HOSTILE
from tools.configure.certificate import Certificate
from tools.configure.configuration import read
from tools.mail_sink import Mail
from tools.mailbox import __main__ as command
from tools.mailbox import display, store
from tools.mailbox.store import Store

UNPRINTABLE = set(HOSTILE) - set("[31m2J")  # none of it may get to a terminal
STORED = r"stored, [^\0]*\.eml\n"  # the end of what is shown of a mail


class Running(Terminal):
    """`python -m tools.mailbox`, and a client that trusts its CA."""

    def __init__(self, folder, *arguments):
        super().__init__("tools.mailbox", "--keep", folder, *arguments, COLUMNS="200")
        self.folder = folder
        self.reads_until("To answer the questions yourself: .*\n")

    def value(self, name):
        return re.search(f"^    {name} +(.*)$", self.said, re.MULTILINE)[1]

    @property
    def ports(self):
        return [int(port) for port in re.findall(r"\d+", self.value("port"))]

    def client(self, tls=False):
        context = ssl.create_default_context(cafile=self.value("CA"))
        if tls:
            return smtplib.SMTP_SSL("localhost", self.ports[1], context=context, timeout=30)
        client = smtplib.SMTP("localhost", self.ports[0], timeout=30)
        client.starttls(context=context)
        return client

    def log_in(self, client):
        client.login(self.value("user"), self.value("password"))


@contextmanager
def mailbox(folder, *arguments):
    running = Running(folder, *(arguments or ("--port", "0", "--tls-port", "0")))
    with running.process:
        try:
            yield running
            running.process.send_signal(signal.SIGINT)
            rest = running.process.stdout.read()
            assert (running.process.wait(30), rest.strip()) == (0, "")
        finally:
            running.process.kill()


def example():
    message = EmailMessage()
    message["From"] = "Boiler <boiler@example.com>"
    message["To"] = "ops@example.com"
    message["Subject"] = "95 °C"
    message.set_content("It is 95 °C.\n\x1b[2Jand \u202ethere\tis more\n.")
    message.add_attachment(b"1,2\n" * 500, maintype="text", subtype="csv", filename="log.csv")
    return message


# The server


@pytest.mark.parametrize("tls", [False, True])
def test_mail_is_stored_and_shown(tmp_path, tls):
    with mailbox(tmp_path / "box") as box:
        with box.client(tls) as client:
            box.log_in(client)
            client.send_message(example())
        shown = box.reads_until(STORED)
        assert "Mail 1" in shown
        assert "│ Subject " in shown
        assert "95 °C" in shown
        assert "It is 95 °C." in shown
        assert "?[2Jand ?there  is more" in shown
        assert "text/csv, base64, log.csv, 2,000 bytes" in shown
        assert "from boiler@example.com to ops@example.com" in shown
        assert "login board@example.com, TLSv1." in shown
        assert not set(shown) & UNPRINTABLE
        for line in box.said.splitlines():
            assert len(line.replace(str(tmp_path), "build")) <= 80, line
        (path,) = (tmp_path / "box" / "mails").iterdir()
        assert path.name in shown
        assert b"Subject: 95 =?utf-8?" in path.read_bytes()


def test_mail_needs_tls_and_the_password(tmp_path):
    with mailbox(tmp_path / "box") as box:
        for tls in (False, True):
            with box.client(tls) as client:
                with pytest.raises(smtplib.SMTPAuthenticationError):
                    client.login(box.value("user"), "wrong")
                with pytest.raises(smtplib.SMTPSenderRefused) as refused:
                    client.send_message(example())
                assert refused.value.smtp_code == 530
        with smtplib.SMTP("localhost", box.ports[0], timeout=30) as client:
            client.ehlo()
            assert client.mail("a@example.com")[0] == 530
        assert not list((tmp_path / "box" / "mails").iterdir())


def test_folder_is_private(tmp_path):
    folder = tmp_path / "box"
    folder.mkdir(mode=0o755)
    with mailbox(folder) as box:
        with box.client() as client:
            box.log_in(client)
            client.send_message(example())
        box.reads_until(STORED)
    names = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
    assert {"ca.pem", "ca-key.pem", "server.pem", "password", "answers", "mails"} <= names
    for path in [folder, *folder.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_ca_and_password_are_kept(tmp_path):
    seen = []
    for _ in range(2):
        with mailbox(tmp_path / "box") as box:
            seen.append((box.value("password"), (tmp_path / "box" / "ca.pem").read_bytes()))
            with box.client() as client:
                box.log_in(client)
    assert seen[0] == seen[1]


def test_folders_have_different_cas_and_passwords(tmp_path):
    one, two = Store(folder(tmp_path, "one")), Store(folder(tmp_path, "two"))
    assert one.password != two.password
    assert one.fingerprint() != two.fingerprint()


def folder(tmp_path, name="box"):
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_answers_file_fits_make_configure(tmp_path):
    kept = Store(folder(tmp_path))
    answers = read(kept.write_answers(5870))
    assert answers["SERVER"] == "localhost"
    assert answers["PORT"] == 5870
    assert answers["PASSWORD"] == kept.password
    assert 8 <= len(answers["WIFI_PASSWORD"]) <= 63  # as WPA has it
    der = ssl.PEM_cert_to_DER_cert(kept.ca_file.read_text())
    assert answers["FINGERPRINT"] == Certificate(der).fingerprint


def again(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.mailbox", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_second_mailbox_in_the_same_folder_is_refused(tmp_path):
    with mailbox(tmp_path / "box") as box:
        done = again("--keep", tmp_path / "box", "--port", 0, "--tls-port", 0)
        assert (done.returncode, done.stdout) == (command.IN_USE, "")
        assert " ".join(done.stderr.split()).startswith("mailbox: a mailbox runs in ")
        with box.client() as client:  # the first goes on
            box.log_in(client)
    with mailbox(tmp_path / "box"):  # and afterwards there may be another
        pass


@pytest.mark.parametrize("which", [0, 1])
def test_port_in_use_is_reported(tmp_path, which):
    ports = free_ports(2)
    with socket.create_server(("127.0.0.1", ports[which])):
        ports = [str(port) for port in ports]
        done = again("--keep", tmp_path / "box", "--port", ports[0], "--tls-port", ports[1])
    assert done.returncode == command.IN_USE
    assert f"port {ports[0]} or {ports[1]} is in use" in " ".join(done.stderr.split())


def test_foreign_folder_and_broken_ca_are_reported(tmp_path):
    (folder(tmp_path, "home") / "thesis.txt").touch()
    done = again("--keep", tmp_path / "home", "--port", 0, "--tls-port", 0)
    assert (done.returncode, done.stdout) == (1, "")
    assert "has other files in it" in " ".join(done.stderr.split())
    Store(folder(tmp_path)).ca_file.write_text("broken")
    done = again("--keep", tmp_path / "box", "--port", 0, "--tls-port", 0)
    assert (done.returncode, done.stdout) == (1, "")
    assert "can't be read" in " ".join(done.stderr.split())


def test_mail_that_cannot_be_stored_is_refused_for_now(tmp_path, monkeypatch):
    screen = Console(record=True, width=80)
    box = command.Mailbox(Store(folder(tmp_path)), screen)

    def full(path, content, exclusive=False):
        path.write_bytes(content[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_private", full)
    mail = Mail(b"Subject: x\r\n\r\nx", "a@example.com", ["b@example.com"], "board", "TLSv1.2")
    with pytest.raises(OSError, match="No space left"):
        box.keep(mail)
    assert "No space left" in screen.export_text()
    assert not list((tmp_path / "box" / "mails").iterdir())


def test_mails_of_the_same_second_are_all_stored(tmp_path):
    kept = Store(folder(tmp_path))
    paths = [kept.keep(b"%d" % n) for n in range(20)]
    assert [path.read_bytes() for path in paths] == [b"%d" % n for n in range(20)]


# What is shown


def shown(mail):
    screen = Console(record=True, width=80, file=open(os.devnull, "w"))  # noqa: SIM115
    with screen.file:
        display.show(mail, screen)
    return screen.export_text()


def test_mail_cannot_control_the_terminal():
    hostile = HOSTILE.encode()
    text = shown(
        b"Subject: a" + hostile + b"b\r\n"
        b"X-" + hostile + b": c\r\n"
        b"From: =?utf-8?b?G1syShtdMDt4Bw==?= <a@example.com>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nx" + hostile + b"y\r\n"
        b"--b\r\nContent-Type: application/x" + hostile + b"\r\n"
        b'Content-Disposition: attachment; filename="e\x1b[1mvil[/bold].txt"\r\n'
        b"Content-Transfer-Encoding: \x1b[5m\r\n\r\nz\r\n--b--\r\n"
    )
    assert not set(text) & UNPRINTABLE
    assert "[/bold]" in text  # and it is no markup either


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\r\n",
        b"no header at all",
        b"Content-Type: text/plain; charset=no-such-charset\r\n\r\nx",
        b"Content-Type: text/plain; charset=\xff\xfe\r\n\r\nx",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx",
        b"Content-Type: message/delivery-status\r\n\r\nx",
        b"From: \r\nTo: ,,,;:<>\r\nDate: never\r\n\r\nx",
        b"Content-Disposition: attachment; filename*=utf-8''%\r\n\r\nx",
        b"Content-Type: text/html\r\n\r\n<p>only html</p>",
    ],
)
def test_broken_mail_is_shown(mail):
    assert shown(mail)


def test_deeply_nested_parts_are_shown_or_called_broken():
    mail = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3000)
    )
    assert "broken" in shown(mail)


def test_long_mail_is_shortened():
    text = shown(b"Subject: x\r\n\r\n" + b"line\r\n" * 5000 + b"x" * 100_000)
    assert "lines more" in text
    assert len(text.splitlines()) < 400


def test_mail_of_megabytes_is_not_parsed_for_display_in_full(monkeypatch):
    """Each character that is looked at takes time, and the server serves nobody meanwhile."""
    looked_at = 0

    def printable(text, real=display.printable):
        nonlocal looked_at
        looked_at += len(text)
        return real(text)

    monkeypatch.setattr(display, "printable", printable)
    name = b"n" * 100_000
    shown(
        b"Subject: " + b"s" * 1_000_000 + b"\r\n"
        b'Content-Disposition: inline; filename="' + name + b'"\r\n\r\n'
        b"" + b"one line" * 500_000 + b"\r\nline" * 100_000
    )
    assert 0 < looked_at < 100_000


LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: text/plain; charset=",
            b"Content-Transfer-Encoding: base64",
            b"Content-Transfer-Encoding: quoted-printable",
            b"Content-Disposition: attachment; filename=",
            b"Content-Disposition: attachment; filename*0*=utf-8''",
            b"From: ",
            b"Date: ",
            b"Subject: =?utf-8?q?",
            b"--b",
            b"--b--",
            b"",
            HOSTILE.encode(),
        ]
    )
    | st.binary(max_size=20),
    max_size=30,
)


@given(st.lists(st.tuples(LINES, st.binary(max_size=10)), max_size=6))
def test_any_mail_is_shown_printable(pieces):
    mail = b"".join(b"\r\n".join(lines) + end for lines, end in pieces)
    assert not set(shown(mail)) & UNPRINTABLE
