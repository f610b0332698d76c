"""VirtualBoard: what a test, a demo or a person does with the board, from any thread."""

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any

from hssmtp.net import dns

from tools import wifi
from tools.private import make_private, only_one, write_private
from tools.virtual_board.access_point import AccessPoint, Address
from tools.virtual_board.console import Console
from tools.virtual_board.device import registers as places
from tools.virtual_board.device.registers import Registers, number
from tools.virtual_board.life import Life

FLASH = "flash.img"  # it may hold passwords
BLOCK = 4096  # bytes of a flash block
TIMEOUT = 60  # s that wait_for() waits at most

Pin = int | str


def _name_server() -> Address:
    """Return this computer's name server."""
    try:
        return dns.name_servers()[0], 53
    except (OSError, IndexError):
        return "127.0.0.1", 53


class VirtualBoard:
    """A board that runs within `with`; see the package's docstring.

    `with` raises tools.private.FolderInUse if another board runs in the folder, FolderOfOthers if
    the folder has other files, OSError.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        flash_size: int = 1024 * 1024,
        heap: str = "256K",
        networks: Mapping[str, str] | None = None,
        routes: Mapping[int, Address] | None = None,
        implementation: Mapping[str, object] | None = None,
        native_usb: bool = False,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="board-") if not folder else None
        self.folder = folder or Path(self._temporary.name)  # type: ignore[union-attr]
        self.port = str(self.folder / "port")
        self.starts: list[str] = []
        self._flash_size = flash_size
        self._heap = heap
        self._implementation = dict(implementation or {})
        self._native_usb = native_usb
        self._access_point = AccessPoint(
            dict(networks or {wifi.NAME: wifi.PASSWORD}), {53: _name_server(), **(routes or {})}
        )
        self._output = bytearray()
        self._read = 0  # of the output, by wait_for()
        self._started = 0  # where in the output the last start is
        self._changed = threading.Condition()

    def __enter__(self) -> "VirtualBoard":
        with contextlib.ExitStack() as stack:
            make_private(self.folder, FLASH)
            stack.enter_context(only_one(self.folder))
            self._start()
            self._held = stack.pop_all()
        return self

    def _start(self) -> None:
        self._flash = self.folder / FLASH
        if not self._flash.exists():
            write_private(self._flash, b"\xff" * (self._flash_size // BLOCK * BLOCK))
        self._register_file = self.folder / "registers"
        write_private(self._register_file, bytes(places.SIZE))
        self._registers = Registers(str(self._register_file))
        for pin in range(places.PINS):
            self._registers[places.INPUT + pin] = places.NOTHING
        self._registers[places.NETWORK] = 1
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=asyncio.run, args=[self._run()], name="board")
        self._thread.start()
        self._ready.result()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._over.set)
        self._thread.join()
        self._registers.close()
        self._held.close()
        if self._temporary:
            self._temporary.cleanup()

    async def _run(self) -> None:
        """Run the event loop, in a thread of its own."""
        try:
            self._loop = asyncio.get_running_loop()
            self._over = asyncio.Event()
            self._console = Console(self.folder / "port", self._on_output)
            settings = {
                "heap": self._heap,
                "native_usb": self._native_usb,
                "flash": str(self._flash),
                "registers": str(self._register_file),
                "implementation": self._implementation,
            }
            self._life = Life(settings, self._console, self._access_point, self._on_start)
            await self._life.open()
            self._console.plug_in()
            await self._life.power_on()
        except BaseException as problem:
            self._ready.set_exception(problem)
            return
        self._ready.set_result(None)
        await self._over.wait()
        await self._life.close()
        self._access_point.take_away()
        self._console.close()

    def _do(self, function: Callable[..., Any], *arguments: object) -> None:
        """Run a function in the board's event loop."""

        async def call() -> None:
            result = function(*arguments)
            if asyncio.iscoroutine(result):
                await result

        asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    # Output

    def _on_output(self, octets: bytes) -> None:
        with self._changed:
            self._output += octets
            self._changed.notify_all()

    def _on_start(self, cause: str) -> None:
        with self._changed:
            self._started = len(self._output)
            self.starts.append(cause)
            self._changed.notify_all()

    @property
    def output(self) -> str:
        """All output since the board was made, with or without the cable."""
        return self._output.decode(errors="replace")

    @property
    def output_since_start(self) -> str:
        """The output since the last start."""
        return self._output[self._started :].decode(errors="replace")

    def wait_for(self, text: str, timeout: float = TIMEOUT) -> str:
        """Wait until a text is printed after the last one; return the output up to it."""
        wanted = text.encode()

        def found() -> bool:
            return self._output.find(wanted, self._read) >= 0

        with self._changed:
            if not self._changed.wait_for(found, timeout):
                raise TimeoutError(f"no {text!r} in {bytes(self._output[self._read :])!r}")
            end = self._output.find(wanted, self._read) + len(wanted)
            said, self._read = self._output[self._read : end], end
            return said.decode(errors="replace")

    def discard(self) -> None:
        """Let wait_for() ignore all previous output."""
        with self._changed:
            self._read = len(self._output)

    def wait_for_start(self, cause: str, count: int = 1, timeout: float = TIMEOUT) -> None:
        """Wait until it has started `count` times for a cause: see `starts`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.starts.count(cause) >= count, timeout):
                raise TimeoutError(f"no start by {cause}: {self.starts}")

    # Power and cable

    def press_reset(self) -> None:
        """Press the reset button."""
        self._do(self._life.reset)

    def cut_power(self) -> None:
        """Cut the power at once. Flash and port stay."""
        self._do(self._life.power_off)

    def power_on(self) -> None:
        """Switch the power on after cut_power()."""
        self._do(self._life.power_on)

    def unplug(self) -> None:
        """Pull the cable: the port disappears, the board runs on."""
        self._do(self._console.unplug)

    def unplug_after(self, octets: int) -> None:
        """Pull the cable after a number of further bytes from the PC."""
        self._do(self._console.unplug_after, octets)

    def plug_in(self) -> None:
        """Plug the cable in: the port is back, with the same name."""
        self._do(self._console.plug_in)

    # Pins

    def set_pin(self, pin: Pin, level: int | None) -> None:
        """Set an input to 0 or 1; None: nothing is connected, its pull resistor decides."""
        self._registers[places.INPUT + number(pin)] = places.NOTHING if level is None else level

    def pin(self, pin: Pin) -> int | None:
        """Return the level of an output; None if the pin is not an output."""
        level = self._registers[places.OUTPUT + number(pin)]
        return None if level == places.NOTHING else level

    def set_adc(self, pin: Pin, value: int) -> None:
        """Set what ADC.read_u16() returns."""
        self._registers[places.ANALOGUE + number(pin)] = value

    def feedings(self) -> tuple[int, int]:
        """Return how often the watchdog was fed since the last call; the longest pause (ms)."""
        found = self._registers[places.FEEDINGS], self._registers[places.PAUSE]
        self._registers[places.FEEDINGS] = self._registers[places.PAUSE] = 0
        return found

    # Network

    def take_network_away(self) -> None:
        """Take Wi-Fi out of reach, or unplug Ethernet: connections break, new ones fail."""
        self._network = self._registers[places.NETWORK]
        self._registers[places.NETWORK] = 0
        self._do(self._access_point.take_away)

    def bring_network_back(self) -> None:
        """Bring the network back. The board has to join a Wi-Fi again, as a Pico W must."""
        self._do(self._access_point.bring_back)
        self._registers[places.NETWORK] = self._network + 1

    def route(self, port: int, to: Address) -> None:
        """Redirect new connections to a port, of any host."""
        self._do(self._access_point.routes.update, {port: to})
