"""What may be wrong with a configuration. Each error is a pair: words for line_of(), a text."""

import sys

import hssmtp

from . import mail, wiring
from .sntp import Question

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

# Each setting, what it has to be, and what it is where config.py doesn't say. Without a third
# config.py has to say.
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

# What the library's complaints begin with, and the setting that they are about.
_ARGUMENTS = {"security": "SECURITY", "port": "PORT", "ca": "CA"}


def kinds(config):
    """Settings that are unknown, missing or of a wrong kind. Those left out get their default."""
    known = [setting[0] for setting in _SETTINGS]
    for name in dir(config):
        if name.isupper() and name not in known:
            yield (name,), name + " is no setting: is it misspelled?"
    for name, kind, *default in _SETTINGS:
        if not hasattr(config, name):
            if default:
                setattr(config, name, default[0])
            else:
                yield (), name + " is missing"
        elif not _fits(getattr(config, name), kind, default):
            yield (name,), name + " has to be " + kind


def _fits(value, kind, default):
    if default and value is default[0]:
        return True
    if isinstance(value, bool) and kind != _FLAG or not isinstance(value, _KINDS[kind]):
        return False
    return not isinstance(value, (int, float)) or value >= 0


def values(config, wireless: bool):
    """Settings of the right kind that can't be meant: found by trying them."""
    if wireless and not config.WIFI_NAME:
        yield ("WIFI_NAME",), "WIFI_NAME is missing, and this board has no other network"
    if not config.DEVICE or min(config.DEVICE) < " ":
        yield ("DEVICE",), "DEVICE has to be a text of one line"
    is_half_a_login = (config.USER is None) != (config.PASSWORD is None)
    if is_half_a_login:
        yield ("USER",), "USER and PASSWORD go together"
    if config.QUIET_MINUTES < wiring.LEAST_QUIET:
        yield ("QUIET_MINUTES",), "QUIET_MINUTES has to be %s or above" % wiring.LEAST_QUIET
    most = _most_watchdog_seconds()
    if most and most < config.WATCHDOG_SECONDS:
        yield ("WATCHDOG_SECONDS",), "WATCHDOG_SECONDS is %d at most on this board" % most
    try:
        mail.client(config)
    except ValueError as exc:
        argument = str(exc).split(":")[0]
        if not is_half_a_login or argument not in ("username", "password"):
            yield (_ARGUMENTS.get(argument, "SERVER"),), str(exc)
    except OSError:
        yield ("CA",), "CA: there is no file " + config.CA
    for address in [config.SENDER] + list(config.RECIPIENTS):
        setting = "SENDER" if address is config.SENDER else "RECIPIENTS"
        try:
            hssmtp.Message(address, to=address)
        except (ValueError, TypeError, AttributeError) as exc:
            # The exception names its argument, which here is the setting.
            problem = str(exc).split(": ", 1)[-1]
            yield (setting, '"%s"' % address), "%s: address: %s" % (setting, problem)
    if not config.RECIPIENTS:
        yield ("RECIPIENTS",), "RECIPIENTS: there are none"
    if config.NTP_SERVER:
        try:
            Question(config.NTP_SERVER, config.NTP_PORT)
        except ValueError as exc:
            yield ("NTP_SERVER",), "NTP_SERVER: " + str(exc)
    yield from _inputs(config)


def _most_watchdog_seconds():
    """RP2040's watchdog takes 8,388 ms, RP2350's twice that from 1.29 on; None: no limit."""
    if sys.platform != "rp2":
        return None
    rp2350 = "RP2350" in sys.implementation._machine
    return 16 if rp2350 and sys.implementation.version[:2] >= (1, 29) else 8


def _inputs(config):
    names = []
    for number, options in enumerate(config.INPUTS, 1):
        name = options.get("name") if isinstance(options, dict) else None
        if not isinstance(name, str) or name in names:
            yield ("INPUTS",), 'INPUTS: number %d needs a "name" of its own' % number
            continue
        names.append(name)
        try:
            wiring.rule(options, 0)
        except ValueError as exc:
            yield ("INPUTS", '"%s"' % name), "%s: %s" % (name, exc)
