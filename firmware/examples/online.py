"""Network and clock for the examples: wait until both are ready, up to a limit."""

import time

import board

from alert.backoff import Backoff
from alert.clock import Clock
from alert.output import one_line
from alert.uplink import Uplink


def say(text: str) -> None:
    """Print a text that may contain data from outside, such as the name of a Wi-Fi."""
    print(one_line(text))


def online(config, patience: int = 60) -> bool:
    """Connect to the network and set the clock; return False without network after `patience` s.

    This function waits. A program with other work calls uplink.step() and clock.step() in its own
    main loop, as alert/app.py does.
    """
    clock = Clock(config.NTP_SERVER, config.NTP_PORT)
    name = config.WIFI_NAME if board.WIRELESS else None
    uplink = Uplink(board.interface(), name, config.WIFI_PASSWORD, 20, Backoff(5, 60))
    uplink.start()
    while clock.seconds < patience and not (uplink.up and (clock.known or clock.tried)):
        now = time.ticks_ms()
        clock.count(now)
        uplink.step(clock.seconds, say)
        clock.step(now, uplink.up, say)
        time.sleep_ms(10)
    return uplink.up
