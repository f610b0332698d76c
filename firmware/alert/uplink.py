"""The network, Wi-Fi or Ethernet, kept up by steps that never wait."""

import sys

import network

from .backoff import Backoff

_PASSWORD = "is the password right?"
_NOT_IN_REACH = "it is not in reach"
_NO_ADDRESS = "it gives no address: is its DHCP server all right?"

# Why a Wi-Fi doesn't come up, by what WLAN.status() returns: the names that a port has for it,
_NAMED = (
    ("STAT_WRONG_PASSWORD", _PASSWORD),
    ("STAT_HANDSHAKE_TIMEOUT", _PASSWORD),
    ("STAT_NO_AP_FOUND", _NOT_IN_REACH),
    ("STAT_BEACON_TIMEOUT", "its signal was lost"),
    ("STAT_ASSOC_FAIL", "it refuses this device: does it take so many?"),
    ("STAT_CONNECT_FAIL", "the connection failed"),
)
# and numbers without a name. ESP32 gives the reason of the last disconnection (wifi_err_reason_t).
_ESP32 = {
    2: "the login took too long: is the password right, the signal strong enough?",
    5: "it has too many devices already",
    14: _PASSWORD,
    15: _PASSWORD,  # the four-way handshake ran out of time
    23: "the login by 802.1X failed, which the alert application does not have",
    205: "the connection failed",
    210: "its security (WPA, WPA2, WPA3) is another than this board's",
    211: "its security is weaker than this board takes",
    212: "its signal is too weak",
    1001: _NO_ADDRESS,
}
_RP2 = {2: _NO_ADDRESS}


class Uplink:
    """An interface, and what is done when it is down: connect, give it time, back off, again.

    name: of the Wi-Fi; None: Ethernet, which comes up by itself when its cable is in.
    patience: how long a try may take, in s. start() has to be called once.
    """

    def __init__(
        self,
        interface,
        name: "str | None",
        password: "str | None",
        patience: int,
        backoff: Backoff,
    ):
        self.up = False
        self._interface = interface
        self._name = name
        self._password = password
        self._patience = patience
        self._backoff = backoff
        self._trying = False
        self._due = 0

    def start(self) -> None:
        """Switch the interface on: it may take seconds (a Pico W's chip gets its program)."""
        self._interface.active(True)

    def step(self, seconds: int, say) -> None:
        """Look at it, and do what is due. seconds: since the start."""
        if self._interface.isconnected():
            if not self.up:
                self.up = True
                self._trying = False
                self._backoff.reset()
                say("the network is up, address " + self._address())
            return
        if self.up:
            self.up = False
            self._due = seconds
            say("the network is lost")
        if seconds < self._due:
            return
        if self._trying:
            self._trying = False
            wait = self._backoff.next()
            self._due = seconds + wait
            say("no network, again in %d s: %s" % (wait, self._why_not()))
        else:
            self._trying = True
            self._due = seconds + self._patience
            self._connect(say)

    def _address(self):
        interface = self._interface
        if hasattr(interface, "ipconfig"):  # rp2 from MicroPython 1.23, ESP32 from 1.24
            return interface.ipconfig("addr4")[0]
        return interface.ifconfig()[0]

    def _connect(self, say):
        if not self._name:
            # A driver may have set it down: a W5500 that did not answer, a cable that was out.
            if not self._interface.active():
                say("switching Ethernet on again")
                self._interface.active(True)
            return
        say("connecting to Wi-Fi " + self._name)
        try:
            # ESP32 goes on trying by itself, and refuses a second connect() meanwhile.
            self._interface.disconnect()
            self._interface.connect(self._name, self._password)
        except OSError as exc:
            say("Wi-Fi: " + str(exc))

    def _why_not(self):
        if not self._name:
            return "is the cable in?"
        return "Wi-Fi %s: %s" % (self._name, _reason(self._interface.status()))


def _reason(status):
    """What a status of WLAN means, in words where it has some."""
    for name, words in _NAMED:
        if status == getattr(network, name, None):
            return words
    unnamed = _ESP32 if sys.platform == "esp32" else _RP2
    return unnamed.get(status) or "status %s" % status
