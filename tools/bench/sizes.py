"""The .mpy files: octets on flash, module by module, and what a device needs of them."""

from tools.bench import compiled, mails
from tools.bench.devices import device
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import Server
from tools.library import ROOT, device_files, module_name

BUDGET = 20 * 1024
ARCH = "armv6m"  # the Pico's: what the viper encoder's code is for

# name: mail, security; as on_device/mails.py has them
DEVICES = {
    "plain text": ("plain", "none"),
    "STARTTLS, AUTH, a file": ("attachment", "starttls"),
    "the same, any language": ("encoded", "starttls"),
}


def measure() -> Report:
    """Compile the library, send mails, and see which modules each kind of device loads."""
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
            for name, (mail, security) in DEVICES.items():
                needed[name] = {*mails.modules_of(found, server, mail, security)}
    shown = table(f".mpy files ({ARCH}, -O3), octets", "module", *needed, "all")
    for module, size in sorted(sizes.items(), key=lambda item: -item[1]):
        row = [number(size) if module in each else "" for each in needed.values()]
        shown.add_row(module, *row, number(size))
    sums = {name: sum(sizes[module] for module in each) for name, each in needed.items()}
    shown.add_section()
    shown.add_row("sum", *map(number, sums.values()), number(sum(sizes.values())))
    figures = [
        Figure(f".mpy files for {name}", total, "B", BUDGET) for name, total in sums.items()
    ]
    source = sum((ROOT / "lib" / file).stat().st_size for file in device_files())
    data = {"arch": ARCH, "modules": sizes, "needed": {n: sorted(m) for n, m in needed.items()}}
    return Report(figures, [shown], {**data, "source": source})
