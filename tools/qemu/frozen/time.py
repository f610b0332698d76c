"""The port has no `time`: this one reads a timer of the board's, that counts down at 25 MHz."""

from machine import mem32

_TIMER = 0x40000000  # CMSDK APB timer 0
_VALUE = 0x40000004
_RELOAD = 0x40000008
_WRAP = 0x3FFFFFFF  # so that a value is a small int: reading the time takes nothing from the heap

mem32[_RELOAD] = _WRAP
mem32[_VALUE] = _WRAP
mem32[_TIMER] = 1


def ticks_cpu():
    """In 40 ns; from 0 on again after 43 s."""
    return _WRAP - mem32[_VALUE]


def cpu_since(begun):
    """How long ago ticks_cpu() was that."""
    return _WRAP - mem32[_VALUE] - begun & _WRAP


def ticks_ms():
    return ticks_cpu() // 25000


def ticks_diff(end, start):
    return end - start


def sleep_ms(ms):
    begun = ticks_cpu()
    while cpu_since(begun) < ms * 25000:
        pass


def gmtime():
    """A clock that nobody has set."""
    return (2000, 1, 1, 0, 0, 0, 5, 1)
