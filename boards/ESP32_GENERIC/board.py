"""ESP32 on a development board: its pins and its network."""

import network

NAME = "Generic ESP32 module"  # in sys.implementation._machine
WIRELESS = True
LED = 2  # on most boards with 30 or 38 pins; None for a board without LED
LED_ON = 1

# The pins of the inputs in config_example.py, and of the examples.
DIGITAL = 27
ANALOGUE = 34


def interface():
    """Return the network interface, not yet active."""
    return network.WLAN(network.STA_IF)
