"""The longest tick of each phase, in instructions: on a Cortex-M3, the same at every run.

Without a network: the link is scripted. What the network's driver, the name server's reply and the
TLS library's arithmetic take is not in it.
"""

import json

import hssmtp

from tools.bench import compiled
from tools.bench.report import Figure, Report, number, table
from tools.library import device_files
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
NOT_THERE = ("advice.py", "aio.py", "log.py", "outbox.py")  # nor net/: without network and TLS


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
            counts[mail] = count(board, mail)
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
    tick, state = max((n, what) for what, n in longest.items() if not what.endswith("()"))
    report.figures = [
        Figure(f"the longest tick, in {state}: instructions", tick),
        Figure("  that is, at 125 MHz and one a cycle", round(1000 * tick / CLOCK, 1), "ms"),
    ]
    report.data = {"counts": counts, "longest": longest}
    return report


def put(board: Board, program: str, library: bool) -> None:
    """Copy a program of on_device/ onto the board, all that it needs, and an attachment."""
    names = ["mails.mpy", "near_link.mpy", "session.mpy", f"{program}.mpy"]
    if library:
        for file in device_files():
            if file.name not in NOT_THERE and file.parent.name != "net":
                names.append(file.with_suffix(".mpy").as_posix())
    board.put(compiled.library(ARCH), *names)
    board.run(f"import ram_files; ram_files.files['attachment'] = bytes({ATTACHMENT})")


def count(board: Board, mail: str) -> dict[str, int]:
    """Instructions: of the calls that hand a mail over, and of the longest tick in each state."""
    calls, states = json.loads(board.run(f"ticks.count({mail!r})"))
    found = {call: round(took * INSTRUCTIONS_A_TICK) for call, took in calls}
    for state, took in enumerate(states):
        if took:
            found[hssmtp.state_name(state)] = round(took * INSTRUCTIONS_A_TICK)
    return found


def _in_their_order(counts: dict[str, dict[str, int]]) -> list[str]:
    """All that was counted: one mail goes through more states than another."""
    longest = max(counts.values(), key=len)
    return [*longest, *{what for each in counts.values() for what in each if what not in longest}]
