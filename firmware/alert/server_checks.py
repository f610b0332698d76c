"""Find errors in the settings of servers and addresses. Loaded only for this check."""

import sys

import hssmtp

from . import mail, terms
from .flash import problem
from .seldom import call

TEMPORARY = True  # freed after the call that needed it

_ENOENT = 2
_SECURITY = ("starttls", "tls", "none")
_ALSO_CALLED = {"ssl": "tls", "ssl/tls": "tls", "smtps": "tls", "plain": "none", "": "none"}
_GET_CA = "`make configure` finds it, and `make flash` copies device/ca.der to the board"


def problems(config) -> "list[tuple[tuple[str, ...], str]]":
    """Return the problems as pairs: words for line_of(), and the message."""
    found = list(_host(config)) + list(_login(config)) + list(_security(config))
    if not found:
        found += _client(config)
    return found + list(_addresses(config)) + list(_time_server(config))


def _host(config):
    try:
        hssmtp.Client(config.SERVER, security="none", hostname=config.HOSTNAME)
    except ValueError as exc:
        yield _translated(exc, "SERVER")
    if config.PORT is not None and not 1 <= config.PORT <= 65535:
        yield ("PORT",), "PORT has to be a number from 1 to 65535, or None"


def _login(config):
    if (config.USER is None) != (config.PASSWORD is None):
        given, other = ("USER", "PASSWORD") if config.PASSWORD is None else ("PASSWORD", "USER")
        yield (given,), "USER and PASSWORD go together: set %s too, or remove %s" % (other, given)


def _security(config):
    """Check SECURITY, and the CA file that TLS needs."""
    if config.SECURITY not in _SECURITY:
        word = config.SECURITY.lower()
        meant = _ALSO_CALLED.get(word) or call("nearest", "nearest", word, _SECURITY)
        advice = ': did you mean "%s"?' % meant if meant else ""
        yield ("SECURITY",), 'SECURITY has to be "starttls", "tls" or "none"' + advice
    elif config.SECURITY != "none" and not config.INSECURE:
        if config.CA is None:
            if sys.implementation.name != "cpython":  # CPython has the system's certificates
                yield (
                    (),
                    "CA is missing, the file of the mail server's CA certificate: %s" % _GET_CA,
                )
            return
        try:
            with open(config.CA, "rb"):
                pass
        except OSError as exc:
            if exc.errno == _ENOENT:
                text = "CA: there is no file %s on the board: %s. To copy your own: mpremote"
                text = (text + " cp %s :%s") % (config.CA, _GET_CA, config.CA, config.CA)
            else:
                text = "CA: the file %s can't be read: %s" % (config.CA, problem(exc))
            yield ("CA",), text
        except ValueError:  # CPython: a NUL in the name
            yield ("CA",), "CA has to be the name of a file on the board"


def _client(config):
    """Return the problems that creating the client finds."""
    try:
        mail.client(config)
    except ValueError as exc:
        return [_translated(exc, "CA")]
    except (OSError, MemoryError) as exc:
        return [(("CA",), "CA: the file %s can't be read: %s" % (config.CA, problem(exc)))]
    return []


def _translated(exc, setting):
    """Return the library's error with the setting in place of the argument; else for `setting`."""
    text = terms.in_settings(str(exc))
    first = text.split(" ")[0].split(":")[0]
    if first in terms.SETTINGS.values():
        setting = first
    else:
        text = "%s: %s" % (setting, text)
    return (setting,), text


def _addresses(config):
    for setting, addresses in (("SENDER", [config.SENDER]), ("RECIPIENTS", config.RECIPIENTS)):
        for address in addresses:
            if not isinstance(address, str):
                yield (setting,), setting + ": every address has to be a text in quotes"
                continue
            text = _problem_of_address(address)
            if text:
                yield (setting, '"%s"' % address), "%s: address: %s" % (setting, text)
    if not config.RECIPIENTS:
        yield ("RECIPIENTS",), "RECIPIENTS is empty"


def _problem_of_address(address):
    try:
        hssmtp.Message(address, to=address)
    except ValueError as exc:
        if address.count("@") > 1 and ("," in address or ";" in address):
            return 'several in one text: put each in quotes, ["a@example.com", …]'
        text = str(exc).split(": ", 1)[-1]  # without the argument
        return text.replace("local@domain", "of the form name@example.com")
    return ""


def _time_server(config):
    if not 1 <= config.NTP_PORT <= 65535:
        yield ("NTP_PORT",), "NTP_PORT has to be a number from 1 to 65535"
    if config.NTP_SERVER is not None:
        try:
            config.NTP_SERVER = hssmtp.call("net.host", "check_hosts", config.NTP_SERVER, None)[0]
        except ValueError as exc:
            text = str(exc).split(": ", 1)[-1].split(": write")[0].replace("port=", "NTP_PORT")
            yield ("NTP_SERVER",), "NTP_SERVER: %s. None: the clock is not set" % text
