"""Network and clock for the examples: waits until both are ready, or for a while."""

import time

import board

from alert.backoff import Backoff
from alert.clock import Clock
from alert.output import one_line
from alert.uplink import Uplink


def say(text: str) -> None:
    """Print a text that may hold words from outside, such as a Wi-Fi's name."""
    print(one_line(text))


def online(config, patience: int = 60) -> bool:
    """Bring up the network and set the clock; False if there is no network within `patience` s.

    This function waits. A program that has other things to do calls the two step() in its own
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
