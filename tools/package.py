"""make package: the packages that mip installs.

build/package is the library as .mpy files, with a package.json of its own: install from it, or put
the folder on a web server or on a branch of its own. package.json in the project's root lists the
sources, for debugging: with line numbers, and twice as much heap; boards/manifest.py reads it.
"""

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.library import ROOT, device_files, has_native_code, module_name, version
from tools.mpy import compile_module

FOLDER = ROOT / "build" / "package"


def content(root: Path = ROOT) -> str:
    """Return the content of package.json in the root."""
    return _listing(((file, f"lib/{file}") for file in _names(root)), version(root))


def _names(root: Path) -> list[str]:
    return [file.as_posix() for file in device_files(root)]


def _listing(urls: Iterable[tuple[str, str]], version: str) -> str:
    # mip and mpremote support URLs relative to this file from 1.25 on.
    lines = ",\n".join(f"    {json.dumps(url)}" for url in urls)
    return f'{{\n  "urls": [\n{lines}\n  ],\n  "deps": [],\n  "version": "{version}"\n}}\n'


def files(root: Path = ROOT) -> dict[str, bytes]:
    """Return the files of build/package, as bytes by path.

    Bytecode is the same for every board. A module with machine code stays a .py file: the board
    compiles it on import. On a board that can't, the library works without it.
    """
    found = {}
    for file in device_files(root):
        source = root / "lib" / file
        if has_native_code(source):
            found[file.as_posix()] = source.read_bytes()
        else:
            compiled = compile_module(source, module_name(file))
            found[file.with_suffix(".mpy").as_posix()] = compiled
    listing = _listing(((name, name) for name in found), version(root))
    return {**found, "package.json": listing.encode()}


def write(folder: Path = FOLDER, root: Path = ROOT) -> None:
    """Write build/package anew."""
    made = files(root)
    shutil.rmtree(folder, ignore_errors=True)
    for name, octets in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)


def main() -> int:
    """Write both packages."""
    (ROOT / "package.json").write_text(content(), encoding="utf-8")
    write()
    print(f"mpremote mip install {FOLDER.relative_to(ROOT).as_posix()}/package.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
