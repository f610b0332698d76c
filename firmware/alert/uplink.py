"""The network, Wi-Fi or Ethernet, kept up by steps that never wait."""

import network

from .backoff import Backoff

# Why a Wi-Fi doesn't come up, where the port can tell.
_REASONS = (
    ("STAT_WRONG_PASSWORD", "is the password right?"),
    ("STAT_NO_AP_FOUND", "it is not in reach"),
)


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
                say("the network is up, address " + self._interface.ifconfig()[0])
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

    def _connect(self, say):
        if not self._name:
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
        status = self._interface.status()
        for name, reason in _REASONS:
            if status == getattr(network, name, None):
                return "Wi-Fi %s: %s" % (self._name, reason)
        return "Wi-Fi %s: status %s" % (self._name, status)
