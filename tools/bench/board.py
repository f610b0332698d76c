"""The heap of a mail on a Cortex-M3: the library from .mpy files, and frozen into the firmware."""

from tools.bench.report import Figure, Report
from tools.bench.ticks import put
from tools.qemu import firmware
from tools.qemu.board import Board

MAILS = {"plain": "a plain text", "attachment": "a 20 KB attachment"}


def measure() -> Report:
    """Send the same mails over a scripted link from both firmwares; link.py and dns.py are out."""
    report = Report()
    if firmware.PLAIN.exists():
        firmware.main()  # with the library as it is now
    for how, elf, library in (
        (".mpy files", firmware.PLAIN, True),
        ("frozen", firmware.FROZEN, False),
    ):
        for mail, what in MAILS.items():
            name = f"heap on a Cortex-M3, {how}: {what}"
            if not elf.exists():
                report.figures.append(Figure(name, None, note="make test-qemu builds for it"))
                continue
            with Board(elf) as board:  # switched on anew: nothing is loaded
                put(board, "near_heap", library)
                peak = int(board.run(f"import near_heap; near_heap.measure({mail!r})"))
            report.figures.append(Figure(name, peak, "B"))
    return report
