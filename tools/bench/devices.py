"""The MicroPythons of this computer, and how to run a program of on_device/ on them."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import micropython32
from tools.bench import compiled
from tools.micropython import find_micropython


class Failed(Exception):
    """The program failed; the text is its output."""


@dataclass(frozen=True)
class Device:
    """A MicroPython, and the processor of its .mpy files."""

    bits: int
    command: str
    arch: str
    installed: Path | None = (
        None  # the folder with hssmtp/ and the programs; None: compiled.library()
    )

    def __str__(self) -> str:
        return f"{self.bits} bits"

    def run(self, program: str, *args: object, heap: int = 4_000_000, timeout: float = 60) -> Any:
        """Run a program in a heap of some bytes; return its last line, parsed as JSON."""
        output = self.output(program, *args, heap=heap, timeout=timeout)
        try:
            return json.loads(output.splitlines()[-1])
        except (IndexError, ValueError):
            raise Failed(output) from None

    def output(
        self, program: str, *args: object, heap: int = 4_000_000, timeout: float = 60
    ) -> str:
        """Run a program; return its output."""
        folder = self.installed or compiled.library(self.arch)
        try:
            done = subprocess.run(
                [self.command, "-X", f"heapsize={heap}", "-m", program, *map(str, args)],
                # Each path stays in the heap: keep it as short as a board's /lib.
                env={**os.environ, "MICROPYPATH": folder.name},
                cwd=folder.parent,
                timeout=timeout,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="backslashreplace",
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"{program}: no end within {timeout} s") from None
        if done.returncode:
            raise Failed(done.stdout)
        return done.stdout

    def smallest_heap(self, program: str, *args: object, step: int = 64) -> int:
        """Return the smallest heap in bytes in which the program succeeds, by bisection."""
        low, high = 0, step
        while not self._fits(program, args, high):
            low, high = high, 2 * high
            if high > 4_000_000:
                raise Failed(f"{program} {args}: not even in 4 MB")
        while high - low > step:
            middle = (low + high) // 2 // step * step
            if self._fits(program, args, middle):
                high = middle
            else:
                low = middle
        return high

    def _fits(self, program: str, args: tuple[object, ...], heap: int) -> bool:
        try:
            self.run(program, *args, heap=heap)
        except Failed:
            return False
        return True


def _found(bits: int) -> Device | None:
    if bits == 32:
        wrapper = micropython32.FOLDER / micropython32.WRAPPER
        return Device(32, str(wrapper), "x86") if wrapper.exists() else None
    command = find_micropython()
    return Device(64, command, "x64") if command else None


# The available ones.
DEVICES = [device for device in (_found(64), _found(32)) if device]


def device(bits: int) -> Device | None:
    """Return the device with 64 or 32 bits; None if it is not available."""
    return next((device for device in DEVICES if device.bits == bits), None)
