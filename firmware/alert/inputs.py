"""The inputs that can raise an alarm. The main loop polls them; no method waits."""

from time import ticks_diff

from hssmtp import const

_FULL = const(65535)  # the most that read_u16() returns


class Input:
    """An alarm begins or ends when the pin has been in the new state for settle_ms.

    problem: the driver's OSError while the pin can't be read; the alarm then does not change.
    """

    def __init__(self, name: str, text: str, settle_ms: int):
        self.name = name
        self.text = text
        self.alarm = False
        self.problem = None
        self._settle_ms = settle_ms
        self._since = None

    def step(self, now: int, seconds: int) -> bool:
        """Read the pin; return True when an alarm begins. now: ms, as ticks_ms() has it."""
        try:
            is_sensed = self._sense()
            self.problem = None
        except OSError as exc:  # ESP32: Wi-Fi may be using this converter
            is_sensed = self.alarm
            self.problem = exc
        if self._since is None or is_sensed == self.alarm:
            self._since = now
        elif ticks_diff(now, self._since) >= self._settle_ms:
            self._since = now
            self.alarm = not self.alarm
            return self.alarm
        return False


class Digital(Input):
    """A pin that is in alarm at one of its two levels."""

    def __init__(self, name: str, text: str, settle_ms: int, pin, alarm: int, words):
        Input.__init__(self, name, text, settle_ms)
        self._pin = pin
        self._level = alarm
        self._words = words

    def _sense(self):
        return self._pin.value() == self._level

    def reading(self) -> str:
        """Return the present state as a word. Raises OSError if the pin can't be read."""
        return self._words[self._sense()]


class Analogue(Input):
    """A voltage as a number with a unit, in alarm beyond a limit.

    scale: the values at 0 V and at the converter's full scale. The alarm ends when the value is
    back by `hysteresis`. step() compares the converter's integers: floats would allocate.
    """

    def __init__(
        self, name: str, text: str, settle_ms: int, adc, scale, unit: str, limit, hysteresis, above
    ):
        Input.__init__(self, name, text, settle_ms)
        self._adc = adc
        self._unit = unit
        self._low, high = scale
        self._span = high - self._low
        self._limit = self._counts(limit)
        self._back = self._counts(limit - hysteresis if above else limit + hysteresis)
        self._rising = above == (self._span > 0)

    def _counts(self, value):
        return round((value - self._low) / self._span * _FULL)

    def _sense(self):
        counts = self._adc.read_u16()
        limit = self._back if self.alarm else self._limit
        return counts > limit if self._rising else counts < limit

    def reading(self) -> str:
        """Return the present value with its unit. Raises OSError if the pin can't be read."""
        value = self._low + self._span * self._adc.read_u16() / _FULL
        return "%.1f %s" % (value, self._unit)


class Timer:
    """Raises an alarm every so many seconds: a report, or a sign of life."""

    alarm = False  # its alarm has no duration
    reading = None  # it has none
    problem = None

    def __init__(self, name: str, text: str, every: int):
        self.name = name
        self.text = text
        self._every = every
        self._due = every

    def step(self, now: int, seconds: int) -> bool:
        """Return True when the next alarm is due. seconds: since the start."""
        if seconds < self._due:
            return False
        self._due = seconds + self._every
        return True
