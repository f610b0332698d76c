"""The LED: the number of flashes in four seconds shows the state of the device."""

from hssmtp import const

# The codes: how many flashes.
WELL = const(1)
OFFLINE = const(2)  # no network
WAITING = const(3)  # a mail could not be sent, and waits for its retry
REFUSED = const(4)  # refused permanently: somebody has to correct the settings
SENDING = const(8)  # flashes without a pause

_SLOT = const(8)  # 256 ms, as a shift
_SLOTS = const(16)


class Led:
    """An LED on a pin; None: the board has no LED."""

    def __init__(self, pin, level_on: int):
        self._pin = pin
        self._on = level_on
        self._lit = None

    def step(self, now: int, code: int) -> None:
        """Show a code. now: ms, as ticks_ms() has it."""
        slot = (now >> _SLOT) % _SLOTS
        self.light(slot < 2 * code and slot % 2 == 0)

    def light(self, lit: bool) -> None:
        """Switch on or off. Write only changes to the pin: a Pico W's LED is behind a bus."""
        if lit != self._lit and self._pin:
            self._pin.value(self._on if lit else 1 - self._on)
        self._lit = lit
