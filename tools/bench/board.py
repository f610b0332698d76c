"""Measure the heap of a mail on a Cortex-M3: .mpy files, ROMFS, frozen into the firmware.

A ROMFS (`mpremote romfs deploy`, MicroPython 1.25) is read in place: bytecode takes no heap.
"""

import contextlib
import shutil

from mpremote.romfs import make_romfs

from tools.bench import compiled
from tools.bench.report import Figure, Report
from tools.bench.ticks import ARCH, put
from tools.qemu import firmware
from tools.qemu.board import Board

MAILS = {"plain": "a plain text", "attachment": "a 20 KB attachment"}
BUDGETS = {
    (".mpy files", "plain"): 25 * 1024,
    (".mpy files", "attachment"): 30 * 1024,
    ("frozen", "plain"): 10 * 1024,
    ("frozen", "attachment"): 13 * 1024,
}

MOUNT = """
import sys, vfs
vfs.mount(vfs.VfsRom(ram_files.files["image"]), "/rom")
sys.path.append("/rom")
"""


def measure() -> Report:
    """Send the same mails over a scripted link in all three ways, without link and DNS."""
    report = Report()
    if firmware.PLAIN.exists():
        firmware.main()  # with the library as it is now
    for how, elf in (
        (".mpy files", firmware.PLAIN),
        ("ROMFS", firmware.PLAIN),
        ("frozen", firmware.FROZEN),
    ):
        for mail, what in MAILS.items():
            name = f"heap on a Cortex-M3, {how}: {what}"
            if not elf.exists():
                report.figures.append(Figure(name, None, note="make test-qemu builds for it"))
                continue
            with Board(elf) as board:  # restarted: nothing is loaded
                put(board, "near_heap", library=how == ".mpy files")
                if how == "ROMFS":
                    _mount(board)
                peak = int(board.run(f"import near_heap; near_heap.measure({mail!r})"))
            report.figures.append(Figure(name, peak, "B", BUDGETS.get((how, mail))))
    return report


def _mount(board: Board) -> None:
    """Mount the library as a ROMFS, whose image is in memory before anything is measured.

    Logins and rare parts are left out: the memory is too small for all.
    """
    whole = compiled.library(ARCH)
    folder = whole.with_name(whole.name + "-small")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("auth", "rare"))
    image = folder.with_suffix(".romfs")
    with contextlib.redirect_stdout(None):  # it lists its content
        image.write_bytes(make_romfs(str(folder), mpy_cross=False))
    board.put(folder.parent, image.name)
    board.run(f"ram_files.files['image'] = ram_files.files.pop({image.name!r})")
    board.run(MOUNT)
