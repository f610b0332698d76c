"""The network, Wi-Fi or Ethernet, kept up by steps that never wait."""

import sys

import network

from .backoff import Backoff

_PASSWORD = "is the password right? Check WIFI_PASSWORD"
_NOT_IN_REACH = "it is not in reach: check WIFI_NAME and the distance"
_NO_ADDRESS = "it gives no address: check its DHCP server"

# Why a Wi-Fi doesn't come up, by what WLAN.status() returns: a constant of the port,
_NAMED = (
    ("STAT_WRONG_PASSWORD", _PASSWORD),
    ("STAT_HANDSHAKE_TIMEOUT", _PASSWORD),
    ("STAT_NO_AP_FOUND", _NOT_IN_REACH),
    ("STAT_BEACON_TIMEOUT", "its signal was lost"),
    ("STAT_ASSOC_FAIL", "it refuses this device: it may have too many already"),
    ("STAT_CONNECT_FAIL", "the connection failed"),
)
# or a number without one. ESP32 gives the reason of the last disconnection (wifi_err_reason_t).
_ESP32 = {
    2: "the login took too long: check WIFI_PASSWORD and the distance",
    5: "it has too many devices already",
    14: _PASSWORD,
    15: _PASSWORD,  # the four-way handshake ran out of time
    23: "it wants a login by 802.1X, which the alert application can't do: use another Wi-Fi",
    205: "the connection failed",
    210: "its security differs from this board's (WPA2, WPA3): change that of the access point",
    211: "its security is weaker than this board takes: set the access point to WPA2",
    212: "its signal is too weak: bring them closer together",
    1001: _NO_ADDRESS,
}
_RP2 = {2: _NO_ADDRESS}

_DRIVER = (OSError, ValueError, RuntimeError)  # what a driver raises


class Uplink:
    """Keeps an interface up: connects, waits, and tries again after longer and longer pauses.

    name: of the Wi-Fi; None: Ethernet, which comes up by itself when its cable is in.
    patience: how long a try may take, in s. Call start() once. No method raises because of the
    interface: what its driver raises is said.
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
        try:
            self._interface.active(True)
        except _DRIVER:  # step() switches it on again, and says what is wrong
            pass

    def step(self, seconds: int, say) -> None:
        """Look at the interface, and do what is due. seconds: since the start."""
        if self._is_connected():
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

    def _is_connected(self):
        try:
            return self._interface.isconnected()
        except _DRIVER:
            return False

    def _address(self):
        interface = self._interface
        try:
            if hasattr(interface, "ipconfig"):  # rp2 from MicroPython 1.23, ESP32 from 1.24
                return interface.ipconfig("addr4")[0]
            return interface.ifconfig()[0]
        except _DRIVER as exc:
            return "unknown: " + str(exc)

    def _connect(self, say):
        if self._name:
            say("connecting to Wi-Fi " + self._name)
        try:
            # A driver may have switched it off: a W5500 that did not answer, a cable that was out.
            if not self._interface.active():
                say("switching %s on again" % ("Wi-Fi" if self._name else "Ethernet"))
                self._interface.active(True)
            if self._name:
                # ESP32 goes on trying by itself, and refuses a second connect() meanwhile.
                self._interface.disconnect()
                self._interface.connect(self._name, self._password)
        except _DRIVER as exc:
            say("the network interface fails: " + str(exc))

    def _why_not(self):
        if not self._name:
            return "is the cable in?"
        try:
            return "Wi-Fi %s: %s" % (self._name, _reason(self._interface.status()))
        except _DRIVER as exc:
            return "Wi-Fi %s: its status can't be read: %s" % (self._name, exc)


def _reason(status):
    """What a status of WLAN means."""
    for name, words in _NAMED:
        if status == getattr(network, name, None):
            return words
    unnamed = _ESP32 if sys.platform == "esp32" else _RP2
    return unnamed.get(status) or "status %s" % status
