"""The library's files: which of them a device gets."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Files for other runtimes than MicroPython, in whatever folder.
NOT_FOR_DEVICES = {"__main__.py", "_cpython.py", "_circuitpython.py"}


def device_files(root: Path = ROOT) -> list[Path]:
    """The files that go onto a device, relative to lib/: hssmtp/client.py, hssmtp/net/link.py."""
    lib = root / "lib"
    found = [path.relative_to(lib) for path in lib.glob("hssmtp/**/*.py")]
    return sorted(path for path in found if path.name not in NOT_FOR_DEVICES)


def module_name(file: Path) -> str:
    """What a file of device_files() is imported as: "hssmtp", "hssmtp.net.link"."""
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")
