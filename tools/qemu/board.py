"""A running Cortex-M3: QEMU with the firmware, and mpremote at its serial port."""

import re
import subprocess
from pathlib import Path
from types import TracebackType

from mpremote.transport_serial import SerialTransport

# How long an instruction takes on the board's clock: 2**6 ns. Its timer counts in 40 ns.
SHIFT = 6
INSTRUCTIONS_A_TICK = 40 / 2**SHIFT

_PTY = re.compile(rb"redirected to (/dev/pts/\d+)")


class Board:
    """`with Board(firmware) as board`; then `put` and `run`."""

    def __init__(self, firmware: Path) -> None:
        self._firmware = firmware

    def __enter__(self) -> "Board":
        self._qemu = subprocess.Popen(
            [
                *("qemu-system-arm", "-machine", "mps2-an385", "-nographic", "-monitor", "null"),
                *("-semihosting", "-serial", "pty", "-icount", f"shift={SHIFT},sleep=off"),
                *("-kernel", str(self._firmware)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            assert self._qemu.stdout
            said = self._qemu.stdout.readline()
            found = _PTY.search(said)
            if not found:
                raise RuntimeError(f"QEMU says: {said.decode(errors='replace')}")
            self._repl = SerialTransport(found[1].decode())
            self._repl.enter_raw_repl(soft_reset=False)
            self.run("import ram_files")
        except BaseException:
            self._switch_off()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._repl.close()
        self._switch_off()

    def _switch_off(self) -> None:
        self._qemu.kill()
        self._qemu.communicate()

    def put(self, folder: Path, *names: str, to: str = "") -> None:
        """Copy files of a folder onto the board, below `to`."""
        for name in names:
            target = Path(to, name)
            for above in reversed(target.parents[:-1]):
                if not self._repl.fs_exists(f"/{above}"):
                    self._repl.fs_mkdir(f"/{above}")
            octets = (folder / name).read_bytes()
            self._repl.fs_writefile(f"/{target}", octets, chunk_size=1024)

    def run(self, code: str) -> str:
        """Run a program; return its output. Its exceptions become mpremote's errors."""
        return self._repl.exec(code).decode()
