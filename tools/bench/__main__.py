"""python -m tools.bench [NAME …]: measure, print tables, write build/bench.json."""

import importlib
import json
import sys
import time

from rich.console import Console

from tools.bench import compiled
from tools.bench.report import Report, number, table

# In this order; each is a module of this package.
MEASUREMENTS = (
    "sizes",
    "heap",
    "installed",
    "smallest",
    "growth",
    "allocations",
    "waits",
    "rate",
    "others",
    "ticks",
    "board",
)


def main(*names: str) -> int:
    """Measure; return the exit status: 1 for an unknown name, or a budget that is not met."""
    console = Console(highlight=False)
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        console.print(
            f"no such measurement: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}"
        )
        return 1
    reports: dict[str, Report] = {}
    for name in names or MEASUREMENTS:
        begun = time.monotonic()
        with console.status(f"measuring {name}"):
            reports[name] = importlib.import_module(f"tools.bench.{name}").measure()
        for each in reports[name].tables:
            console.print(each, "")
        console.print(f"[dim]{name}: {time.monotonic() - begun:.0f} s[/]\n")
    show(reports, console)
    keep(reports)
    missed = [
        figure for report in reports.values() for figure in report.figures if figure.holds is False
    ]
    return 1 if missed else 0


def show(reports: dict[str, Report], console: Console) -> None:
    """Show the figures and whether they meet their budgets."""
    shown = table("The budgets", "what", "budget", "figure", "holds")
    for report in reports.values():
        for figure in report.figures:
            bound = (
                ""
                if figure.budget is None
                else ("≥ " if figure.at_least else "≤ ") + number(figure.budget, figure.unit)
            )
            holds = {None: figure.note, True: "[green]yes[/]", False: "[bold red]no[/]"}[
                figure.holds
            ]
            shown.add_row(figure.what, bound, number(figure.value, figure.unit), holds)
    console.print(shown)


def keep(reports: dict[str, Report]) -> None:
    """Add the new measurements to build/bench.json."""
    path = compiled.ROOT / "build" / "bench.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, report in reports.items():
        figures = [{**vars(figure), "holds": figure.holds} for figure in report.figures]
        kept[name] = {"figures": figures, **report.data}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
