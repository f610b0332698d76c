"""ESP32-S3 on a development board: its pins, and how its network comes up."""

import network

NAME = "Generic ESP32S3 module"  # as its firmware says it
WIRELESS = True
LED = None  # most have an RGB one, which takes more than a level
LED_ON = 1

# The pins of config_example.py's inputs on this board.
DIGITAL = 5
ANALOGUE = 4


def interface():
    """The network interface, not yet active."""
    return network.WLAN(network.STA_IF)
