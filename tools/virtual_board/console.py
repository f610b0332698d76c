"""The board's serial line: MicroPython's terminal at one end, the cable to the PC at the other."""

import asyncio
import contextlib
import os
import pty
import re
import select
import signal
import tty
from collections.abc import Callable
from pathlib import Path

_NOBODY_MS = 20  # s between checks whether a program has opened the port
_CTRL_A = b"\x01"
_CTRL_C = b"\x03"
_RAW = b"raw REPL; CTRL-B to exit\r\n>"
_FRIENDLY = b'Type "help()" for more information.\r\n>>> '
_TAIL = max(len(_RAW), len(_FRIENDLY))


class Console:
    """The serial line, run by one event loop. port: a link to a pty; none without a cable."""

    def __init__(self, port: Path, on_output: Callable[[bytes], None]) -> None:
        self.raw = False  # the board was last seen in the raw REPL
        self._port = port
        self._on_output = on_output
        self._loop = asyncio.get_running_loop()
        self._board, self.terminal = pty.openpty()
        tty.setraw(self.terminal)
        os.set_blocking(self._board, False)
        self._loop.add_reader(self._board, self._from_board)
        self._pid = 0  # process id of the running MicroPython; 0: none
        self._to_raw = False
        self._typed = b""  # input from the PC that MicroPython has not read
        self._tail = b""  # of the output
        self._cable: int | None = None
        self._look: asyncio.TimerHandle | None = None
        self._octets: int | None = None  # bytes until the cable is pulled
        self._output = b""  # output that the PC has not read

    def close(self) -> None:
        """Close everything."""
        self.unplug()
        self._loop.remove_reader(self._board)
        os.close(self._board)
        os.close(self.terminal)

    # The cable

    def plug_in(self) -> None:
        """Create the port."""
        self._cable, end = pty.openpty()
        tty.setraw(end)
        os.set_blocking(self._cable, False)
        self._port.unlink(missing_ok=True)
        self._port.symlink_to(os.ttyname(end))
        os.close(end)
        self._wait_for_somebody()

    def unplug(self) -> None:
        """Remove the port: programs that have it open get errors, and output is lost."""
        if self._cable is None:
            return
        if self._look:
            self._look.cancel()
        self._port.unlink()
        self._loop.remove_reader(self._cable)
        self._drop_output()
        os.close(self._cable)
        self._cable = self._octets = None

    def replug(self) -> None:
        """Remove and create the port, as native USB does at a reset."""
        if self._cable is not None:
            self.unplug()
            self.plug_in()

    def unplug_after(self, octets: int) -> None:
        """Unplug after a number of further bytes from the PC."""
        self._octets = octets

    def _polled(self) -> int:
        """Poll the port: POLLHUP if no program has it open, POLLIN if there is input."""
        if self._cable is None:
            return select.POLLHUP
        poll = select.poll()
        poll.register(self._cable, select.POLLIN)
        return sum(event for _, event in poll.poll(0))

    def _wait_for_somebody(self) -> None:
        if self._cable is None:
            return
        if self._polled() == select.POLLHUP:
            self._look = self._loop.call_later(_NOBODY_MS / 1000, self._wait_for_somebody)
        else:
            self._loop.add_reader(self._cable, self._from_pc)

    def _from_pc(self) -> None:
        if self._cable is None:
            return
        try:
            octets = os.read(self._cable, 4096)
        except OSError:  # the program has closed the port
            self._loop.remove_reader(self._cable)
            self._wait_for_somebody()
            return
        if self._octets is not None:
            octets = octets[: self._octets]
            self._octets -= len(octets)
        self._typed += octets
        self._to_board()
        if self._octets == 0:
            self.unplug()

    def _to_pc(self) -> None:
        """Pass output to the PC; while the PC does not read it, the board waits."""
        if self._cable is None or self._polled() & select.POLLHUP:
            self._drop_output()
            return
        with contextlib.suppress(BlockingIOError):
            self._output = self._output[os.write(self._cable, self._output) :]
        if self._output:
            self._loop.remove_reader(self._board)
            self._loop.add_writer(self._cable, self._to_pc)
        else:
            self._drop_output()

    def _drop_output(self) -> None:
        self._output = b""
        if self._cable is not None:
            self._loop.remove_writer(self._cable)
        self._loop.add_reader(self._board, self._from_board)

    # The board

    def begin(self, pid: int, raw: bool) -> None:
        """MicroPython has started, and may be interrupted. raw: enter the raw REPL first."""
        self._pid = pid
        self.raw = self._to_raw = raw
        self._to_board()

    def end(self, words: bytes) -> None:
        """MicroPython has ended: input waits for the next start. words: what a board prints."""
        self._pid = 0
        self._said(words)
        self._tail = b""

    def _to_board(self) -> None:
        typed, self._typed = self._typed, b""
        for piece in re.split(b"(%b)" % _CTRL_C, typed):
            if self._pid and piece == _CTRL_C and _runs_program(self._pid):
                os.kill(self._pid, signal.SIGINT)
            elif not self._pid or self._to_raw:
                self._typed += piece
            else:
                self._type(piece)

    def _type(self, octets: bytes) -> None:
        # If no program reads, output is bounded. A board loses the rest as well.
        with contextlib.suppress(BlockingIOError):
            os.write(self._board, octets)

    def _from_board(self) -> None:
        self._said(os.read(self._board, 4096))

    def _said(self, octets: bytes) -> None:
        # A board ends lines with CR LF. The terminal must not add it: the REPL's would be doubled.
        begun = b"\r" if self._tail.endswith(b"\r") else b""
        octets = re.sub(rb"(?<!\r)\n", b"\r\n", begun + octets)[len(begun) :]
        self._tail += octets
        raw, friendly = self._tail.rfind(_RAW), self._tail.rfind(_FRIENDLY)
        if raw != friendly:
            self.raw = raw > friendly
        if self._to_raw and friendly >= 0:
            self._to_raw = False
            self._type(_CTRL_A)
            self._to_board()
        self._tail = self._tail[-_TAIL:]
        self._on_output(octets)
        self._output += octets
        self._to_pc()


def _runs_program(pid: int) -> bool:
    """Whether it catches SIGINT: at its prompts MicroPython reads Ctrl-C as a key."""
    try:
        with open(f"/proc/{pid}/status") as file:
            caught = next(line for line in file if line.startswith("SigCgt:"))
    except OSError:  # it has just ended
        return False
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)
