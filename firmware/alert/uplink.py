"""Keep the network up, Wi-Fi or Ethernet, in steps that never wait."""

import sys

import network

from .backoff import Backoff

_PASSWORD = "is the password right? Check WIFI_PASSWORD"
_NOT_FOUND = "it is not found: check WIFI_NAME and the distance"
_NO_ADDRESS = "it gives no address: check its DHCP server"

# Why Wi-Fi doesn't connect, by the value of WLAN.status(): a constant of the port,
_NAMED = (
    ("STAT_WRONG_PASSWORD", _PASSWORD),
    ("STAT_HANDSHAKE_TIMEOUT", _PASSWORD),
    ("STAT_NO_AP_FOUND", _NOT_FOUND),
    ("STAT_BEACON_TIMEOUT", "its signal was lost"),
    ("STAT_ASSOC_FAIL", "it refuses this device: it may have too many devices"),
    ("STAT_CONNECT_FAIL", "the connection failed"),
)
# or a number without a name. ESP32: the reason of the last disconnection (wifi_err_reason_t).
_ESP32 = {
    2: "the login took too long: check WIFI_PASSWORD and the distance",
    5: "it has too many devices",
    14: _PASSWORD,
    15: _PASSWORD,  # timeout of the four-way handshake
    23: "it needs a login by 802.1X, which is not supported: use another Wi-Fi",
    205: "the connection failed",
    210: "its security does not fit this board (WPA2, WPA3): change it at the access point",
    211: "its security is too weak for this board: set the access point to WPA2",
    212: "its signal is too weak: move the board closer",
    1001: _NO_ADDRESS,
}
_RP2 = {2: _NO_ADDRESS}

_DRIVER = (OSError, ValueError, RuntimeError)  # the exceptions of drivers


class Uplink:
    """Keeps an interface up: connects, waits, and retries after longer and longer pauses.

    name: the Wi-Fi's; None: Ethernet, which comes up by itself when its cable is plugged in.
    patience: how long a try may take, in s. Call start() once. No method raises because of the
    interface: exceptions of its driver are logged.
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
        """Switch the interface on. This may take seconds: a Pico W loads its chip's program."""
        try:
            self._interface.active(True)
        except _DRIVER:  # step() switches it on again, and logs the error
            pass

    def step(self, seconds: int, say) -> None:
        """Poll the interface, and connect if that is due. seconds: since the start."""
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
            say("no network, retry in %d s: %s" % (wait, self._why_not()))
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
            # Its driver switches it off: a W5500 that did not answer, or an unplugged cable.
            if not self._interface.active():
                say("switching %s on again" % ("Wi-Fi" if self._name else "Ethernet"))
                self._interface.active(True)
            if self._name:
                # ESP32 keeps trying by itself, and refuses a second connect() until disconnect().
                self._interface.disconnect()
                self._interface.connect(self._name, self._password)
        except _DRIVER as exc:
            say("the network interface fails: " + str(exc))

    def _why_not(self):
        if not self._name:
            return "is the cable plugged in?"
        try:
            return "Wi-Fi %s: %s" % (self._name, _reason(self._interface.status()))
        except _DRIVER as exc:
            return "Wi-Fi %s: its status can't be read: %s" % (self._name, exc)


def _reason(status):
    """Return the meaning of a status of WLAN."""
    for name, words in _NAMED:
        if status == getattr(network, name, None):
            return words
    unnamed = _ESP32 if sys.platform == "esp32" else _RP2
    return unnamed.get(status) or "status %s" % status
