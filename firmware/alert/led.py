"""The LED: how many flashes in four seconds tell how the device is."""

from hssmtp import const

# The codes: how many flashes.
WELL = const(1)
OFFLINE = const(2)  # no network
WAITING = const(3)  # a mail could not be sent, and is tried again
REFUSED = const(4)  # the server does not want it: a person has to look
SENDING = const(8)  # flashes without a pause

_SLOT = const(8)  # 256 ms, as a shift
_SLOTS = const(16)


class Led:
    """An LED on a pin; None: there is none."""

    def __init__(self, pin, level_on: int):
        self._pin = pin
        self._on = level_on
        self._lit = None

    def step(self, now: int, code: int) -> None:
        """Show a code. now: ms, ticks."""
        slot = (now >> _SLOT) % _SLOTS
        self.light(slot < 2 * code and slot % 2 == 0)

    def light(self, lit: bool) -> None:
        """On or off; the pin is touched only where that changes (a Pico W's is behind a bus)."""
        if lit != self._lit and self._pin:
            self._pin.value(self._on if lit else 1 - self._on)
        self._lit = lit
