"""ESP32 on a development board: its pins, and how its network comes up."""

import network

NAME = "Generic ESP32 module"  # as its firmware says it
WIRELESS = True
LED = 2  # of most boards with 30 or 38 pins; None where there is none
LED_ON = 1

# The pins of config_example.py's inputs on this board.
DIGITAL = 27
ANALOGUE = 34


def interface():
    """The network interface, not yet active."""
    return network.WLAN(network.STA_IF)
