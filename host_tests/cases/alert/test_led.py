"""The alert application's LED codes."""

from fake_board import Pin, same

from alert import led
from alert.led import Led


def flashes(code, level_on=1):
    """Return the flashes in each of three periods, and how often the pin is set."""
    pin = Pin(2)
    light = Led(pin, level_on)
    found = []
    for turn in range(3):
        count = 0
        lit = False
        for ms in range(turn * 4096, turn * 4096 + 4096, 10):
            light.step(ms, code)
            count += not lit and pin.level == level_on
            lit = pin.level == level_on
        found.append(count)
    return found, pin.writes


def test_led_codes():
    for code in (led.WELL, led.OFFLINE, led.WAITING, led.REFUSED, led.SENDING):
        found, writes = flashes(code)
        same("flashes", found, [code] * 3)
        same("the pin is set only where that changes", writes, 6 * code)
        same("an LED that shines at 0", flashes(code, 0)[0], [code] * 3)


def test_board_without_an_led():
    light = Led(None, 1)
    light.light(True)
    light.step(0, led.WELL)
