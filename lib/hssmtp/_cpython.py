"""What CPython lacks and MicroPython has: const(), ticks; and a dir() with lazy names."""

import time
from collections.abc import Callable, Iterable, Mapping


def const(expr: int) -> int:
    """Return `expr` as it is."""
    return expr


def dir_of(found: "Mapping[str, object]", more: "Iterable[str]") -> "Callable[[], list[str]]":
    """Return a module's __dir__(), for the public names in its globals and more."""
    return lambda: sorted(name for name in {*found, *more} if name[0] != "_")


def ticks_ms() -> int:
    """Return milliseconds of a monotonic clock."""
    return time.monotonic_ns() // 1_000_000


def sleep_ms(ms: int) -> None:
    time.sleep(ms / 1000)


def ticks_add(ticks: int, delta: int) -> int:
    return ticks + delta


def ticks_diff(later: int, earlier: int) -> int:
    return later - earlier
