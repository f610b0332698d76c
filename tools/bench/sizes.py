"""Measure the .mpy files by module, and which of them stay in memory while a mail is sent."""

from tools.bench import compiled, mails
from tools.bench.devices import device
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import Server
from tools.library import ROOT, device_files, module_name

ARCH = "armv6m"  # the Pico's, for the encoder in machine code

# name: mail, security, as on_device/mails.py has them; budget
DEVICES = {
    "plain text": ("plain", "none", 18 * 1024),
    "STARTTLS, AUTH, a file": ("attachment", "starttls", 24 * 1024),
    "the same, any language": ("encoded", "starttls", None),
}


def measure() -> Report:
    """Compile the library, send mails, and list the modules loaded during their ticks."""
    folder = compiled.library(ARCH)
    sizes = {
        module_name(file): (folder / file.with_suffix(".mpy")).stat().st_size
        for file in device_files()
    }
    needed: dict[str, set[str]] = {}
    found = device(32) or device(64)
    if found:
        mails.prepare()
        with Server() as server:
            for name, (mail, security, _) in DEVICES.items():
                needed[name] = {*mails.modules_of(found, server, mail, security)}
    shown = table(f".mpy files ({ARCH}, -O3), bytes", "module", *needed, "all")
    for module, size in sorted(sizes.items(), key=lambda item: -item[1]):
        row = [number(size) if module in each else "" for each in needed.values()]
        shown.add_row(module, *row, number(size))
    sums = {name: sum(sizes[module] for module in each) for name, each in needed.items()}
    shown.add_section()
    shown.add_row("sum", *map(number, sums.values()), number(sum(sizes.values())))
    figures = [
        Figure(f".mpy files resident, {name}", total, "B", DEVICES[name][2])
        for name, total in sums.items()
    ]
    source = sum((ROOT / "lib" / file).stat().st_size for file in device_files())
    data = {"arch": ARCH, "modules": sizes, "needed": {n: sorted(m) for n, m in needed.items()}}
    return Report(figures, [shown], {**data, "source": source})
