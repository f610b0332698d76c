"""hssmtp: the mail sender for microcontrollers, the client side of SMTP (RFC 5321)."""
# pyright: reportUnusedImport=false

import gc
import sys

try:  # the other files import these from here
    from time import sleep_ms, ticks_diff, ticks_ms

    from micropython import const  # pyright: ignore[reportAssignmentType]
except ImportError:
    from ._cpython import const, sleep_ms, ticks_diff, ticks_ms  # noqa: F401

__version__ = "0.1.0"

# Events, as on_event(client, event) is given them; client.result is one of SENT, FAILED, ABORTED.
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
PAUSE = 11  # what on_event() returns to pause

# Errors, as client.error has them; 0 is none.
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

# The other public names: a module is loaded when one of its names is first used.
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
_is_listing = False  # dir() is under way


class SourceError(Exception):
    """What a file, an iterator or a function of the caller's has raised: args[0]."""


def load(name: str):
    """Return a module that stays, by its name below hssmtp: load("mime")."""
    if "hssmtp." + name not in sys.modules:
        gc.collect()  # what stays must not lie between garbage, which would fragment the heap
    return _import(name)


def call(module: str, function: str, *args: object):
    """Call a function of a temporary module, and free what had to be loaded for that.

    Modules that say TEMPORARY = True are freed; frozen code is left, because it takes no heap.
    Not for use in a tick.
    """
    if not isinstance(__path__, str) or __path__.startswith(".frozen"):  # CPython's is a list
        return getattr(_import(module), function)(*args)
    before = _temporary()
    if not before:  # a call within a call finds the heap collected
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
    """The names of the temporary modules that are loaded."""
    return [
        path
        for path in sys.modules
        if path.startswith("hssmtp.") and hasattr(sys.modules[path], "TEMPORARY")
    ]


def _import(name):
    return __import__("hssmtp." + name, None, None, (name,))


def explain(client: object) -> str:
    """Say in one line what became of the client's mail: whose fault, which code, what to do."""
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
    # MicroPython's dir() looks up every name it knows: "__dir__" first, then the oldest. Up to
    # _LAST_NAME, __getattr__() confirms the public names without loading them.
    for _name in list(_MODULES) + [_LAST_NAME]:
        hasattr(sys, _name)
