"""Measure what is allocated while a mail is sent, by phase: nothing from the greeting on."""

import hssmtp

from tools.bench import mails
from tools.bench.devices import DEVICES
from tools.bench.report import Figure, Report, table
from tools.bench.server import Server

SECURITIES = ("none", "starttls", "tls")
HEAP = 256 * 1024  # a small heap is examined faster
_GREETING = 4
_STARTTLS = 7  # the tick of its reply sets TLS up: the one exception


def measure() -> Report:
    """Send an attachment over each kind of connection, and measure the heap after each tick."""
    mails.prepare()
    columns = [f"{device}, {security}" for device in DEVICES for security in SECURITIES]
    shown = table("Allocated by phase, octets (ticks)", "phase", *columns)
    report = Report(tables=[shown])
    cells: dict[int, dict[str, str]] = {}
    with Server() as server:
        for device in DEVICES:
            worst = 0
            for security in SECURITIES:
                told = mails.how(server, "attachment", security)
                found = device.run("allocations", *told, heap=HEAP)
                report.data[f"{device}, {security}"] = found
                for state, ticks, octets in found:
                    cell = f"{octets:,} ({ticks:,})"
                    cells.setdefault(state, {})[f"{device}, {security}"] = cell
                    if state >= _GREETING and state != _STARTTLS:
                        worst = max(worst, octets)
            what = f"allocated between greeting and final reply, {device}"
            report.figures.append(Figure(what, worst, "B", 0))
    for state, row in sorted(cells.items()):
        shown.add_row(hssmtp.state_name(state), *(row.get(column, "") for column in columns))
    return report
