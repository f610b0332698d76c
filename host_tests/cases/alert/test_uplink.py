"""The alert application's network: started and kept up without waiting."""

import sys

from fake_board import Interface, Said, same

from alert import uplink
from alert.backoff import Backoff
from alert.uplink import Uplink


class Play:
    """Return an uplink to a Wi-Fi (None: Ethernet), its interface, and the log."""

    def __init__(self, name="workshop"):
        self.interface = Interface()
        self.said = Said()
        self.uplink = Uplink(self.interface, name, "secret words", 20, Backoff(5, 40))
        self.seconds = 0

    def run(self, seconds):
        """Return the times in s at which connect() was called."""
        called = []
        for _ in range(seconds):
            self.interface.calls.clear()
            self.uplink.step(self.seconds, self.said.say)
            if "connect" in self.interface.calls:
                called.append(self.seconds)
            self.seconds += 1
        return called


def test_network_comes_up():
    play = Play()
    play.uplink.start()
    same("start", play.interface.calls, ["active"])
    same("connect", play.run(5), [0])
    same("up", play.uplink.up, False)
    play.interface.connected = True
    same("connect", play.run(100), [])
    same("up", play.uplink.up, True)
    same(
        "told",
        play.said.lines,
        ["connecting to Wi-Fi workshop", "the network is up, address 192.0.2.7"],
    )


def test_network_is_tried_again_with_backoff():
    play = Play()
    # 20 s for each try, then 5, 10, 20, 40, 40 s.
    same("connect", play.run(260), [0, 25, 55, 95, 155, 215])
    same("told", [play.said.has("retry in %d s" % wait) for wait in (5, 10, 20, 40)], [True] * 4)


def test_network_is_lost_and_comes_back():
    play = Play()
    play.run(60)
    play.interface.connected = True
    play.run(10)
    play.interface.connected = False
    lost_at = play.seconds
    # At once, and the backoff restarts.
    same("connect", play.run(60), [lost_at, lost_at + 25, lost_at + 55])
    same("told", play.said.has("the network is lost"), True)
    same("up", play.uplink.up, False)


def test_connect_that_raises_is_logged_and_tried_again():
    play = Play()
    play.interface.problem = OSError("Wifi Internal Error")
    same("connect", play.run(30), [0, 25])
    same("told", play.said.has("Wifi Internal Error"), True)


class Broken(Interface):
    """Each call of its driver raises."""

    def __init__(self):
        Interface.__init__(self)
        self.error = OSError("driver")

    def fail(self, *args):
        raise self.error

    active = connect = disconnect = isconnected = status = ipconfig = fail


def test_exceptions_of_the_driver_are_logged():
    for name in ("workshop", None):
        for error in (OSError("driver"), RuntimeError("driver"), ValueError("driver")):
            play = Play(name)
            works = play.interface
            broken = play.uplink._interface = Broken()
            broken.error = error
            play.uplink.start()
            play.run(60)
            same("up", play.uplink.up, False)
            same("told", play.said.has("the network interface fails: driver"), True)
            works.connected = True
            play.uplink._interface = works
            play.run(5)
            same("up", play.uplink.up, True)


def test_unreadable_address_is_no_problem():
    play = Play()
    play.interface.connected = True
    play.interface.ipconfig = Broken().fail
    play.run(5)
    same("up", play.uplink.up, True)
    same("told", play.said.has("address unknown: driver"), True)


def test_wifi_that_did_not_start_is_started_again():
    play = Play()
    play.interface.is_active = False
    play.run(1)
    same("active", play.interface.is_active, True)
    same("told", play.said.has("switching Wi-Fi on again"), True)


def test_reasons_are_written_in_words():
    play = Play()
    play.interface.state = -3
    play.run(21)
    same("told", play.said.has("is the password right?"), True)
    play.interface.state = 7
    play.run(40)
    same("told", play.said.has("Wi-Fi workshop: status 7"), True)
    for line in play.said.lines:
        if "secret" in line:
            raise AssertionError(line)


def test_reasons_of_esp32_are_written_in_words():
    """It reports the last disconnection as a number without a name."""
    platform = uplink.sys.platform
    for status, words in (
        (15, "is the password right?"),
        (201, "status 201"),  # the stand-in uses the name of another number
        (210, "its security"),
        (212, "its signal is too weak"),
        (1001, "it gives no address"),
        (77, "status 77"),
    ):
        play = Play()
        play.interface.state = status
        uplink.sys = Esp32
        try:
            play.run(21)
        finally:
            uplink.sys = sys
        same("told %d in %s" % (status, play.said.lines), play.said.has(words), True)
    same("platform", uplink.sys.platform, platform)


class Esp32:
    platform = "esp32"


def test_ethernet_comes_up():
    play = Play(None)
    same("connect", play.run(30), [])
    same("told", play.said.has("is the cable plugged in?"), True)
    play.interface.connected = True
    play.run(5)
    same("up", play.uplink.up, True)
    same("switched on", play.interface.calls, [])


def test_ethernet_set_down_by_its_driver_is_started_again():
    play = Play(None)
    play.interface.connected = True
    play.run(5)
    play.interface.connected = play.interface.is_active = False
    play.uplink.step(play.seconds, play.said.say)
    same("active", play.interface.is_active, True)
    same("told", play.said.has("switching Ethernet on again"), True)


def test_interface_without_ipconfig():
    """ESP32 before 1.24."""

    class Older:
        def __init__(self, interface):
            self.isconnected = interface.isconnected

        def ifconfig(self):
            return ("192.0.2.8", "", "", "")

    play = Play()
    play.interface.connected = True
    play.uplink._interface = Older(play.interface)
    play.run(1)
    same("told", play.said.has("address 192.0.2.8"), True)
