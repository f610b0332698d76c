"""What may be wrong with a configuration. Loaded for that alone.

Each problem is a pair: words for line_of(), a text.
"""

import sys

from . import wiring
from .input_options import LEAST_QUIET
from .output import one_line
from .seldom import call

TEMPORARY = True  # freed after the call that needed it

_NUMBER = "a number, 0 or above"
_WHOLE = "a whole number, 0 or above"
_TEXT = "a text in quotes"
_TEXT_OR_NONE = "a text in quotes, or None"
_FLAG = "True or False"
_LIST = "a list, in [ ]"

_KINDS = {
    _NUMBER: (int, float),
    _WHOLE: int,
    _TEXT: str,
    _TEXT_OR_NONE: (str, type(None)),
    _FLAG: bool,
    _LIST: (list, tuple),
}

# Each setting, what it has to be, and its default. One without a default has to be set.
_SETTINGS = (
    ("DEVICE", _TEXT),
    ("WIFI_NAME", _TEXT_OR_NONE, None),
    ("WIFI_PASSWORD", _TEXT_OR_NONE, None),
    ("SERVER", _TEXT),
    ("PORT", _WHOLE, None),
    ("SECURITY", _TEXT, "starttls"),
    ("USER", _TEXT_OR_NONE, None),
    ("PASSWORD", _TEXT_OR_NONE, None),
    ("CA", _TEXT_OR_NONE, None),
    ("INSECURE", _FLAG, False),
    ("ALLOW_PLAINTEXT_AUTH", _FLAG, False),
    ("HOSTNAME", _TEXT_OR_NONE, None),
    ("SENDER", _TEXT),
    ("RECIPIENTS", _LIST),
    ("INPUTS", _LIST),
    ("QUIET_MINUTES", _NUMBER, 15),
    ("HEARTBEAT_HOURS", _NUMBER, 24),
    ("RETRY_SECONDS", _NUMBER, 60),
    ("RETRY_MOST_SECONDS", _NUMBER, 1800),
    ("REFUSED_SECONDS", _NUMBER, 3600),
    ("NETWORK_SECONDS", _NUMBER, 20),
    ("NETWORK_RETRY_SECONDS", _NUMBER, 5),
    ("NETWORK_RETRY_MOST_SECONDS", _NUMBER, 300),
    ("NTP_SERVER", _TEXT_OR_NONE, "pool.ntp.org"),
    ("NTP_PORT", _WHOLE, 123),
    ("LOG_OCTETS", _WHOLE, 8192),
    ("LOG_SECONDS", _NUMBER, 60),
    ("WATCHDOG_SECONDS", _NUMBER, 8),
    ("GRACE_SECONDS", _NUMBER, 2),
    ("RESTART_SECONDS", _NUMBER, 60),
)

_MONTH = 2678400  # s
# The least and the most of each. 0 switches off what has a least in brackets.
_RANGES = (
    ("QUIET_MINUTES", LEAST_QUIET, 525600),
    ("HEARTBEAT_HOURS", [0.001], 8760),
    ("RETRY_SECONDS", 1, _MONTH),
    ("RETRY_MOST_SECONDS", 1, _MONTH),
    ("REFUSED_SECONDS", 1, _MONTH),
    ("NETWORK_SECONDS", 1, _MONTH),
    ("NETWORK_RETRY_SECONDS", 1, _MONTH),
    ("NETWORK_RETRY_MOST_SECONDS", 1, _MONTH),
    ("LOG_OCTETS", 1024, 1 << 24),
    ("LOG_SECONDS", 0, _MONTH),
    ("WATCHDOG_SECONDS", [1], 3600),
    ("GRACE_SECONDS", 0, 3600),
    ("RESTART_SECONDS", 0, 86400),
)


def problems(config, wireless: bool) -> "list[tuple[tuple[str, ...], str]]":
    """Return all that is wrong: with the kinds of the settings or, if those are right, the values.

    wireless: whether the configuration has to name a Wi-Fi. Settings left out get their default.
    """
    return list(kinds(config)) or list(values(config, wireless))


def kinds(config):
    """Yield settings that are unknown, missing or of a wrong kind; set defaults for the others."""
    known = [setting[0] for setting in _SETTINGS]
    for name in dir(config):
        if name[0] == "_" or name in known:
            continue
        if name.isupper():
            text = name + " is no setting"
            advice = call("nearest", "suggestion", name, known)
            yield (name,), text + (advice or ": write names of your own in small letters")
        elif name.upper() in known:
            yield (name,), "%s has to be in capitals: %s" % (name, name.upper())
    for name, kind, *default in _SETTINGS:
        if not hasattr(config, name):
            if default:
                setattr(config, name, default[0])
            else:
                yield (), name + " is missing"
            continue
        value = getattr(config, name)
        if not _fits(value, kind, default):
            text = "%s has to be %s" % (name, kind)
            if kind in (_NUMBER, _WHOLE) and isinstance(value, str):
                text += ", without quotes"
            yield (name,), text


def _fits(value, kind, default):
    if default and value is default[0]:
        return True
    if isinstance(value, bool) and kind != _FLAG or not isinstance(value, _KINDS[kind]):
        return False
    return not isinstance(value, (int, float)) or value >= 0


def values(config, wireless: bool):
    """Yield settings of the right kind whose values can't work."""
    if wireless and not config.WIFI_NAME:
        yield ("WIFI_NAME",), "WIFI_NAME is missing, and this board has no other network"
    for name, most in (("WIFI_NAME", 32), ("WIFI_PASSWORD", 64)):  # IEEE 802.11
        value = getattr(config, name)
        if value and not 0 < len(value.encode("utf-8", "surrogatepass")) <= most:
            yield (name,), "%s has to be of at most %d bytes" % (name, most)
    if not 0 < len(config.DEVICE) <= 200 or one_line(config.DEVICE) != config.DEVICE:
        text = "DEVICE has to be a text of one line, 1 to 200 printable characters"
        yield ("DEVICE",), text
    yield from _numbers(config)
    yield from call("server_checks", "problems", config)
    yield from _inputs(config)


def _numbers(config):
    for name, least, most in _RANGES:
        value = getattr(config, name)
        words = ""
        if isinstance(least, list):
            least = least[0] if value else 0
            words = "0, or "
        if value < least:
            yield (name,), "%s has to be %s%s or above" % (name, words, least)
        elif not value <= most:  # infinity too
            yield (name,), "%s is %d at most" % (name, most)
    most = _most_watchdog_seconds()
    if most and most < config.WATCHDOG_SECONDS:
        yield ("WATCHDOG_SECONDS",), "WATCHDOG_SECONDS is %d at most on this board" % most


def _most_watchdog_seconds():
    """RP2040's watchdog takes 8,388 ms, RP2350's twice that from 1.29 on; None: no limit."""
    if sys.platform != "rp2":
        return None
    rp2350 = "RP2350" in sys.implementation._machine
    return 16 if rp2350 and sys.implementation.version[:2] >= (1, 29) else 8


def _inputs(config):
    names = []
    for number, options in enumerate(config.INPUTS, 1):
        if not isinstance(options, dict):
            yield ("INPUTS",), "INPUTS: number %d needs options in { }" % number
            continue
        name = options.get("name")
        if not isinstance(name, str) or name in names:
            yield ("INPUTS",), 'INPUTS: number %d needs a "name" of its own' % number
            continue
        names.append(name)
        try:
            wiring.rule(options, 0)
        except ValueError as exc:
            yield ("INPUTS", '"%s"' % name), "%s: %s" % (name, exc)
