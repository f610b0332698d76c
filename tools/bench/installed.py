"""Measure the heap of a mail after each way of installing in the README, with 32 bits.

`smallest` as in heap.py, of the very files that a way puts onto a board: the folder of `make
package`, by mip; `make flash`; and package.json of the project's root, by mip, which installs
sources. The last has no budget: it is for debugging, and a board compiles what it imports.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tools import package
from tools.bench import compiled, mails
from tools.bench.devices import Device, device
from tools.bench.heap import PLAIN_BUDGET, SECURED_BUDGET, smallest, tls_heap
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import NAME, Server
from tools.flash.board import Facts
from tools.flash.content import Project
from tools.library import ROOT, device_files

# name: mail, security, budget
MAILS = {
    "a plain text": ("plain", "none", PLAIN_BUDGET),
    "STARTTLS, AUTH, a 1 MB attachment": ("attachment", "starttls", SECURED_BUDGET),
}


def mip(found: Device) -> dict[str, bytes]:
    """What mip installs from the folder of `make package`: bytes by path below /lib."""
    return {name: octets for name, octets in package.files().items() if name != "package.json"}


def flash(found: Device) -> dict[str, bytes]:
    """What `make flash` puts onto a board of that MicroPython, in /lib."""
    asked = "import sys; print(sys.implementation._mpy)"
    done = subprocess.run([found.command, "-c", asked], check=True, stdout=subprocess.PIPE)
    facts = Facts("micropython", (1, 26, 0), "", int(done.stdout), 4096, 256, 200, 100_000)
    project = Project(ROOT)
    files = project.files(next(iter(project.boards())), facts)
    lib = "/lib/"
    return {
        path.removeprefix(lib): octets for path, octets in files.items() if path.startswith(lib)
    }


def sources(found: Device) -> dict[str, bytes]:
    """What mip installs by package.json of the project's root."""
    return {file.as_posix(): (ROOT / "lib" / file).read_bytes() for file in device_files()}


# name, how it is called in a short path, its files, whether it has to keep the budgets
WAYS: tuple[tuple[str, str, Callable[[Device], dict[str, bytes]], bool], ...] = (
    ("mip install build/package/package.json", "mip", mip, True),
    ("make flash", "flash", flash, True),
    ("mip install package.json", "source", sources, False),
)


def measure() -> Report:
    """Install the library in each way, and send both mails in less and less heap."""
    found = device(32)
    if not found:
        why = "no 32-bit MicroPython: make test-32bit gets it"
        return Report([Figure("heap as installed", None, note=why)])
    mails.prepare()
    shown = table("The smallest heap as installed, 32 bits, bytes", "", "files", *MAILS)
    report = Report(tables=[shown])
    with Server() as server:
        tls = tls_heap(found, server)
        for way, short, files, has_budget in WAYS:
            installed = files(found)
            board = replace(found, installed=_put(installed, short, found.arch))
            row = []
            for mail, (kind, security, budget) in MAILS.items():
                told = mails.how(server, kind, security, NAME)
                needed = smallest(board, told, tls if security != "none" else 0)
                row.append(needed)
                bound = budget if has_budget else None
                report.figures.append(Figure(f"heap, {way}: {mail}", needed, "B", bound))
            size = sum(map(len, installed.values()))
            shown.add_row(way, *map(number, (size, *row)))
            report.data[way] = {"files": {n: len(o) for n, o in installed.items()}, "heap": row}
    return report


def _put(files: dict[str, bytes], name: str, arch: str) -> Path:
    """Write them into a folder, with the programs and what these read."""
    folder = compiled.FOLDER / "installed" / name / "lib"
    shutil.rmtree(folder.parent, ignore_errors=True)
    for path, octets in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(octets)
    compiled.programs(folder, arch)
    for data in ("attachment", "list"):
        (folder.parent / data).symlink_to(compiled.FOLDER / data)
    return folder
