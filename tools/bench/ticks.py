"""The longest tick of each phase, in instructions: on a Cortex-M3, the same at every run.

Without a network: the link is scripted. What the network's driver, the name server's reply and the
TLS library's arithmetic take is not in it.
"""

import json

import hssmtp

from tools.bench import compiled
from tools.bench.report import Figure, Report, number, table
from tools.qemu import firmware
from tools.qemu.board import INSTRUCTIONS_A_TICK, Board

ARCH = "armv7m"
CLOCK = 125e6  # Hz, a Pico's
MAILS = {
    "plain": "plain text",
    "encoded": "with an umlaut",
    "html": "text and HTML",
    "attachment": "20 KB attached",
    "fifty": "50 recipients",
}
ATTACHMENT = 20_000
NOT_THERE = ("advice", "aio", "dns", "link", "log", "outbox", "trust")  # without network and TLS
_STATES = {hssmtp.state_name(number): number for number in range(16)}


def measure() -> Report:
    """Send each kind of mail on the board."""
    report = Report()
    if not firmware.PLAIN.exists():
        report.figures.append(
            Figure("the longest tick", None, note="make test-qemu builds for it")
        )
        return report
    counts: dict[str, dict[str, int]] = {}
    with Board(firmware.PLAIN) as board:
        put(board, "ticks", library=True)
        board.run("import ticks")
        for mail in MAILS:
            said = json.loads(board.run(f"ticks.count({mail!r})"))
            counts[mail] = {what: round(n * INSTRUCTIONS_A_TICK) for what, n in said.items()}
    shown = table(
        "Instructions, the most in one call or tick", "", *MAILS.values(), "ms at 125 MHz"
    )
    report.tables.append(shown)
    longest: dict[str, int] = {}
    for what in _in_their_order(counts):
        row = [each.get(what) for each in counts.values()]
        longest[what] = max(n for n in row if n is not None)
        cells = ["" if n is None else number(n) for n in row]
        shown.add_row(what, *cells, number(round(1000 * longest[what] / CLOCK, 2)))
    tick = max((n, what) for what, n in longest.items() if not what.endswith("()"))
    note = f"in {tick[1]}; {1000 * tick[0] / CLOCK:.1f} ms at 125 MHz, one instruction a cycle"
    report.figures.append(Figure("the longest tick", tick[0], "instructions", note=note))
    report.data = {"counts": counts, "longest": longest}
    return report


def put(board: Board, program: str, library: bool) -> None:
    """Copy a program of on_device/ onto the board, all that it needs, and an attachment."""
    names = ["mails.mpy", "near_link.mpy", "session.mpy", f"{program}.mpy"]
    if library:
        for path in compiled.modules():
            if path.stem not in NOT_THERE:
                names.append(f"hssmtp/{path.stem}.mpy")
    board.put(compiled.library(ARCH), *names)
    board.run(f"import ram_files; ram_files.files['attachment'] = bytes({ATTACHMENT})")


def _in_their_order(counts: dict[str, dict[str, int]]) -> list[str]:
    """Calls first, then ticks as a mail goes through the states."""
    every = {what for each in counts.values() for what in each}
    return sorted(every, key=lambda what: (not what.endswith("()"), _STATES.get(what, 0), what))
