"""The library: which of its files a device gets, what they are imported as, and its version."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Files for other runtimes than MicroPython, in whatever folder, and the PC's command line.
NOT_FOR_DEVICES = {"__main__.py", "_cpython.py", "_circuitpython.py", "command_line"}

_NATIVE = re.compile(r"^\s*@micropython\.(viper|native|asm_\w+)\b", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def device_files(root: Path = ROOT) -> list[Path]:
    """The files that go onto a device, relative to lib/: hssmtp/client.py, hssmtp/net/dns.py."""
    lib = root / "lib"
    found = [path.relative_to(lib) for path in lib.glob("hssmtp/**/*.py")]
    return sorted(path for path in found if NOT_FOR_DEVICES.isdisjoint(path.parts))


def module_name(file: Path) -> str:
    """What a file of device_files() is imported as: "hssmtp", "hssmtp.net.dns"."""
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def has_native_code(source: Path) -> bool:
    """Whether a module has functions in machine code: its .mpy is for one processor only."""
    return bool(_NATIVE.search(source.read_text(encoding="utf-8")))


def version(root: Path = ROOT) -> str:
    """The library's version: hssmtp.__version__, read without importing it."""
    found = _VERSION.search((root / "lib/hssmtp/__init__.py").read_text(encoding="utf-8"))
    if not found:
        raise ValueError("lib/hssmtp/__init__.py has no __version__")
    return found[1]
