"""Compare the rate of a 20 MB attachment on MicroPython with a bare loop's."""

from statistics import median

from tools.bench import mails
from tools.bench.devices import DEVICES
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import Server
from tools.library import device_files, module_name

SIZE = 20_000_000
BUDGET = 0.88
ROUNDS = 9
DEFAULT = 1024  # bytes of Client's buffer
BUFFERS = (512, DEFAULT, 2048, 4096)


def measure() -> Report:
    """Send it both ways in turn, several times; return the ratio of the medians."""
    report = Report()
    shown = table("A 20 MB attachment", "", "hssmtp, MB/s", "bare loop, MB/s", "ratio")
    report.tables.append(shown)
    mails.prepare(attachment=SIZE)
    encoder = next(module_name(file) for file in device_files() if file.name == "file_part.py")
    with Server() as server:
        for device in DEVICES:
            for buffer in BUFFERS if device is DEVICES[0] else (DEFAULT,):
                told = (server.plain, ROUNDS, buffer, encoder)
                pairs = device.run("rate", *told, timeout=300)
                ours, bare = (median(pair[i] for pair in pairs) for i in (0, 1))
                ratio = round(ours / bare, 2)
                what = f"{device}, buffer of {buffer}"
                shown.add_row(what, number(ours / 1e6), number(bare / 1e6), number(ratio))
                report.data[what] = pairs
                if buffer == DEFAULT:
                    what = f"rate against a bare loop, {device}"
                    report.figures.append(Figure(what, ratio, "", BUDGET, at_least=True))
    return report
