"""make demo: a board is flashed, its button pressed, and its alert received.

The board is a virtual one (tools/virtual_board); mpremote, TLS and the mail server are real, and
all are on this machine.
"""

import asyncio
import shutil
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
from tools.mail_sink import Mail, MailSink
from tools.mailbox import display
from tools.terminal import printable
from tools.virtual_board import VirtualBoard

ROOT = Path(__file__).resolve().parent.parent
MACHINE = "Raspberry Pi Pico W with RP2040"  # what the board says to be
BUTTON = 15
BOILER = 26
TIMEOUT = 60  # s that the board may take for a step
WATCHDOG = 8  # s

USER = "boiler@example.com"
PASSWORD = "rust never sleeps"

# firmware/config_example.py tells what else there is.
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


def main() -> int:
    """Run the demo in build/demo; return the exit status."""
    folder = ROOT / "build" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    return asyncio.run(demo(folder, Console(highlight=False)))


async def demo(folder: Path, console: Console) -> int:
    """Run the demo in a folder of its own; return 0 if the alert came, else 1."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    async with MailSink(context, {USER: PASSWORD}) as sink:
        lay_out(folder / "project", sink.port, ca.cert_pem.bytes())
        # In a thread: the server has to serve meanwhile.
        record = await asyncio.to_thread(play, folder, console)
        if record is None or len(sink.mails) != 1:
            console.print(f"\n[bold red]That is no success: {len(sink.mails)} mails have arrived.")
            return 1
        return show(sink.mails[0], record, folder, console)


def lay_out(project: Path, port: int, ca: bytes) -> None:
    """This project, with a configuration as `make configure` writes one."""
    (project / "device").mkdir(parents=True)
    for name in ("boards", "firmware", "lib"):
        (project / name).symlink_to(ROOT / name)
    device = project / "device"
    (device / "ca.der").write_bytes(ssl.PEM_cert_to_DER_cert(ca.decode()))
    (device / "config.py").write_text(CONFIGURATION.format(port=port), encoding="utf-8")


def play(folder: Path, console: Console) -> tuple[int, int] | None:
    """Flash the board and press the button; return what its watchdog saw meanwhile."""
    says = {"_machine": MACHINE}
    with VirtualBoard(folder / "board", implementation=says) as board:
        board.set_pin(BUTTON, 1)
        board.set_adc(BOILER, 65535 * 20 // 330)
        console.rule("The board")
        console.print(
            "A virtual one: MicroPython with 1 MB of flash, at a port of its own."
            " [bold]make board[/] starts one to try by hand.\n"
        )
        run("-m", "mpremote", "connect", board.port, "rtc", "--set")
        console.print("[bold]make flash[/]")
        if command.main([board.port], folder / "project"):
            return None
        console.print()
        console.rule("At work")
        try:
            board.wait_for("the network is up", TIMEOUT)
            board.discard()
            console.print("[bold]The button is pressed.")
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


def show(mail: Mail, record: tuple[int, int], folder: Path, console: Console) -> int:
    """Show the mail and how it went; return 0 if it is the alert that was raised, else 1."""
    (folder / "alert.eml").write_bytes(mail.content)
    console.print()
    console.rule("The mail, as the server has it")
    display.show(mail.content, console)

    console.rule("How it went")
    turns, longest = record
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("login", f"{mail.user}, over {mail.tls}, the certificate checked"),
        ("main loop", f"[bold]{turns:,} turns[/] from the button to the server's reply"),
        (
            "longest turn",
            f"[bold]{longest} ms[/] (the watchdog bites after {1000 * WATCHDOG:,} ms)",
        ),
        ("the mail", f"{folder / 'alert.eml'}, {len(mail.content):,} bytes"),
    ):
        facts.add_row(Text(name, style="bold"), value)
    console.print(facts)
    found = display.contents(mail.content)
    text = found.text if found else ""
    return 0 if "The button was pressed" in text and "Boiler 20.0 °C" in text else 1


if __name__ == "__main__":
    sys.exit(main())
