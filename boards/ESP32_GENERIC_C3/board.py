"""ESP32-C3 on a development board: its pins and its network."""

import network

NAME = "ESP32C3 module"  # in sys.implementation._machine
WIRELESS = True
LED = None  # most boards have an RGB LED, which a pin's level can't control
LED_ON = 1

# The pins of the inputs in config_example.py, and of the examples.
DIGITAL = 5
ANALOGUE = 4


def interface():
    """Return the network interface, not yet active."""
    return network.WLAN(network.STA_IF)
