"""The page “Without a board”: make mailbox, board, configure, flash, and the button."""

import re
import subprocess
import sys

import pytest

from host_tests.support.mpremote import require
from host_tests.support.runtimes import ROOT
from host_tests.support.servers import free_ports
from host_tests.support.terminal import Terminal

PAGE = (ROOT / "docs" / "without-a-board.md").read_text(encoding="utf-8")
PICO = "Raspberry Pi Pico W with RP2040"


def command(module, *arguments):
    """Run a command to its end; return all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_pressed_button_of_a_virtual_board_reaches_the_mailbox(tmp_path, security):
    require()
    port, tls_port = free_ports(2)
    box, device = tmp_path / "box", tmp_path / "device"
    ports = ("--port", port, "--tls-port", tls_port)
    with (
        Terminal("tools.mailbox", "--keep", box, *ports) as mailbox,
        Terminal("tools.virtual_board", "--keep", tmp_path / "board", "--machine", PICO) as board,
    ):
        mailbox.reads_until("To answer the questions yourself")
        board.reads_until("`help` lists the other commands.")
        answers = box / "answers"
        if security == "tls":
            text = answers.read_text().replace('"starttls"', '"tls"')
            answers.write_text(text.replace(str(port), str(tls_port)))

        command("tools.configure", "--answers", answers, "--device", device)
        assert "virtual board: a test" in mailbox.reads_until(r"\.eml\n")

        # No time server: the tests run without internet.
        with (device / "config.py").open("a") as config:
            config.write("NTP_SERVER = None\n")
        said = command("tools.flash", tmp_path / "board" / "port", "--device", device)
        assert "the network is up" in said

        board.types("pin 15 0")
        shown = mailbox.reads_until(r"\.eml\n")
        assert "virtual board: The button was pressed" in shown
        assert re.search(r"── text/plain, \S+, log.txt, \d+ bytes", shown)
        assert "login board@example.com, TLSv1.2" in shown
        assert len(list((box / "mails").iterdir())) == 2

        said = ""
        while "sent to 1 of 1 recipients" not in said:  # soon after the server's reply
            board.types("output\npin LED")
            said = board.reads_until("the board puts out")


def test_page_has_the_commands_that_were_run():
    for line in (
        "make mailbox",
        "make board",
        'make configure ARGS="--answers build/mailbox/answers"',
        "make flash PORT=build/board/port",
    ):
        assert f"\n{line}\n" in PAGE, line
    assert "`pin 15 0`" in PAGE
