"""make demo: it shows what it promises, and fails where the mail didn't come as it was sent."""

import asyncio
import hashlib
import subprocess
import sys

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from rich.console import Console

from host_tests.runtimes import ROOT, RUNTIMES
from tools import demo, thermal
from tools.mail_sink import MailSink


@pytest.fixture
def play(micropython, tmp_path, monkeypatch):
    """Run the demo with a fast line; return its status and what it showed."""

    def play():
        console = Console(width=100, record=True, color_system="truecolor", force_terminal=True)
        status = asyncio.run(demo.demo(tmp_path, console))
        return status, console.export_text()

    monkeypatch.setattr(demo, "OCTETS_PER_SECOND", 10_000_000)
    monkeypatch.setattr(demo, "find_micropython", lambda: RUNTIMES[micropython].command()[0])
    return play


@pytest.mark.parametrize("micropython", ["micropython"], indirect=True)
def test_the_command_as_make_calls_it(micropython):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tools.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "main loop      " in done.stdout


def test_what_it_shows(play, tmp_path):
    status, shown = play()
    assert status == 0
    checksum = hashlib.sha256(thermal.picture()).hexdigest()
    for line in (
        f"SHA-256 there  {checksum}",
        f"SHA-256 here   {checksum}",
        "the same",
        "Subject       95 °C",
        "└── image/bmp, base64, thermal.bmp, 230,454 octets",
        "login          boiler@example.com, over TLSv1.",
        " turns while the mail was under way",
        " ms, in ",
        " KB of 12",
        "▀▀▀▀▀▀▀▀",
    ):
        assert line in shown
    assert (tmp_path / "alert.eml").read_bytes().startswith(b"Date: ")


def test_a_picture_that_came_otherwise(play, monkeypatch):
    class Spoiling(MailSink):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            content = envelope.content
            assert isinstance(content, bytes)
            at = content.index(b"Qk02")  # "BM6", how the picture begins
            envelope.content = content[:at] + b"Qk03" + content[at + 4 :]
            return await super().handle_DATA(server, session, envelope)

    monkeypatch.setattr(demo, "MailSink", Spoiling)
    status, shown = play()
    assert status == 1
    assert "not the same" in shown


def test_a_mail_that_is_refused(play, monkeypatch):
    monkeypatch.setattr(demo, "MailSink", lambda context, passwords: MailSink(context, {}))
    status, shown = play()
    assert status == 1
    assert "ERROR_AUTH in AUTH: " in shown
    assert "0 mails have arrived" in shown


def test_a_mail_that_is_said_to_be_kept_and_is_not(play, monkeypatch):
    class Forgetful(MailSink):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            return "250 2.0.0 kept"

    monkeypatch.setattr(demo, "MailSink", Forgetful)
    status, shown = play()
    assert status == 1
    assert "0 mails have arrived" in shown


def test_a_device_that_hangs(play, monkeypatch):
    monkeypatch.setattr(demo, "OCTETS_PER_SECOND", 1)
    monkeypatch.setattr(demo, "TIMEOUT", 0.5)
    status, shown = play()
    assert status == 1
    assert "no end within 0.5 s" in shown
