"""The module time: the board's clock is not the PC's, and nobody has set it when power comes."""

import registers as places
from outside import registers
from utime import *
from utime import gmtime as _gmtime
from utime import mktime as _mktime
from utime import time as _time


def time():
    return int(_time()) + registers[places.CLOCK]


def time_ns():
    return time() * 1_000_000_000


def gmtime(seconds=None):
    return _gmtime(time() if seconds is None else seconds)


def mktime(moment):
    return int(_mktime(moment))


localtime = gmtime  # as on a board: no time zones
