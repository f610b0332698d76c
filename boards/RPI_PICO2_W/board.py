"""Raspberry Pi Pico 2 W: its pins and its network."""

import network

NAME = "Raspberry Pi Pico 2 W"  # in sys.implementation._machine
WIRELESS = True
LED = "LED"  # on the Wi-Fi chip
LED_ON = 1

# The pins of the inputs in config_example.py, and of the examples.
DIGITAL = 15
ANALOGUE = 26


def interface():
    """Return the network interface, not yet active."""
    return network.WLAN(network.STA_IF)
