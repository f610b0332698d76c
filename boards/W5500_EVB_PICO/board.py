"""WIZnet W5500-EVB-Pico, with Ethernet: its pins and its network."""

import network

NAME = "W5500-EVB-Pico"  # in sys.implementation._machine
WIRELESS = False
LED = "LED"
LED_ON = 1

# The pins of the inputs in config_example.py, and of the examples.
DIGITAL = 15
ANALOGUE = 26


def interface():
    """Return the network interface, not yet active."""
    return network.WIZNET5K()  # the firmware has its pins, and uses DHCP
