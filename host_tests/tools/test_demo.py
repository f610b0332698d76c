"""make demo: it shows what it promises, and fails where the alert didn't come."""

import asyncio
import html
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from rich.console import Console

from host_tests.support.mpremote import require
from host_tests.support.runtimes import ROOT
from host_tests.tools.test_terminal import HOSTILE
from tools.demo import play as demo
from tools.demo.picture import save
from tools.flash import follow
from tools.mail_sink import Mail, MailSink


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Run the demo; return its status and what it showed."""
    require()
    monkeypatch.setattr(follow, "QUIET", 0.3)

    def play():
        console = Console(width=78, record=True, color_system="truecolor", force_terminal=True)
        status = asyncio.run(demo.demo(tmp_path, console))
        shown = console.export_text(clear=False)
        save(console, tmp_path / "demo.svg")
        return status, shown

    return play


def test_command_shows_a_sent_alert_in_80_columns():
    require()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tools.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "every checksum is right" in done.stdout
    assert "main loop  went on: " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert len(done.stdout.splitlines()) <= 35


def test_demo_shows_board_alert_and_mail(play, tmp_path):
    status, shown = play()
    assert status == 0, shown
    for line in (
        "  alarm: The button was pressed\n",
        "  sent to 1 of 1 recipients\n",
        "  Subject  boiler room: The button was pressed",
        "  Readings then: Button pressed, Boiler 20.0 °C\n",
        "  attached: log.txt, ",
        "  login      as boiler@example.com, over TLSv1.",
    ):
        assert line in shown
    assert (tmp_path / "alert.eml").read_bytes().startswith(b"Date: ")
    assert words(tmp_path / "demo.svg") == words(ROOT / "docs" / "demo.svg"), (
        "make demo ARGS='--svg docs/demo.svg'"
    )


def words(picture):
    """What a picture shows, without what differs from run to run."""
    text = " ".join(re.findall(r"<text [^>]*>([^<]*)</text>", picture.read_text(encoding="utf-8")))
    text = html.unescape(text).replace("\xa0", " ")
    text = re.sub(r"(Readings now: Button) \w+", r"\1 …", text)
    text = text.partition("the mail  ")[0]  # its file is elsewhere, and its path may be wrapped
    return re.sub(r"[\d,.]+", "0", text).split()


def test_picture_loads_nothing_from_the_web():
    text = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    assert "@font-face" not in text
    assert set(re.findall(r"https?://[^\s\"<]+", text)) == {
        "http://www.w3.org/2000/svg",  # the name of the format
        "https://www.textualize.io",  # a comment of the library that draws it
    }


def test_refused_mail_fails_the_demo(play, monkeypatch):
    monkeypatch.setattr(demo, "TIMEOUT", 3)
    monkeypatch.setattr(demo, "MailSink", lambda context, passwords: MailSink(context, {}))
    status, shown = play()
    assert status == 1
    assert "nothing of that within 3 s" in shown
    assert "0 mails have arrived" in shown


def test_lost_mail_fails_the_demo(play, monkeypatch):
    class Forgetful(MailSink):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            return "250 2.0.0 kept"

    monkeypatch.setattr(demo, "MailSink", Forgetful)
    status, shown = play()
    assert status == 1
    assert "0 mails have arrived" in shown


def test_board_that_is_not_flashed_fails_the_demo(play, monkeypatch):
    monkeypatch.setattr(demo, "MACHINE", "Something else with RP2040")
    status, shown = play()
    assert status == 1
    assert "0 mails have arrived" in shown


def test_board_and_mail_cannot_control_the_terminal(tmp_path):
    console = Console(width=80, record=True)
    said = f"one {HOSTILE} two\r\nthree {HOSTILE}"
    demo.tell(SimpleNamespace(wait_for=lambda *_: said), "two", console)
    content = f"Subject: x\r\nX: {HOSTILE}\r\n\r\n[bold]{HOSTILE} four".encode()
    mail = Mail(content, "a@example.com", [], "user", "TLSv1.2")
    assert demo.show(mail, (1, 1), tmp_path, console) == 1
    shown = console.export_text()
    assert not set(shown) & (set(HOSTILE) - set("[31m2J"))
    for word in ("one ", " two", "three ", "[bold]", " four"):
        assert word in shown
