"""The module machine: pins and ADCs are registers, resets and the watchdog are real."""

import time

import registers as places
from micropython import const
from outside import ask, end, registers, settings
from umachine import *  # mem8, idle and the like are the unix port's

PWRON_RESET = const(1)
HARD_RESET = const(2)
WDT_RESET = const(3)
DEEPSLEEP_RESET = const(4)
SOFT_RESET = const(5)

_CAUSES = {
    "power on": PWRON_RESET,
    "reset": HARD_RESET,
    "watchdog": WDT_RESET,
    "deepsleep": DEEPSLEEP_RESET,
    "soft reset": SOFT_RESET,
}

PIN_WAKE = const(2)


class Pin:
    """A GPIO."""

    IN = const(0)
    OUT = const(1)
    OPEN_DRAIN = const(2)
    PULL_UP = const(1)
    PULL_DOWN = const(2)

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._id = id
        self.number = places.number(id)
        self._pull = None
        if mode != -1 or pull != -1 or value is not None:
            self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        if pull != -1:
            self._pull = pull
        if mode == Pin.IN:
            registers[places.OUTPUT + self.number] = places.NOTHING
        elif mode != -1:
            was = registers[places.OUTPUT + self.number]
            registers[places.OUTPUT + self.number] = 0 if was == places.NOTHING else was
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is not None:
            registers[places.OUTPUT + self.number] = 1 if level else 0
            return None
        found = registers[places.OUTPUT + self.number]
        if found == places.NOTHING:
            found = registers[places.INPUT + self.number]
        if found == places.NOTHING:
            found = 1 if self._pull == Pin.PULL_UP else 0
        return found

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def toggle(self):
        self.value(not self.value())

    def __repr__(self):
        return "Pin(%r)" % self._id


class ADC:
    """An analogue input, from 0 to 3.3 V."""

    ATTN_0DB = const(0)
    ATTN_2_5DB = const(1)
    ATTN_6DB = const(2)
    ATTN_11DB = const(3)

    def __init__(self, pin, *, atten=ATTN_11DB):
        self._number = pin.number if isinstance(pin, Pin) else places.number(pin)

    def read_u16(self):
        return registers[places.ANALOGUE + self._number]

    def read_uv(self):
        return self.read_u16() * 3_300_000 // 65535


class WDT:
    """The watchdog: once made it can't be stopped, and it is not the board that looks at it."""

    def __init__(self, id=0, timeout=5000):
        registers[places.FED] = time.ticks_ms() & places.MASK
        ask("watchdog", timeout)

    def feed(self):
        now = time.ticks_ms() & places.MASK
        pause = (now - registers[places.FED]) & places.MASK
        if pause > registers[places.PAUSE]:
            registers[places.PAUSE] = pause
        registers[places.FEEDINGS] += 1
        registers[places.FED] = now


class RTC:
    """The clock: it goes on over every reset, and begins anew when the power comes."""

    def datetime(self, now=None):
        if now is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()
            return year, month, day, weekday, hour, minute, second, 0
        year, month, day, _, hour, minute, second = now[:7]
        wanted = time.mktime((year, month, day, hour, minute, second, 0, 0))
        registers[places.CLOCK] += wanted - time.time()
        return None


def reset():
    end("reset")


def soft_reset():
    raise SystemExit


def deepsleep(time_ms=0):
    end("deepsleep", time_ms)


def lightsleep(time_ms=0):
    time.sleep_ms(time_ms)


def reset_cause():
    return _CAUSES[settings["cause"]]


def unique_id():
    return b"virtual\0"


def freq(hz=None):
    return 125_000_000
