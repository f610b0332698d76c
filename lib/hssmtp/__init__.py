"""hssmtp: mail from microcontrollers, the client side of SMTP (RFC 5321)."""
# pyright: reportUnusedImport=false

import gc
import sys

try:  # the other modules import these from here
    from time import sleep_ms, ticks_diff, ticks_ms

    from micropython import const  # pyright: ignore[reportAssignmentType]
except ImportError:
    from ._cpython import const, sleep_ms, ticks_diff, ticks_ms  # noqa: F401

__version__ = "0.2.0"

# Events, as passed to on_event(client, event). client.result is SENT, FAILED or ABORTED.
RESOLVED = 1
CONNECTED = 2
SECURED = 3
READY = 4
RECIPIENT_REFUSED = 5
PROGRESS = 6
PAUSED = 7
SENT = 8
FAILED = 9
ABORTED = 10
PAUSE = 11  # returned by on_event() to pause

# Errors, as in client.error. 0: no error.
ERROR_DNS = 1
ERROR_CONNECT = 2
ERROR_TLS = 3
ERROR_CERTIFICATE = 4
ERROR_TIMEOUT = 5
ERROR_CLOSED = 6
ERROR_PROTOCOL = 7
ERROR_AUTH = 8
ERROR_SENDER = 9
ERROR_RECIPIENTS = 10
ERROR_REJECTED = 11
ERROR_TOO_LARGE = 12
ERROR_SOURCE = 13
ERROR_UNSUPPORTED = 14

# The other public names. A module is loaded when one of its names is first used.
_MODULES = {
    "Client": "client",
    "Message": "mime",
    "Attachment": "mime.attachment",
    "AddressList": "recipients.addresslist",
    "Link": "net",
    "event_name": "names",
    "error_name": "names",
    "state_name": "names",
}

_LAST_NAME = "__hssmtp_last__"
_is_listing = False  # dir() is running


class SourceError(Exception):
    """An exception from a file, an iterator or a function of the caller: args[0]."""


def load(name: str):
    """Return a module that stays loaded, by its name below hssmtp, as in load("mime")."""
    if "hssmtp." + name not in sys.modules:
        gc.collect()  # a long-lived object between temporaries fragments the heap
    return _import(name)


def call(module: str, function: str, *args: object):
    """Call a function of a temporary module, then free the modules that were loaded for it.

    Modules with TEMPORARY = True are freed. Frozen code is not, because it takes no heap.
    Do not use it in a tick.
    """
    if not isinstance(__path__, str) or __path__.startswith(".frozen"):  # a list on CPython
        return getattr(_import(module), function)(*args)
    before = _temporary()
    if not before:  # in a nested call the heap is collected already
        gc.collect()
    try:
        return getattr(_import(module), function)(*args)
    finally:
        for path in _temporary():
            if path not in before:
                package, _, name = path.rpartition(".")
                del sys.modules[path]
                delattr(sys.modules[package], name)


def _temporary():
    """Return the names of the temporary modules that are loaded."""
    return [
        path
        for path in sys.modules
        if path.startswith("hssmtp.") and hasattr(sys.modules[path], "TEMPORARY")
    ]


def _import(name):
    return __import__("hssmtp." + name, None, None, (name,))


def explain(client: object) -> str:
    """Return one line for a person: what became of the client's mail, why, and what to do.

    It names the arguments of Client() to change. Secrets and unprintable characters are masked.
    """
    return call("advice", "explain", client)


def __getattr__(name: str) -> object:
    global _is_listing
    module = _MODULES.get(name)
    if module and not _is_listing:
        globals()[name] = found = getattr(load(module), name)
        return found
    if name == "__dir__":
        _is_listing = True
    elif name == _LAST_NAME:
        _is_listing = False
    if not module:
        raise AttributeError(name)


if sys.implementation.name == "cpython":
    from ._cpython import dir_of

    __dir__ = dir_of(globals(), _MODULES)
else:
    # MicroPython's dir() looks up every name it has interned: "__dir__" first, then the oldest. In
    # between, up to _LAST_NAME, __getattr__() confirms public names without loading their modules.
    for _name in list(_MODULES) + [_LAST_NAME]:
        hasattr(sys, _name)
