"""The alert application on a stand-in of a board, with a scripted mail server and its own time."""

import hssmtp
from fake_board import PINS, Interface, Pin
from scripted import PORTS, ScriptedLink, Server

from alert import mail
from alert.app import App
from alert.led import Led

OPEN = 0  # the door's contact is in alarm
SHUT = 1


class Config:
    """A checked configuration."""

    DEVICE = "boiler room"
    WIFI_NAME = "workshop"
    WIFI_PASSWORD = "the way in"
    SENDER = "boiler@example.com"
    RECIPIENTS = ("ops@example.com",)
    INPUTS = (
        {"name": "Door", "digital": 15, "words": ("shut", "open"), "text": "The door is open"},
        {"name": "Boiler", "analogue": 26, "scale": (0, 330), "unit": "°C", "above": 90},
    )
    QUIET_MINUTES = 1
    HEARTBEAT_HOURS = 0
    RETRY_SECONDS = 60
    RETRY_MOST_SECONDS = 600
    REFUSED_SECONDS = 3600
    NETWORK_SECONDS = 20
    NETWORK_RETRY_SECONDS = 5
    NETWORK_RETRY_MOST_SECONDS = 300
    NTP_SERVER = None
    NTP_PORT = 123
    LOG_BYTES = 8192
    LOG_SECONDS = 60


class Board:
    """A stand-in of boards/*/board.py."""

    WIRELESS = True

    def __init__(self, connected):
        self.network = Interface()
        self.network.connected = connected

    def interface(self):
        return self.network


class Play:
    """A device after a reset, in the folder of the test."""

    def __init__(self, replies=None, config=Config, connected=True, port=None, **manners):
        self.server = Server(replies=replies)
        self.link = ScriptedLink(self.server, **manners)
        self.port = PORTS[port](self.link) if port else None
        self.board = Board(connected)
        client = mail.client
        mail.client = self._client
        try:
            self.app = App(config, self.board, Led(Pin(2), 1))
        finally:
            mail.client = client
        self.app.start()
        self.door = PINS.get(15)
        self.boiler = PINS.get(26)
        self.ms = 0

    def _client(self, config):
        link = self.port.link() if self.port else self.link
        self.client = hssmtp.Client("mail.example.com", security="none", link=link)
        if self.port:
            self.port.adopt(self.client)
        return self.client

    def run(self, seconds, every_ms=20, until=None):
        """Let time pass; return True if `until()` has ended it."""
        for _ in range(seconds * 1000 // every_ms):
            self.ms += every_ms
            self.app.step(self.ms)
            if until and until():
                return True
        return False

    def press(self, seconds=1):
        """Open and close the door."""
        self.door.level = OPEN
        self.run(seconds)
        self.door.level = SHUT
        self.run(1)

    def texts(self):
        """Return the texts of the accepted mails."""
        return [text.decode() for _, _, text in self.server.mails]
