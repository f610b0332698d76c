"""The result of a measurement: figures with budgets, and tables."""

from dataclasses import dataclass, field
from typing import Any

from rich.table import Table


@dataclass
class Figure:
    """A number and its budget: a maximum, or with at_least a minimum."""

    what: str
    value: float | None  # None: not available here, `note` says why
    unit: str = ""
    budget: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the budget is met; None without a budget or number."""
        if self.budget is None or self.value is None:
            return None
        return self.value >= self.budget if self.at_least else self.value <= self.budget


@dataclass
class Report:
    """The result of one measurement. data: for build/bench.json only."""

    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def table(title: str, *columns: str) -> Table:
    """Return an empty table: text in its first column, numbers in the others."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left")
    return made


def number(value: float | None, unit: str = "") -> str:
    """Return a number as text."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return f"{text} {unit}".rstrip()
