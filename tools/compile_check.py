"""make lint: compile what goes onto a device, for every processor that MicroPython runs on.

The code itself is the same for all. Functions in machine code (`@micropython.viper`) are not, and
mpy-cross refuses for some processors what it takes for others.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

from tools.library import ROOT, device_files
from tools.mpy import CompileError, compile_module

PROCESSORS = ("armv6m", "armv7m", "armv7emsp", "xtensawin", "rv32imc", "x64", "x86")


def sources(root: Path = ROOT) -> list[Path]:
    """Return the files of the library and of the firmware that run on a device."""
    return [
        *(root / "lib" / file for file in device_files(root)),
        *sorted(root.glob("firmware/**/*.py")),
    ]


def problem(source: Path, processor: str) -> str:
    """Return what mpy-cross says of a file that it can't compile, else ""."""
    try:
        compile_module(source, source.stem, processor)
    except CompileError as exc:
        return f"{source}, for {processor}:\n{exc}"
    return ""


def main(root: Path = ROOT) -> int:
    """Compile all; return the exit status."""
    pairs = list(product(sources(root), PROCESSORS))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(filter(None, pool.map(lambda pair: problem(*pair), pairs)))
    print("\n".join(problems) or f"compiled {len(pairs) // len(PROCESSORS)} files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
