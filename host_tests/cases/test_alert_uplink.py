"""The alert application's network: brought up, kept up, and nobody waits for it."""

from fake_board import Interface, Said, same

from alert.backoff import Backoff
from alert.uplink import Uplink


class Play:
    """An uplink to a Wi-Fi (None: Ethernet), its interface, and what they said."""

    def __init__(self, name="workshop"):
        self.interface = Interface()
        self.said = Said()
        self.uplink = Uplink(self.interface, name, "secret words", 20, Backoff(5, 40))
        self.seconds = 0

    def run(self, seconds):
        """When connect() was called meanwhile, in s."""
        called = []
        for _ in range(seconds):
            self.interface.calls.clear()
            self.uplink.step(self.seconds, self.said.say)
            if "connect" in self.interface.calls:
                called.append(self.seconds)
            self.seconds += 1
        return called


def test_it_comes_up():
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


def test_it_is_tried_again_and_less_and_less_often():
    play = Play()
    # 20 s for each try, then 5, 10, 20, 40, 40 s.
    same("connect", play.run(260), [0, 25, 55, 95, 155, 215])
    same("told", [play.said.has("again in %d s" % wait) for wait in (5, 10, 20, 40)], [True] * 4)


def test_it_is_lost_and_found():
    play = Play()
    play.run(60)
    play.interface.connected = True
    play.run(10)
    play.interface.connected = False
    lost_at = play.seconds
    # At once, and the backoff begins anew.
    same("connect", play.run(60), [lost_at, lost_at + 25, lost_at + 55])
    same("told", play.said.has("the network is lost"), True)
    same("up", play.uplink.up, False)


def test_a_connect_that_raises():
    play = Play()
    play.interface.problem = OSError("Wifi Internal Error")
    same("connect", play.run(30), [0, 25])
    same("told", play.said.has("Wifi Internal Error"), True)


def test_reasons():
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


def test_ethernet():
    play = Play(None)
    same("connect", play.run(30), [])
    same("told", play.said.has("is the cable in?"), True)
    play.interface.connected = True
    play.run(5)
    same("up", play.uplink.up, True)
