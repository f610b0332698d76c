"""Find the errors of a configuration. Loaded only for this check.

Each problem is a pair: the words by which line_of() finds its line, and the message.
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

# Name, kind and default of each setting. A setting without a default is required.
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
    ("LOG_BYTES", _WHOLE, 8192),
    ("LOG_SECONDS", _NUMBER, 60),
    ("WATCHDOG_SECONDS", _NUMBER, 8),
    ("GRACE_SECONDS", _NUMBER, 2),
    ("RESTART_SECONDS", _NUMBER, 60),
)

_MONTH = 2678400  # s
# Lowest and highest value. If the lowest is in brackets, 0 is allowed too and switches it off.
_RANGES = (
    ("QUIET_MINUTES", LEAST_QUIET, 525600),
    ("HEARTBEAT_HOURS", [0.001], 8760),
    ("RETRY_SECONDS", 1, _MONTH),
    ("RETRY_MOST_SECONDS", 1, _MONTH),
    ("REFUSED_SECONDS", 1, _MONTH),
    ("NETWORK_SECONDS", 1, _MONTH),
    ("NETWORK_RETRY_SECONDS", 1, _MONTH),
    ("NETWORK_RETRY_MOST_SECONDS", 1, _MONTH),
    ("LOG_BYTES", 1024, 1 << 24),
    ("LOG_SECONDS", 0, _MONTH),
    ("WATCHDOG_SECONDS", [1], 3600),
    ("GRACE_SECONDS", 0, 3600),
    ("RESTART_SECONDS", 0, 86400),
)


def problems(config, wireless: bool) -> "list[tuple[tuple[str, ...], str]]":
    """Return all problems with the kinds of the settings or, if there are none, with the values.

    wireless: whether the configuration must name a Wi-Fi. Omitted settings are set to their
    default.
    """
    return list(kinds(config)) or list(values(config, wireless))


def kinds(config):
    """Yield unknown and missing settings, and wrong kinds; set the default of omitted ones."""
    known = [setting[0] for setting in _SETTINGS]
    for name in dir(config):
        if name[0] == "_" or name in known:
            continue
        if name.isupper():
            text = name + " is not a setting"
            advice = call("nearest", "suggestion", name, known)
            yield (name,), text + (advice or ": write your own names in small letters")
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
    """Yield settings of the right kind with a value that can't work."""
    if wireless and not config.WIFI_NAME:
        yield ("WIFI_NAME",), "WIFI_NAME is missing: this board needs Wi-Fi"
    for name, most in (("WIFI_NAME", 32), ("WIFI_PASSWORD", 64)):  # IEEE 802.11
        value = getattr(config, name)
        if value and not 0 < len(value.encode("utf-8", "surrogatepass")) <= most:
            yield (name,), "%s is longer than %d bytes" % (name, most)
    if not 0 < len(config.DEVICE) <= 200 or one_line(config.DEVICE) != config.DEVICE:
        text = "DEVICE has to be one line of 1 to 200 printable characters"
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
            yield (name,), "%s has to be %d or below" % (name, most)
    most = _most_watchdog_seconds()
    if most and most < config.WATCHDOG_SECONDS:
        yield ("WATCHDOG_SECONDS",), "WATCHDOG_SECONDS has to be %d or below on this board" % most


def _most_watchdog_seconds():
    """The longest time of the board's watchdog; None: no limit.

    An RP2040 takes 8,388 ms, an RP2350 twice that from MicroPython 1.29 on.
    """
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
