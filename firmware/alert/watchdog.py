"""The watchdog: only the main loop feeds it. It is released for the REPL."""

import sys

import machine
from hssmtp import const

_AN_HOUR = const(3600000)  # ms

# Clearing bit 30 of WATCHDOG_CTRL, by its atomic alias (RP2040 datasheet 4.7, RP2350 12.9).
_RP2040_CLEAR = const(0x4005B000)
_RP2350_CLEAR = const(0x400DB000)
_ENABLE = const(1 << 30)


class Watchdog:
    """Resets the board if it is not fed in time. It keeps running after a soft reset."""

    def __init__(self):
        self._timer = None

    def start(self, seconds: float) -> None:
        """Start it. 0 s: no watchdog."""
        if seconds:
            self._timer = machine.WDT(timeout=round(seconds * 1000))

    def feed(self) -> None:
        """Restart its time."""
        if self._timer:
            self._timer.feed()

    def release(self) -> None:
        """Give the REPL an hour. RP2's watchdog can't be set to that, and is switched off."""
        if not self._timer:
            return
        if sys.platform == "rp2":
            rp2350 = "RP2350" in sys.implementation._machine
            machine.mem32[_RP2350_CLEAR if rp2350 else _RP2040_CLEAR] = _ENABLE
        else:
            machine.WDT(timeout=_AN_HOUR)
