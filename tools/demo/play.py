"""The demo: a board is flashed, its button is pressed, and its alert is received.

The board is virtual (tools/virtual_board). MicroPython, mpremote, TLS and the mail server are
real, and all of them run on this computer.
"""

import asyncio
import contextlib
import io
import ssl
import subprocess
import sys
from pathlib import Path

import trustme
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools import wifi
from tools.flash import command
from tools.library import ROOT
from tools.mail_sink import Mail, MailSink
from tools.mailbox import display
from tools.terminal import printable, short
from tools.virtual_board import VirtualBoard

MACHINE = "Raspberry Pi Pico W with RP2040"  # what the board says that it is
BUTTON = 15
BOILER = 26
TIMEOUT = 60  # s for each step of the board
WATCHDOG = 8  # s

USER = "boiler@example.com"
PASSWORD = "rust never sleeps"

# As `make configure` writes it. firmware/config_example.py lists all settings.
CONFIGURATION = f"""\
DEVICE = "boiler room"
WIFI_NAME = {wifi.NAME!r}
WIFI_PASSWORD = {wifi.PASSWORD!r}
SERVER = "localhost"
PORT = {{port}}
SECURITY = "starttls"
USER = {USER!r}
PASSWORD = {PASSWORD!r}
CA = "ca.der"
SENDER = "Boiler room <{USER}>"
RECIPIENTS = ["ops@example.com"]
INPUTS = [
    {{{{
        "name": "Button",
        "digital": {BUTTON},
        "words": ("released", "pressed"),
        "text": "The button was pressed",
    }}}},
    {{{{"name": "Boiler", "analogue": {BOILER}, "scale": (0, 330), "unit": "°C", "above": 90}}}},
]
NTP_SERVER = None
WATCHDOG_SECONDS = {WATCHDOG}
GRACE_SECONDS = 0
"""


class Lines(io.TextIOBase):
    """A file whose lines appear on a console, indented."""

    def __init__(self, console: Console):
        self._console = console
        self._line = ""

    def write(self, text: str) -> int:
        """Print the lines that are complete."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._console.print(Text("  " + printable(line)), soft_wrap=True)
        return len(text)


async def demo(folder: Path, console: Console) -> int:
    """Run the demo in a folder of its own; return 0 if the alert arrived, else 1."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    async with MailSink(context, {USER: PASSWORD}) as sink:
        write_project(folder / "project", sink.port, ca.cert_pem.bytes())
        # In a thread: the server runs in this one.
        feedings = await asyncio.to_thread(play, folder, console)
        if feedings is None or len(sink.mails) != 1:
            console.print(f"\n[bold red]The demo failed: {len(sink.mails)} mails have arrived.")
            return 1
        return show(sink.mails[0], feedings, folder, console)


def write_project(project: Path, port: int, ca: bytes) -> None:
    """Write what `make flash` reads: this project, with a configuration for the demo's server."""
    (project / "device").mkdir(parents=True)
    for name in ("boards", "firmware", "lib"):
        (project / name).symlink_to(ROOT / name)
    device = project / "device"
    (device / "ca.der").write_bytes(ssl.PEM_cert_to_DER_cert(ca.decode()))
    (device / "config.py").write_text(CONFIGURATION.format(port=port), encoding="utf-8")


def play(folder: Path, console: Console) -> tuple[int, int] | None:
    """Flash the board and press the button.

    Return how often the board fed its watchdog meanwhile, and the longest pause in ms; None if it
    did not get that far.
    """
    says = {"_machine": MACHINE}
    with VirtualBoard(folder / "board", implementation=says) as board:
        board.set_pin(BUTTON, 1)
        board.set_adc(BOILER, 65535 * 20 // 330)
        console.rule("make flash: software and configuration go onto a board")
        run("-m", "mpremote", "connect", board.port, "rtc", "--set")
        console.file = console.file  # keep to this file while standard output leads to Lines
        with contextlib.redirect_stdout(Lines(console)):
            if command.main([board.port], folder / "project"):
                return None
        console.rule("Its button is pressed")
        try:
            board.wait_for("the network is up", TIMEOUT)
            board.discard()
            board.feedings()
            board.set_pin(BUTTON, 0)
            tell(board, "alarm: The button was pressed\r\n", console)
            board.set_pin(BUTTON, 1)
            tell(board, "sent to 1 of 1 recipients\r\n", console)
        except TimeoutError:
            console.print(f"  nothing of that within {TIMEOUT} s:")
            console.print(Text(printable(board.output[-1000:], keep_lines=True)))
            return None
        return board.feedings()


def run(*arguments: str) -> None:
    """Run a Python program of this environment."""
    subprocess.run([sys.executable, *arguments], stdin=subprocess.DEVNULL, check=True)


def tell(board: VirtualBoard, until: str, console: Console) -> None:
    """Show what the board prints, up to a text."""
    for line in board.wait_for(until, TIMEOUT).splitlines():
        console.print(Text("  " + printable(line), style="bold green"))


def show(mail: Mail, feedings: tuple[int, int], folder: Path, console: Console) -> int:
    """Show the mail and how it went; return 0 if it is the alert that was raised, else 1."""
    file = folder / "alert.eml"
    file.write_bytes(mail.content)
    console.rule("The mail has arrived")
    display.show_main_parts(mail.content, console)
    console.rule("Meanwhile")
    turns, longest = feedings
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("main loop", f"went on: {turns:,} turns, the longest of {longest} ms"),
        ("login", f"as {mail.user}, over {mail.tls}; the certificate was verified"),
        ("the mail", f"{short(file)}, {len(mail.content):,} bytes"),
    ):
        facts.add_row(Text("  " + name, style="bold"), value)
    console.print(facts)
    found = display.contents(mail.content)
    text = found.text if found else ""
    return 0 if "The button was pressed" in text and "Boiler 20.0 °C" in text else 1
