"""WIZnet W5500-EVB-Pico, with Ethernet: its pins, and how its network comes up."""

import network

NAME = "W5500-EVB-Pico"  # as its firmware says it
WIRELESS = False
LED = "LED"
LED_ON = 1

# The pins of config_example.py's inputs on this board.
DIGITAL = 15
ANALOGUE = 26


def interface():
    """The network interface, not yet active."""
    return network.WIZNET5K()  # it knows its own pins, and asks for an address by itself
