"""Stand-ins for a board's modules. Import it before the firmware."""

import sys
import time

if not hasattr(time, "ticks_ms"):  # CPython
    from hssmtp import _cpython

    for name in ("ticks_ms", "ticks_add", "ticks_diff"):
        setattr(time, name, getattr(_cpython, name))


class Pin:
    """A pin. PINS has all pins by number."""

    IN, OUT, PULL_UP, PULL_DOWN = range(4)

    def __init__(self, number, mode=IN, pull=None):
        if number == 99:
            raise ValueError("invalid pin")
        self.level = 1 if pull == Pin.PULL_UP else 0
        self.writes = 0
        PINS[number] = self

    def value(self, level=None):
        if level is None:
            return self.level
        self.level = level
        self.writes += 1


class ADC:
    """A converter. PINS has it by its pin."""

    def __init__(self, number):
        if number == 99:
            raise ValueError("invalid pin")
        self.counts = 0
        PINS[number] = self

    def read_u16(self):
        return self.counts


class RTC:
    """The clock, and its last setting."""

    was_set = None

    def datetime(self, when):
        RTC.was_set = when


class Machine:
    """The module."""

    Pin = Pin
    ADC = ADC
    RTC = RTC
    WDT_RESET = 3
    cause = 1

    @staticmethod
    def reset_cause():
        return Machine.cause


class Network:
    """The module."""

    STAT_WRONG_PASSWORD = -3
    STAT_NO_AP_FOUND = -2


class Interface:
    """A network interface with scripted behaviour."""

    def __init__(self):
        self.connected = False
        self.is_active = True
        self.calls = []
        self.problem = None
        self.state = 0

    def active(self, flag=None):
        if flag is None:
            return self.is_active
        self.is_active = flag
        self.calls.append("active")

    def connect(self, name, password):
        self.calls.append("connect")
        if self.problem:
            raise self.problem

    def disconnect(self):
        self.calls.append("disconnect")

    def isconnected(self):
        return self.connected

    def status(self):
        return self.state

    def ipconfig(self, name):
        return {"addr4": ("192.0.2.7", "255.255.255.0")}[name]


PINS = {}

# The application's modules keep them. Other tests of this process must not find them.
sys.modules["machine"] = Machine
sys.modules["network"] = Network
__import__("alert.app")
del sys.modules["machine"], sys.modules["network"]


def same(what, found, wanted):
    """Raise AssertionError if two values differ."""
    if found != wanted:
        raise AssertionError("%s: %r, not %r" % (what, found, wanted))


class Said:
    """Collects the lines of the application."""

    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def has(self, words):
        """Whether a line has these words; each line counts once."""
        for line in self.lines:
            if words in line:
                self.lines.remove(line)
                return True
        return False
