"""How memory grows with the size of an attachment and the number of recipients.

On MicroPython it does not grow: a budget. On CPython, for comparison, other senders take the same
mails: docs/memory.svg shows those.
"""

from tools.bench import mails, others
from tools.bench.devices import DEVICES, Device
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import Server

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
RECIPIENTS = (1, 10, 100, 1_000, 10_000)
HEAP = 256 * 1024  # as on a board
# 100 MB would take smtplib nearly all the memory of a small PC.
SENDERS = {"hssmtp": SIZES, "smtplib": SIZES[:-1], "aiosmtplib": SIZES[:-1]}


def measure() -> Report:
    """Send attachments of each size, and mails to lists of each length."""
    report = Report()
    with Server() as server:
        for mail, what, counts in (
            ("attachment", "bytes attached", SIZES),
            ("listed", "recipients", RECIPIENTS),
        ):
            peaks = {device: _peaks(device, server, mail, counts) for device in DEVICES}
            names = [str(device) for device in DEVICES]
            shown = table("Peak heap on MicroPython, bytes", what, *names)
            for count in counts:
                row = [number(peaks[device][count]) for device in DEVICES]
                shown.add_row(number(count), *row)
            report.tables.append(shown)
            for device, found in peaks.items():
                growth = max(found.values()) - found[counts[0]]
                name = f"growth of the heap, {counts[0]:,} to {counts[-1]:,} {what}, {device}"
                report.figures.append(Figure(name, growth, "B", 0))
                report.data[f"{mail}, {device}"] = found
        on_cpython = _others(server)
    shown = table("Memory on CPython, bytes", "bytes attached", *SENDERS)
    for size in SIZES:
        row = [
            number(on_cpython[name][size]) if size in on_cpython[name] else "" for name in SENDERS
        ]
        shown.add_row(number(size), *row)
    report.tables.append(shown)
    report.data["CPython"] = on_cpython
    return report


def _others(server: Server) -> dict[str, dict[int, int]]:
    """Return what senders on CPython take for the same mails, besides interpreter and modules."""
    found: dict[str, dict[int, int]] = {name: {} for name in SENDERS}
    for size in SIZES:
        mails.prepare(attachment=size)
        for name, sizes in SENDERS.items():
            if size in sizes:
                found[name][size] = int(others.in_python(name, server.plain)["memory"])
    return found


def _peaks(device: Device, server: Server, mail: str, counts: tuple[int, ...]) -> dict[int, int]:
    """Return the most heap in use between two ticks, by count."""
    found = {}
    for count in counts:
        if mail == "attachment":
            mails.prepare(attachment=count)
        else:
            mails.prepare(recipients=count)
        told = mails.how(server, mail, "none")
        found[count] = device.run("live_heap", *told, heap=HEAP, timeout=300)["peak"]
    return found
