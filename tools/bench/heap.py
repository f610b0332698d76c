"""Measure the heap of a mail, code included, with 32 bits: the budgets.

Two figures for each mail. `live`: gc.mem_alloc() after gc.collect(), the maximum between two
ticks, minus the value before the import. `smallest`: the smallest -X heapsize in which a program
with that mail succeeds, minus the smallest for the same program without the mail. It includes what
is needed for a moment (loading code, composing a header) and the gaps between objects; budgets are
for this figure. `twenty`: the same for twenty mails, with the gaps that earlier mails left. The
TLS library's own two objects, context and socket, are measured separately and subtracted.

`names`: strings (qstrs) that the firmware does not have in ROM, also those of the measuring
program. They are never freed. At the 20th, 60th, 140th, 300th and 620th MicroPython allocates a
table for as many again and 20 more, 7 bytes each, besides the characters.
"""

import ast
import json
import re
from graphlib import TopologicalSorter

from rich.table import Table

from tools.bench import compiled, mails
from tools.bench.devices import Device, device
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import NAME, Server
from tools.library import ROOT, device_files, module_name

PLAIN_BUDGET = 34 * 1024
SECURED_BUDGET = 42 * 1024

# name: mail, security, host, budget
MAILS = {
    "a plain text": ("plain", "none", NAME, PLAIN_BUDGET),
    "the same, the server's address given": ("plain", "none", "127.0.0.1", PLAIN_BUDGET),
    "STARTTLS, AUTH, a 1 MB attachment": ("attachment", "starttls", NAME, SECURED_BUDGET),
}

MANY = 20


def measure() -> Report:
    """Send the budgets' mails, and import each module."""
    found = device(32)
    if not found:
        return Report(
            [Figure("heap", None, note="no 32-bit MicroPython: make test-32bit gets it")]
        )
    mails.prepare()
    report = Report()
    shown = table(
        "Heap, 32 bits, octets",
        "mail",
        "smallest",
        "twenty",
        "live, peak",
        "handed over",
        "after",
        "names",
    )
    with Server() as server:
        tls = tls_heap(found, server)
        for name, (mail, security, host, budget) in MAILS.items():
            told = mails.how(server, mail, security, host)
            own = tls if security != "none" else 0
            said = found.output("live_heap", *told)
            live = json.loads(said.splitlines()[-1])
            names = int(re.findall(r"n_qstr=(\d+)", said)[-1])
            first, twenty = (smallest(found, told, own, count) for count in (1, MANY))
            # Before STARTTLS there is no TLS socket: only the peak has all of the TLS library's.
            row = [first, twenty, live["peak"] - own, live["begun"], live["after"], names]
            shown.add_row(name, *map(number, row))
            report.figures.append(Figure(f"heap: {name}", first, "B", budget))
            report.figures.append(Figure("  of that live between ticks", live["peak"] - own, "B"))
            report.data[name] = {
                "smallest": first,
                "twenty": twenty,
                "live": live,
                "tls": own,
                "names": names,
            }
    report.tables = [shown, _by_module(found, report)]
    return report


def smallest(found: Device, told: tuple[object, ...], tls: int, count: int = 1) -> int:
    """The smallest heap for so many mails, less that of the program and of the TLS library."""
    nothing = found.smallest_heap("one_mail", 1, "nothing")
    return found.smallest_heap("one_mail", count, *told) - nothing - tls


def tls_heap(found: Device, server: Server) -> int:
    """What the TLS library's own two objects take."""
    return found.run("tls_heap", NAME, server.tls)


def _by_module(found: Device, report: Report) -> Table:
    """What each module takes when it is imported behind those that it imports itself."""
    names = in_order_of_imports()
    said = found.output("module_heap", *names)
    pools = re.findall(r"n_qstr=(\d+), n_str_data_bytes=(\d+)", said)
    octets = [int(n) for n in re.findall(r"^hssmtp\S* (\d+)$", said, re.MULTILINE)]
    folder = compiled.library(found.arch)
    sizes = {
        module_name(file): (folder / file.with_suffix(".mpy")).stat().st_size
        for file in device_files()
    }
    shown = table(
        "Heap by module when imported, 32 bits, octets",
        "module",
        "heap",
        ".mpy",
        "new names",
        "their letters",
    )
    rows = {}
    for at, name in enumerate(names):
        count, letters = (int(pools[at + 1][i]) - int(pools[at][i]) for i in (0, 1))
        rows[name] = (octets[at], sizes[name], count, letters)
    for name, row in sorted(rows.items(), key=lambda item: -item[1][0]):
        shown.add_row(name, *map(number, row))
    shown.add_section()
    shown.add_row("sum", *(number(sum(row[i] for row in rows.values())) for i in range(4)))
    report.data["modules"] = rows
    return shown


def in_order_of_imports() -> list[str]:
    """The modules, each behind those that it imports as it is loaded."""
    files = {module_name(file): file for file in device_files()}
    graph: dict[str, set[str]] = {}
    for name, file in files.items():
        graph[name] = {".".join(file.parts[:n]) for n in range(1, len(file.parts))} - {name}
        for node in ast.parse((ROOT / "lib" / file).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                package = file.parts[: len(file.parts) - node.level]
                for alias in node.names:
                    base = [*package, node.module] if node.module else [*package]
                    # A name of a package is a module of it, or is defined by it.
                    graph[name] |= {".".join([*base, alias.name]), ".".join(base)} & files.keys()
        graph[name].discard(name)
    return list(TopologicalSorter(graph).static_order())
