"""What CPython lacks of MicroPython: const, ticks, and a dir() of modules that asks them."""

import time
from collections.abc import Callable, Iterable, Mapping


def const(expr: int) -> int:
    """Return `expr` as it is: CPython has no constants to fold."""
    return expr


def dir_of(found: "Mapping[str, object]", more: "Iterable[str]") -> "Callable[[], list[str]]":
    """A module's __dir__(): the public names of its globals, and more."""
    return lambda: sorted(name for name in {*found, *more} if name[0] != "_")


def ticks_ms() -> int:
    """Milliseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


def sleep_ms(ms: int) -> None:
    time.sleep(ms / 1000)


def ticks_add(ticks: int, delta: int) -> int:
    return ticks + delta


def ticks_diff(later: int, earlier: int) -> int:
    return later - earlier
