"""Count instructions on a Cortex-M3: the longest tick, a whole mail, reloaded modules.

Without a network: the link is scripted. The network driver, DNS and the TLS
library's arithmetic are not included.

A whole mail is a plain text, from Message() to SENT; what is loaded for one call and dropped again
is loaded for each mail. The files of code are either in memory, where a path is found at once, or
on a littlefs with a Pico's blocks and pages, which looks it up in the folders' logs. Most of what
it takes to load a small module is that, and the garbage collection in front of it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import hssmtp
from rich.table import Table

from tools.bench import compiled
from tools.bench.report import Figure, Report, number, table
from tools.library import device_files
from tools.qemu import firmware
from tools.qemu.board import INSTRUCTIONS_A_TICK, Board

ARCH = "armv7m"
CLOCK = 125e6  # Hz, of a Pico
MAILS = {
    "plain": "plain text",
    "encoded": "with an umlaut",
    "html": "text and HTML",
    "attachment": "20 KB attached",
    "fifty": "50 recipients",
}
ATTACHMENT = 20_000
NOT_THERE = ("advice.py", "aio.py", "log.py", "outbox.py")  # not net/: there is no network

LONGEST_BUDGET = 1_200_000

# Where the files of code are, and what a whole mail took before modules were dropped: the first of
# a client, and the second.
STORES = {"in memory": (5_270_000, 2_090_000), "on littlefs": (7_500_000, 2_000_000)}


def measure() -> Report:
    """Send each kind of mail on the board."""
    report = Report()
    if not firmware.PLAIN.exists():
        report.figures.append(
            Figure("the longest tick", None, note="make test-qemu builds for it")
        )
        return report
    with switched_on("in memory") as board:
        counts = {mail: count(board, mail) for mail in MAILS}
        names = dropped(board)
        reloads = {"in memory": _all_reloads(board, names)}
    _longest(counts, report)
    mails = {}
    for store in STORES:
        with switched_on(store) as board:
            mails[store] = whole_mails(board, "plain", 2)
            if store not in reloads:
                reloads[store] = _all_reloads(board, names)
    _whole(mails, report)
    report.tables.append(_reloads(reloads))
    report.data.update(whole=mails, reloads=reloads)
    return report


@contextmanager
def switched_on(store: str) -> Iterator[Board]:
    """Return a started board with nothing loaded but ticks."""
    with Board(firmware.PLAIN) as board:
        if store == "on littlefs":
            board.run("import flash; flash.mount()")
            put(board, "ticks", library=True, to="lib")
        else:
            put(board, "ticks", library=True)
        board.run("import ticks")
        yield board


def put(board: Board, program: str, library: bool, to: str = "") -> None:
    """Copy a program of on_device/, its modules and an attachment onto the board."""
    names = ["mails.mpy", "near_link.mpy", "session.mpy", f"{program}.mpy"]
    if library:
        for file in device_files():
            if file.name not in NOT_THERE and file.parent.name != "net":
                names.append(file.with_suffix(".mpy").as_posix())
    board.put(compiled.library(ARCH), *names, to=to)
    if not to:
        board.run(f"import ram_files; ram_files.files['attachment'] = bytes({ATTACHMENT})")


# The longest tick


def count(board: Board, mail: str) -> dict[str, int]:
    """Count instructions of the calls before the ticks, and of the longest tick in each state."""
    calls, states = json.loads(board.run(f"ticks.count({mail!r})"))
    found = {call: _instructions(took) for call, took in calls}
    for state, took in enumerate(states):
        if took:
            found[hssmtp.state_name(state)] = _instructions(took)
    return found


def _instructions(took: int) -> int:
    return round(took * INSTRUCTIONS_A_TICK)


def _longest(counts: dict[str, dict[str, int]], report: Report) -> None:
    """Return the table and the figures."""
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
    report.figures += [
        Figure(f"the longest tick, in {state}: instructions", tick, "", LONGEST_BUDGET),
        Figure("  that is, at 125 MHz and one a cycle", round(1000 * tick / CLOCK, 1), "ms"),
    ]
    report.data.update(counts=counts, longest=longest)


def _in_their_order(counts: dict[str, dict[str, int]]) -> list[str]:
    """Return all counts: mails go through different states."""
    longest = max(counts.values(), key=len)
    return [*longest, *{what for each in counts.values() for what in each if what not in longest}]


# A whole mail


def whole_mails(board: Board, mail: str, number_of_mails: int) -> list[dict[str, int]]:
    """Return the instructions of a client's mails, one after the other.

    The first also has "Client()", which is not in its "sum". "reads": readings of the flash.
    """
    client, *mails = json.loads(board.run(f"ticks.whole({mail!r}, {number_of_mails})"))
    found = []
    for message, handing_over, ticks, reads in mails:
        parts = {"Message()": message, "send_mail()": handing_over, "tick()": ticks}
        took = {name: _instructions(n) for name, n in parts.items()}
        found.append({**took, "sum": sum(took.values()), "reads": reads})
    found[0]["Client()"] = _instructions(client)
    return found


def _whole(mails: dict[str, list[dict[str, int]]], report: Report) -> None:
    """Return the table and the figures."""
    order = ("first", "second")
    columns = [f"{store}, {which}" for store in mails for which in order]
    title = "Instructions of a plain mail, from Message() to SENT, and of Client()"
    shown = table(title, "", *columns)
    for what in ("Client()", "Message()", "send_mail()", "tick()", "sum", "reads"):
        if what in ("sum", "reads"):
            shown.add_section()
        row = [each.get(what) for found in mails.values() for each in found]
        label = {"sum": "Message() to SENT", "reads": "readings of the flash"}.get(what, what)
        shown.add_row(label, *("" if n is None else number(n) for n in row))
    report.tables.append(shown)
    for store, found in mails.items():
        for which, each, budget in zip(order, found, STORES[store], strict=True):
            what = f"a client's {which} mail, its code {store}: instructions"
            report.figures.append(Figure(what, each["sum"], "", budget))


# Reloads


def dropped(board: Board) -> list[str]:
    """Return the modules that mails have loaded and freed, with the code in memory."""
    return json.loads(board.run("ticks.dropped()"))


def reload(board: Board, name: str) -> dict[str, object]:
    """Measure loading a freed module again, with the modules that it imports."""
    took, reads, brought = json.loads(board.run(f"ticks.reload({name!r})"))
    return {"instructions": _instructions(took), "reads": reads, "with": brought}


COLLECTING = "gc.collect() alone"


def _all_reloads(board: Board, names: list[str]) -> dict[str, dict[str, object]]:
    found = {name: reload(board, name) for name in names}
    took = _instructions(json.loads(board.run("ticks.collect()")))
    return {**found, COLLECTING: {"instructions": took, "reads": 0, "with": []}}


def _reloads(reloads: dict[str, dict[str, dict]]) -> Table:
    title = "Instructions to load again what was dropped, gc.collect() in front of it included"
    shown = table(title, "module", *reloads, "readings of the flash", ".mpy, bytes", "with")
    folder = compiled.library(ARCH)
    for name in reloads["in memory"]:
        found = [each[name] for each in reloads.values()]
        file = folder / f"{name.replace('.', '/')}.mpy"
        size = file.stat().st_size if file.exists() else 0
        others = ", ".join(other.removeprefix("hssmtp.") for other in found[-1]["with"])
        row = (*(each["instructions"] for each in found), found[-1]["reads"], size)
        shown.add_row(name, *map(number, row), others)
    return shown
