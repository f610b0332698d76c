"""What the tests of the virtual board share."""

WLAN = "import network, socket, time\nwlan = network.WLAN()\nwlan.active(True)\n"
