"""How the heap grows with the size of an attachment and the number of recipients: not at all."""

from tools.bench import mails, others
from tools.bench.devices import DEVICES, Device
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import Server

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
RECIPIENTS = (1, 10, 100, 1_000, 10_000)
HEAP = 256 * 1024  # a board's: and to look through a small heap takes less time


def measure() -> Report:
    """Send attachments of each size, and mails to lists of each length."""
    report = Report()
    with Server() as server:
        for mail, what, counts in (
            ("attachment", "octets attached", SIZES),
            ("listed", "recipients", RECIPIENTS),
        ):
            peaks = {device: _peaks(device, server, mail, counts) for device in DEVICES}
            names = [str(device) for device in DEVICES]
            shown = table("Heap at the peak, octets", what, *names)
            for count in counts:
                row = [number(peaks[device][count]) for device in DEVICES]
                shown.add_row(number(count), *row)
            report.tables.append(shown)
            for device, found in peaks.items():
                growth = max(found.values()) - found[counts[0]]
                name = f"heap's growth, {counts[0]:,} to {counts[-1]:,} {what}, {device}"
                report.figures.append(Figure(name, growth, "B", 0))
                report.data[f"{mail}, {device}"] = found
        report.data["smtplib, 64 bits"] = _smtplib(server)
    return report


def _smtplib(server: Server) -> dict[int, int]:
    """For comparison: the octets that CPython's own takes more for the same attachments."""
    found = {}
    for size in SIZES[:-1]:  # 100 MB would be nearly all the memory of a small PC
        mails.prepare(attachment=size)
        found[size] = others.in_python("smtplib", server.plain)["memory"]
    return found


def _peaks(device: Device, server: Server, mail: str, counts: tuple[int, ...]) -> dict[int, int]:
    """The most that is in use between two ticks, by the count."""
    found = {}
    for count in counts:
        if mail == "attachment":
            mails.prepare(attachment=count)
        else:
            mails.prepare(recipients=count)
        told = mails.how(server, mail, "none")
        found[count] = device.run("live_heap", *told, heap=HEAP, timeout=300)["peak"]
    return found
