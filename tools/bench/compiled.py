"""The library as .mpy files, and the programs of on_device/."""

import shutil
from pathlib import Path

from tools.library import ROOT, device_files, module_name
from tools.mpy import compile_module

PROGRAMS = Path(__file__).resolve().parent / "on_device"
FOLDER = ROOT / "build" / "bench"

_done: dict[str, Path] = {}


def library(arch: str) -> Path:
    """Return the folder with hssmtp/ and the programs for a processor, made once a run."""
    if arch not in _done:
        folder = FOLDER / arch
        shutil.rmtree(folder, ignore_errors=True)
        for file in device_files():
            target = folder / file.with_suffix(".mpy")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(compile_module(ROOT / "lib" / file, module_name(file), arch))
        programs(folder, arch)
        _done[arch] = folder
    return _done[arch]


def programs(folder: Path, arch: str) -> None:
    """Compile what is in on_device/ into a folder."""
    for source in sorted(PROGRAMS.glob("*.py")):
        compiled = compile_module(source, source.stem, arch)
        (folder / source.with_suffix(".mpy").name).write_bytes(compiled)
