"""A board at a serial port, through mpremote: what it is, and the files on it."""

import ast
import contextlib
import errno
import io
import os
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

from tools.flash.problems import (
    Busy,
    ConnectionLost,
    FlashFull,
    NoAnswer,
    NoBoard,
    Permission,
    Problem,
)
from tools.terminal import short

VIRTUAL = Path(__file__).resolve().parents[2] / "build" / "board" / "port"
PATIENCE = 10  # s without output until the board is given up
_PIECE = 1024  # bytes per write: a small heap has room for them

_FACTS = """\
import gc, os, sys
gc.collect()
_i = sys.implementation
_f = os.statvfs("/")
print((_i.name, tuple(_i.version[:3]), getattr(_i, "_machine", sys.platform),
 getattr(_i, "_mpy", 0), _f[0], _f[2], _f[3], gc.mem_free()))
"""


@dataclass(frozen=True)
class Facts:
    """What a board reports about itself."""

    implementation: str
    version: tuple[int, int, int]
    machine: str
    mpy: int  # sys.implementation._mpy; 0: it loads no .mpy
    block: int  # bytes of flash that a file takes at least
    blocks: int
    free: int  # blocks
    heap: int  # bytes free


class Board:
    """A connected board, in the raw REPL with its main.py stopped: `with Board(port) as board`."""

    def __init__(self, port: str) -> None:
        self._port = port

    def __enter__(self) -> "Board":
        try:
            self._transport = SerialTransport(self._port, timeout=PATIENCE)
        except TransportError:
            raise _why_not(self._port) from None
        try:
            # Identify it first: mpremote expects MicroPython's "soft reboot".
            self._enter_raw_repl(soft_reset=False)
            with self._talk():
                self.facts = Facts(*ast.literal_eval(self._transport.exec(_FACTS).decode()))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        with contextlib.suppress(OSError):  # pulled out
            self._transport.close()

    def _enter_raw_repl(self, soft_reset: bool) -> None:
        try:
            with contextlib.redirect_stdout(
                io.StringIO()
            ):  # mpremote prints what it received instead
                self._transport.enter_raw_repl(soft_reset, timeout_overall=PATIENCE)
        except (TransportError, OSError):
            raise NoAnswer(
                f"{self._port} is there, but no MicroPython answers. Press the board's reset"
                " button and try again; if it has none yet, see https://micropython.org/download"
            ) from None

    @contextlib.contextmanager
    def _talk(self) -> Iterator[None]:
        """Translate mpremote's errors."""
        try:
            yield
        except TransportExecError as failed:
            raise Problem(f"the board says: {failed.error_output.strip()}") from failed
        except (TransportError, struct.error, serial.SerialException) as lost:
            raise ConnectionLost(self._lost()) from lost
        except OSError as failed:
            if failed.errno == errno.ENOSPC:
                raise FlashFull(
                    "the board's flash is full: remove files of yours"
                    f" (mpremote connect {self._port} ls) and run this again"
                ) from failed
            raise ConnectionLost(self._lost()) from failed

    def _lost(self) -> str:
        return (
            f"the connection to the board at {self._port} was lost: is the cable plugged in?"
            " Each file on it is complete; run this again to continue"
        )

    def soft_reset(self) -> None:
        """Restart the interpreter, with a free heap and no open files."""
        self._enter_raw_repl(soft_reset=True)

    # Files: absolute paths

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the sizes of the files in a folder by path; {} if there is no such folder."""
        try:
            listed = self._transport.fs_listdir(folder)
        except FileNotFoundError:
            return {}
        except Exception as problem:
            with self._talk():
                raise problem
        inside = folder.rstrip("/") + "/"
        return {inside + entry.name: entry.st_size for entry in listed if entry.st_mode & 0x8000}

    def checksum(self, path: str) -> bytes:
        """Return the SHA-256 of a file."""
        with self._talk():
            return self._transport.fs_hashfile(path, "sha256")

    def read_file(self, path: str) -> bytes | None:
        """Return the content of a file; None if there is no such file."""
        with self._talk():
            if not self._transport.fs_exists(path):
                return None
            return bytes(self._transport.fs_readfile(path))

    def make_folder(self, folder: str) -> None:
        """Create a folder and its parents."""
        above = os.path.dirname(folder)
        with self._talk():
            if above != folder and not self._transport.fs_exists(folder):
                self.make_folder(above)
                self._transport.fs_mkdir(folder)

    def write(self, path: str, octets: bytes, progress: Callable[[int], None]) -> None:
        """Write a file. progress(n) is called after n bytes of it."""
        with self._talk():
            self._transport.fs_writefile(
                path, octets, _PIECE, lambda written, total: progress(written)
            )

    def rename(self, path: str, new: str) -> None:
        """Rename a file. On littlefs the old or the new name exists at any moment."""
        with self._talk():
            self._transport.exec(f"import os\nos.rename({path!r}, {new!r})")

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._talk():
            self._transport.fs_rmfile(path)

    # The end

    def reset(self) -> None:
        """Do a hard reset."""
        with contextlib.suppress(TransportError, OSError):  # its port may disappear at once
            self._transport.exec_raw_no_follow(
                "import machine, time\ntime.sleep_ms(100)\nmachine.reset()"
            )

    def read(self) -> bytes:
        """Return what it printed; b"" after 0.1 s without output, or while its port is away."""
        port: Any = self._transport.serial
        port.timeout = 0.1
        try:
            if not port.is_open:
                port.open()
            return port.read(max(1, port.in_waiting))
        except OSError:  # a native USB port disappears during a reset
            port.close()
            time.sleep(0.1)
            return b""

    def type(self, keys: bytes) -> None:
        """Send keys, as a person at its terminal would."""
        port: Any = self._transport.serial
        with contextlib.suppress(OSError):
            port.write(keys)


def ports_in_words() -> str:
    """List the serial ports, one a line, as `mpremote connect list` finds them."""
    found = [
        f"  {port.device}  {port.description}"
        for port in sorted(list_ports.comports())
        if port.vid is not None
    ]
    if VIRTUAL.exists():
        found.append(f"  {short(VIRTUAL)}  the virtual board of `make board`")
    if found:
        return "\n".join(["These are there:", *found])
    return "There is none. Is the board plugged in, with a cable that carries data?"


def _why_not(port: str) -> Problem:
    """Return why a port can't be opened: mpremote does not say, so open it again."""
    try:
        serial.Serial(port, exclusive=True).close()
    except serial.SerialException as problem:
        if problem.errno == errno.EACCES:
            return Permission(
                f"you may not open {port}: `sudo usermod -aG dialout $USER`, then log in again"
            )
        if problem.errno in (errno.EAGAIN, errno.EBUSY):
            return Busy(f"{port} is in use by another program: close that (mpremote, Thonny, …)")
        if problem.errno not in (errno.ENOENT, None):
            return NoBoard(str(problem))
    return NoBoard(f"there is no serial port {port}. {ports_in_words()}")
