"""The library: the files for a device, their module names, and the version."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Files and folders that no device gets: those of other runtimes, and the command line.
NOT_FOR_DEVICES = {"__main__.py", "_cpython.py", "_circuitpython.py", "command_line"}

_NATIVE = re.compile(r"^\s*@micropython\.(viper|native|asm_\w+)\b", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def device_files(root: Path = ROOT) -> list[Path]:
    """Return the files for a device, relative to lib/: hssmtp/client.py, hssmtp/net/dns.py."""
    lib = root / "lib"
    found = [path.relative_to(lib) for path in lib.glob("hssmtp/**/*.py")]
    return sorted(path for path in found if NOT_FOR_DEVICES.isdisjoint(path.parts))


def module_name(file: Path) -> str:
    """Return the module name of a file: "hssmtp", "hssmtp.net.dns"."""
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def has_native_code(source: Path) -> bool:
    """Whether a module has machine code, so that its .mpy is for one processor only."""
    return bool(_NATIVE.search(source.read_text(encoding="utf-8")))


def version(root: Path = ROOT) -> str:
    """Return hssmtp.__version__ without importing the library."""
    found = _VERSION.search((root / "lib/hssmtp/__init__.py").read_text(encoding="utf-8"))
    if not found:
        raise ValueError("lib/hssmtp/__init__.py has no __version__")
    return found[1]
