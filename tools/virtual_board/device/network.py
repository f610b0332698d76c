"""The module network: Wi-Fi and Ethernet that come and go as the registers say."""

import registers as places
from micropython import const
from outside import ask, registers

STA_IF = const(0)
AP_IF = const(1)

STAT_IDLE = const(0)
STAT_CONNECTING = const(1)
STAT_GOT_IP = const(3)
STAT_WRONG_PASSWORD = const(-3)
STAT_NO_AP_FOUND = const(-2)
STAT_CONNECT_FAIL = const(-1)

_STATUS = {
    "joined": STAT_GOT_IP,
    "wrong password": STAT_WRONG_PASSWORD,
    "not found": STAT_NO_AP_FOUND,
}

# Everything is on this machine.
_ADDRESS = ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

_hostname = "virtual-board"


class _Interface:
    """As on a board, each WLAN() is the same interface: what it knows is the class's."""

    _active = False

    def active(self, on=None):
        if on is not None:
            type(self)._active = bool(on)
        return self._active

    def isconnected(self):
        return self._active and registers[places.NETWORK] != 0

    def ifconfig(self, config=None):
        return _ADDRESS if self.isconnected() else ("0.0.0.0",) * 4

    def ipconfig(self, name=None, **config):
        address, mask, gateway, _ = self.ifconfig()
        known = {"addr4": (address, mask), "gw4": gateway, "dhcp4": True, "has_dhcp4": True}
        return known[name] if name else None

    def config(self, name=None, **config):
        return b"\2virt\0" if name == "mac" else None


class WLAN(_Interface):
    """Wi-Fi. As on a Pico W, a network that went and came back has to be connected to anew."""

    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = const(0)

    _status = STAT_IDLE
    _joined = 0  # what the register NETWORK said then

    def __init__(self, interface_id=STA_IF):
        pass

    def connect(self, ssid=None, key=None, **config):
        if not self._active:
            raise OSError(5)  # EIO
        WLAN._status = _STATUS[ask("join", ssid, key)]
        WLAN._joined = registers[places.NETWORK]

    def disconnect(self):
        WLAN._status = STAT_IDLE

    def status(self, name=None):
        if name == "rssi":
            return -50 if self.isconnected() else 0
        if self._status == STAT_GOT_IP and not self.isconnected():
            WLAN._status = STAT_CONNECT_FAIL
        return self._status

    def isconnected(self):
        there = super().isconnected() and registers[places.NETWORK] == self._joined
        return there and self._status == STAT_GOT_IP

    def scan(self):
        return [(ssid.encode(), b"\2virt\0", 1, -50, 5, False) for ssid in ask("scan")]


class LAN(_Interface):
    """Ethernet: the network is there when the cable is."""

    def __init__(self, *arguments, **config):
        pass

    def status(self):
        return STAT_GOT_IP if self.isconnected() else STAT_IDLE


WIZNET5K = LAN


def ipconfig(name=None, **config):
    if name == "dns":
        return _ADDRESS[3] if WLAN().isconnected() or LAN().isconnected() else "0.0.0.0"
    return 4 if name == "prefer" else None


def hostname(name=None):
    global _hostname
    _hostname = name or _hostname
    return _hostname


def country(code=None):
    return code or "XX"
