"""From the configuration's INPUTS to inputs and their rules."""

import machine

from .inputs import Analogue, Digital, Timer
from .rules import Rule

_KINDS = ("digital", "analogue", "every_minutes")
_REQUIRED = object()

LEAST_QUIET = 0.1  # min. Each mail is written to flash first: a flapping input would wear it out


def rule(options: "dict[str, object]", quiet_minutes: float) -> Rule:
    """An input as the configuration has it, and its rule; quiet_minutes: where it has none.

    Raises ValueError; its text begins with the key that is wrong.
    """
    left = dict(options)
    name = _text(left, "name")
    kinds = [kind for kind in _KINDS if kind in left]
    if len(kinds) != 1:
        raise ValueError("name: an input has one of digital, analogue and every_minutes")
    if "quiet_minutes" in left:
        quiet_minutes = _number(left, "quiet_minutes", low=LEAST_QUIET)
    if kinds[0] == "digital":
        source = _digital(left, name)
    elif kinds[0] == "analogue":
        source = _analogue(left, name)
    else:
        every = _number(left, "every_minutes", low=1)
        source = Timer(name, _text(left, "text", name), round(every * 60))
        quiet_minutes = 0
    for key in left:
        raise ValueError(key + ": there is no such key here")
    return Rule(source, round(quiet_minutes * 60))


def _digital(left, name):
    pin = left.pop("digital")
    pull = _choice(left, "pull", ("up", "down", None))
    if pull:
        pull = machine.Pin.PULL_UP if pull == "up" else machine.Pin.PULL_DOWN
    alarm = _choice(left, "alarm", (0, 1))
    words = _pair(left, "words", ("normal", "alarm"), str)
    text = _text(left, "text", name)
    settle = _number(left, "settle_ms", 50)
    try:
        pin = machine.Pin(pin, machine.Pin.IN, pull)
    except (ValueError, TypeError) as exc:
        raise ValueError("digital: there is no such pin: " + str(exc))
    return Digital(name, text, settle, pin, alarm, words)


def _analogue(left, name):
    pin = left.pop("analogue")
    scale = _pair(left, "scale", (0, 3.3), (int, float))
    unit = _text(left, "unit", "V")
    if ("above" in left) == ("below" in left):
        raise ValueError("analogue: an alarm is either above or below a limit")
    way = "above" if "above" in left else "below"
    limit = _number(left, way, low=None)
    hysteresis = _number(left, "hysteresis", abs(scale[1] - scale[0]) / 100)
    text = _text(left, "text", "%s is %s %s %s" % (name, way, limit, unit))
    settle = _number(left, "settle_ms", 500)
    try:
        adc = _adc(pin)
    except (ValueError, TypeError) as exc:
        raise ValueError("analogue: there is no such pin: " + str(exc))
    return Analogue(name, text, settle, adc, scale, unit, limit, hysteresis, way == "above")


def _adc(pin):
    try:
        adc = machine.ADC(pin)
    except (ValueError, TypeError):
        adc = machine.ADC(machine.Pin(pin))  # ESP32 takes no number
    if hasattr(adc, "atten"):
        adc.atten(adc.ATTN_11DB)  # ESP32: all of its range, 0 to 3.1 V
    return adc


def _text(left, key, default=_REQUIRED):
    value = left.pop(key, default)
    if not isinstance(value, str) or not value or min(value) < " ":
        raise ValueError(key + ": a text in quotes, of one line")
    return value


def _number(left, key, default=_REQUIRED, low: "float | None" = 0):
    value = left.pop(key, default)
    if not isinstance(value, (int, float)) or low is not None and value < low:
        raise ValueError(key + ": a number" + ("" if low is None else ", %s or above" % low))
    return value


def _pair(left, key, default, kind):
    value = left.pop(key, default)
    good = isinstance(value, (tuple, list)) and len(value) == 2 and value[0] != value[1]
    if not good or not isinstance(value[0], kind) or not isinstance(value[1], kind):
        raise ValueError("%s: two that differ, as %r" % (key, default))
    return value


def _choice(left, key, choices):
    """One of a few values: the first, where none is given."""
    value = left.pop(key, choices[0])
    if value not in choices:
        raise ValueError("%s: one of %s" % (key, choices))
    return value
