"""make configure at a terminal: what a person is asked, and asked again, and how lines are edited.

Each test runs it twice: at a terminal that knows escape sequences, and at one that does not.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import ssl
import struct
import subprocess
import sys
import termios
import time

import pytest
import trustme
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from host_tests.support.configuring import WIFI_PASSWORD, written
from host_tests.support.runtimes import ROOT
from host_tests.support.servers import PASSWORD, USER, free_ports
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context
from tools.configure import kinds
from tools.configure.asking import NOTHING
from tools.configure.certificate import Certificate
from tools.configure.person import Person as EditingPerson
from tools.terminal import console

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[=>])|\r")
SKIPPED = (
    "Board",
    "Name of the device",
    "Name of the Wi-Fi",
    "its password",
    "Sender of the mails",
)


def _sit_down(terminal):
    """In the child: its terminal; Ctrl-C counts there, if the tests run in the background too."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Person:
    """Types at the command, and reads what it says."""

    def __init__(self, device, sample, terminal, *arguments):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 50, 120, 0, 0))
        script = (
            "import sys, pathlib; from tools.configure import __main__ as it;"
            f" it.TEMPLATE = pathlib.Path({str(sample)!r}); sys.exit(it.main())"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, "--device", str(device), *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": "lib",
                "PYTHONUTF8": "1",
                "TERM": terminal,
                "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody here answers where the cursor is
            },
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: _sit_down(theirs),
        )
        os.close(theirs)
        self._terminal = os.fdopen(ours, "r+b", buffering=0)
        self._read = b""
        self.terminal = terminal

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._terminal.close()

    @property
    def said(self):
        return ESCAPE.sub("", self._read.decode(errors="replace"))

    def is_asked(self, question):
        """Wait for a question; return it with what is offered."""
        start = len(self.said)
        while question not in self.said[start:] or not self.said.rstrip(" ").endswith(":"):
            assert select.select([self._terminal], [], [], 60)[0], self.said
            self._read += self._terminal.read(1000)
        return self.said[self.said.rindex(question) :]

    def sees(self, words):
        """Wait for words behind what is there."""
        start = len(self.said)
        while words not in self.said[start:]:
            assert select.select([self._terminal], [], [], 60)[0], self.said
            self._read += self._terminal.read(1000)

    def types(self, keys):
        self._terminal.write(keys.encode())

    def answers(self, question, answer):
        """Wait for a question, and answer it; return the question with what was offered."""
        asked = self.is_asked(question)
        self.types(answer + "\r")
        return asked

    def skips(self, *questions):
        """Enter takes what is offered."""
        for question in questions:
            self.answers(question, "")

    def stops(self, press):
        """Press Ctrl-C; return the exit status.

        Python forgets the one that comes between a question and the reading of its answer.
        """
        time.sleep(0.3)
        press()
        return self.ends()

    def presses_ctrl_c(self):
        with contextlib.suppress(OSError):
            self.types("\x03")

    def is_sent_sigint(self):
        os.killpg(self._process.pid, signal.SIGINT)

    def ends(self):
        """Wait for its end; return its exit status."""
        with contextlib.suppress(OSError):  # how Linux tells the end
            while piece := self._terminal.read(1000):
                self._read += piece
        return self._process.wait(timeout=60)


@pytest.fixture(params=["xterm", "dumb"])
def person(device, tmp_path, request):
    """person() is one who has sat down."""
    with contextlib.ExitStack() as stack:

        def sit_down(*arguments):
            sample = tmp_path / "config_example.py"
            return stack.enter_context(Person(device, sample, request.param, *arguments))

        yield sit_down


@pytest.fixture
def at_server(person, answers):
    """at_server(…) is one who has answered everything, some of it otherwise."""

    def at_server(*arguments, **different):
        told = {**answers, **different}
        somebody = person(*arguments)
        somebody.answers("Board", "rpi_pico_w")
        somebody.answers("Name of the device", told["DEVICE"])
        somebody.answers("Name of the Wi-Fi", told["WIFI_NAME"])
        somebody.answers("its password", told["WIFI_PASSWORD"])
        somebody.answers("Sender of the mails", told["SENDER"])
        somebody.answers("Mail server", told["SERVER"])
        somebody.answers("Security", told["SECURITY"])
        somebody.answers("Port", str(told["PORT"]))
        if told["SECURITY"] != "none":
            somebody.answers("User", told["USER"])
            somebody.answers("password", told["PASSWORD"])
        somebody.answers("Recipients of the mails", ", ".join(told["RECIPIENTS"]))
        return somebody

    return at_server


def finishes(somebody):
    """What comes after everything is right."""
    somebody.answers("Send a test mail", "n")
    assert somebody.ends() == 0, somebody.said


def test_questions_are_asked_in_order(person, device, answers, aiosmtpd_server):
    somebody = person()
    somebody.answers("Board", "rpi_piko_w")
    somebody.answers("Board", "3")
    assert "Did you mean RPI_PICO_W?" in somebody.said
    assert "(board)" in somebody.answers("Name of the device", "")
    somebody.answers("Name of the Wi-Fi", "Müller's")
    somebody.answers("its password", "short")
    somebody.answers("its password", WIFI_PASSWORD)
    somebody.answers("Sender of the mails", "boiler")
    somebody.answers("Sender of the mails", "boiler@gmail.com")
    assert "(smtp.gmail.com)" in somebody.answers("Mail server", "localhost")
    assert "(starttls)" in somebody.answers("Security", "")
    assert "(587)" in somebody.answers("Port", "many")
    somebody.answers("Port", str(answers["PORT"]))
    assert "(boiler@gmail.com)" in somebody.answers("User", USER)
    somebody.answers("password", "wrong")
    somebody.answers(
        "Recipients of the mails", 'ops@example.test, "P, erson" <person@example.test>'
    )
    somebody.answers("Shall the board trust it", "y")
    somebody.answers("Send a test mail", "y")
    # The login is refused: nothing else is asked again.
    assert f"({USER})" in somebody.answers("User", "")
    assert "(Enter keeps the one there is)" in somebody.answers("password", PASSWORD)
    assert somebody.ends() == 0, somebody.said
    assert "ERROR_AUTH" in somebody.said
    for secret in (PASSWORD, WIFI_PASSWORD, "wrong", "short"):
        assert secret not in somebody.said
    if somebody.terminal == "dumb":  # elsewhere a line may be drawn several times
        lines = [line.split("): ")[0] for line in somebody.said.splitlines()]  # but what is typed
        assert max(map(len, lines)) <= 80
    assert aiosmtpd_server.wait_for_mail("person@example.test").user == USER
    first = written(device)
    assert (first["PASSWORD"], first["WIFI_PASSWORD"]) == (PASSWORD, WIFI_PASSWORD)
    assert first["INPUTS"][0]["digital"] == 5

    again = person()
    assert "(ESP32_GENERIC_S3)" in again.answers("Board", "")
    again.skips(*SKIPPED[1:])
    again.skips("Mail server", "Security", "Port", "User", "password", "Recipients of the mails")
    again.skips("Shall the board trust it")
    finishes(again)
    assert PASSWORD not in again.said
    assert written(device) == first


def test_password_is_not_sent_to_another_server(person, configured, answers, device):
    configured(answers)
    somebody = person()
    somebody.skips(*SKIPPED)
    somebody.answers("Mail server", "sendgrid")
    assert "(starttls)" in somebody.answers("Security", "")
    assert "(587)" in somebody.answers("Port", "")
    assert "(apikey)" in somebody.answers("User", "")
    assert "keeps" not in somebody.answers("password", "")
    somebody.is_asked("password")
    somebody.types("\x04")
    assert somebody.ends() == 130, somebody.said
    assert "nothing was written" in somebody.said


def test_ctrl_c_writes_nothing(person, configured, answers, device):
    configured(answers)
    before = (device / "config.py").read_bytes()
    for press in (Person.presses_ctrl_c, Person.is_sent_sigint):
        somebody = person()
        somebody.skips("Board")
        somebody.answers("Name of the device", "new")
        somebody.is_asked("Name of the Wi-Fi")
        assert somebody.stops(lambda: press(somebody)) == 130, somebody.said  # noqa: B023
        assert "stopped, and nothing was written" in somebody.said
        assert (device / "config.py").read_bytes() == before


# One question again


def test_only_the_server_is_asked_again_if_it_is_not_found(at_server, device):
    somebody = at_server(SERVER="nobody.invalid", PORT=587)
    assert "(nobody.invalid)" in somebody.is_asked("Mail server")
    assert "ERROR_DNS" in somebody.said
    somebody.types("localhost\r")
    # Nothing listens at 587 here: server and port, and nothing else.
    somebody.is_asked("Mail server")
    assert somebody.stops(somebody.presses_ctrl_c) == 130


def test_port_is_asked_again_if_the_connection_is_refused(at_server, answers, device):
    somebody = at_server(PORT=free_ports(1)[0])
    somebody.skips("Mail server")
    assert "ERROR_CONNECT" in somebody.said
    somebody.answers("Port", str(answers["PORT"]))
    somebody.answers("Shall the board trust it", "")
    finishes(somebody)
    assert written(device)["PORT"] == answers["PORT"]


def test_security_is_asked_again_if_the_server_lacks_it(
    at_server, answers, device, aiosmtpd_server
):
    somebody = at_server(PORT=aiosmtpd_server.plain_port)
    assert "(starttls)" in somebody.is_asked("Security")
    assert "STARTTLS" in somebody.said
    somebody.types("2\r")
    somebody.answers("Port", str(aiosmtpd_server.tls_port))
    somebody.answers("Shall the board trust it", "")
    finishes(somebody)
    assert written(device)["SECURITY"] == "tls"


def test_recipients_are_asked_again_if_refused(at_server, device, aiosmtpd_server):
    somebody = at_server(RECIPIENTS=["refused@example.test"])
    somebody.answers("Shall the board trust it", "")
    somebody.answers("Send a test mail", "y")
    somebody.answers("Recipients of the mails", "taken@example.test")
    assert somebody.ends() == 0, somebody.said
    assert aiosmtpd_server.wait_for_mail("taken@example.test")


def test_ca_file_is_asked_if_the_server_shows_no_root(at_server, device, tmp_path):
    ca = trustme.CA()
    ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "rubbish.pem").write_text("rubbish")
    with AiosmtpdServer(server_context(tmp_path / "own.pem")) as server:
        somebody = at_server(PORT=server.port)
        somebody.answers("File of the CA", str(tmp_path / "missing.pem"))
        somebody.answers("File of the CA", str(tmp_path / "rubbish.pem"))
        somebody.answers("File of the CA", str(tmp_path / "own.pem"))
        somebody.answers("File of the CA", str(tmp_path / "ca.pem"))
        somebody.answers("Shall the board trust it", "y")
        finishes(somebody)
    assert "no such file" in somebody.said
    assert "neither a PEM nor a DER" in somebody.said
    assert "a board can only trust a CA" in somebody.said
    expected = ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode())
    assert (device / "ca.der").read_bytes() == expected


def test_fingerprint_question_says_what_to_compare(at_server, device, certificates):
    text = certificates.self_signed.read_text()
    own = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERT") :])
    with AiosmtpdServer(server_context(certificates.self_signed)) as server:
        somebody = at_server(PORT=server.port)
        assert "(y/N)" in somebody.answers("Is the fingerprint the same", "")
        somebody.answers("File of the CA", "-")
        somebody.answers("Another mail server", "y")
        somebody.skips("Mail server")
        somebody.answers("Is the fingerprint the same", "y")
        finishes(somebody)
    assert "openssl x509 -noout -fingerprint -sha256 -in cert.pem" in somebody.said
    assert Certificate(own).fingerprint[:47] in somebody.said
    assert (device / "ca.der").read_bytes() == own


def test_open_wifi_is_accepted(person, at_server, device):
    somebody = at_server(WIFI_PASSWORD="")
    somebody.answers("Shall the board trust it", "")
    finishes(somebody)
    assert written(device)["WIFI_PASSWORD"] is None


# Editing, at a terminal that can


LEFT, UP, DELETE, BACKSPACE, CTRL_A, CTRL_E = "\x1b[D", "\x1b[A", "\x1b[3~", "\x7f", "\x01", "\x05"


@pytest.fixture
def asked(monkeypatch):
    """asked(keys) is what Person.ask() returns when these keys are pressed."""
    monkeypatch.setenv("TERM", "xterm")
    editor = EditingPerson(console())
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):

        def asked(keys, offer=NOTHING, kind=kinds.DEVICE):
            keyboard.send_text(keys)
            return editor.ask("DEVICE", "What", offer, kind)

        yield asked


def test_lines_can_be_edited(asked):
    assert asked(f"xiler{LEFT * 5}{DELETE}bo\r") == "boiler"
    assert asked(f"iler{CTRL_A}bo{CTRL_E} room!{BACKSPACE}\r") == "boiler room"
    assert asked(f"{UP}{UP}{CTRL_E}s\r") == "boilers"


def test_offered_answer_can_be_edited(asked):
    assert asked(f"{UP}{CTRL_E} room\r", "boiler") == "boiler room"
    assert asked("\r", "boiler") == "boiler"


def test_long_offered_answer_fits_the_screen(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    prompts = []
    monkeypatch.setattr("builtins.input", lambda prompt: prompts.append(prompt) or "")
    offer = [f"\x1b{number}@example.test" for number in range(20)]
    person = EditingPerson(console())
    kind = kinds.RECIPIENTS._replace(settle=lambda value: value)
    assert person.ask("RECIPIENTS", "Recipients of the mails", offer, kind) == offer
    assert len(prompts[0]) <= 80
    assert prompts[0].isprintable()


def test_password_is_not_in_the_history(asked):
    assert asked("hunter2 & more\r", kind=kinds.PASSWORD) == "hunter2 & more"
    assert asked(f"{UP}x\r", kind=kinds.PASSWORD) == "x"
    assert asked(f"{UP}y\r") == "y"


@pytest.mark.parametrize("person", ["xterm"], indirect=True)
def test_tab_completes_a_provider(person):
    somebody = person()
    somebody.answers("Board", "rpi_pico2_w")
    somebody.skips("Name of the device")
    somebody.answers("Name of the Wi-Fi", "-")
    somebody.answers("Sender of the mails", "boiler@example.test")
    somebody.is_asked("Mail server")
    somebody.types("fastm\t")
    somebody.sees("Fastmail")
    somebody.types("\r")
    assert "(tls)" in somebody.answers("Security", "")
    assert "(465)" in somebody.answers("Port", "")
    somebody.is_asked("User")
    assert somebody.stops(somebody.presses_ctrl_c) == 130


def test_mistyped_provider_is_guessed(person):
    somebody = person()
    somebody.answers("Board", "Raspberry Pi Pico W")
    somebody.skips("Name of the device")
    somebody.answers("Name of the Wi-Fi", "-")
    somebody.answers("Sender of the mails", "boiler@example.test")
    somebody.answers("Mail server", "gmial")
    somebody.is_asked("Mail server")
    assert "Did you mean Gmail?" in somebody.said
    somebody.types("99\r")
    somebody.is_asked("Mail server")
    assert somebody.stops(somebody.presses_ctrl_c) == 130
