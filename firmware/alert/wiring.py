"""Create inputs and their rules from INPUTS of the configuration."""

import machine

from .inputs import Analogue, Digital, Timer
from .rules import Rule
from .seldom import call

_NO_PIN = (ValueError, TypeError, OSError, OverflowError)  # what machine.Pin raises


def rule(options: "dict[str, object]", quiet_minutes: float) -> Rule:
    """Return the rule of an input. options: its dict in INPUTS; quiet_minutes: the default.

    Raises ValueError; its text begins with the wrong key.
    """
    found = call("input_options", "checked", options, quiet_minutes)
    make = {"digital": _digital, "analogue": _analogue, "every_minutes": _timer}
    return Rule(make[found["kind"]](found), round(found["quiet_minutes"] * 60))


def _timer(found):
    return Timer(found["name"], found["text"], round(found["every_minutes"] * 60))


def _digital(found):
    pull = found["pull"]
    if pull:
        pull = machine.Pin.PULL_UP if pull == "up" else machine.Pin.PULL_DOWN
    try:
        pin = machine.Pin(found["digital"], machine.Pin.IN, pull)
    except _NO_PIN as exc:
        raise ValueError("digital: this board has no such pin: %s" % exc)
    name, text, settle = found["name"], found["text"], found["settle_ms"]
    return Digital(name, text, settle, pin, found["alarm"], found["words"])


def _analogue(found):
    try:
        adc = _adc(found["analogue"])
    except _NO_PIN as exc:
        raise ValueError("analogue: this board can't measure at that pin: %s" % exc)
    return Analogue(
        found["name"],
        found["text"],
        found["settle_ms"],
        adc,
        found["scale"],
        found["unit"],
        found["limit"],
        found["hysteresis"],
        found["way"] == "above",
    )


def _adc(pin):
    try:
        adc = machine.ADC(pin)
    except (ValueError, TypeError):
        adc = machine.ADC(machine.Pin(pin))  # ESP32 needs a Pin
    if hasattr(adc, "atten"):
        adc.atten(adc.ATTN_11DB)  # ESP32: the widest range, 0 to 3.1 V
    return adc
