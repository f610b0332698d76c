"""Raspberry Pi Pico W: its pins, and how its network comes up."""

import network

NAME = "Raspberry Pi Pico W"  # as its firmware says it
WIRELESS = True
LED = "LED"  # on the Wi-Fi chip
LED_ON = 1

# The pins of config_example.py's inputs on this board.
DIGITAL = 15
ANALOGUE = 26


def interface():
    """The network interface, not yet active."""
    return network.WLAN(network.STA_IF)
