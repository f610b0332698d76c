"""Call functions of modules that are needed rarely: load them, and free them afterwards."""

import gc
import sys


def call(module: str, function: str, *args: object):
    """Call a function of a module of this package, and return its result.

    Then free the modules with TEMPORARY = True that were loaded for the call.
    """
    before = _temporary()
    if not before:  # a nested call needs no further collection
        gc.collect()  # long-lived objects between temporary ones fragment the heap
    try:
        return getattr(__import__("alert." + module, None, None, (function,)), function)(*args)
    finally:
        for name in _temporary():
            if name not in before:
                del sys.modules[name]
                delattr(sys.modules["alert"], name[len("alert.") :])


def _temporary():
    """Return the names of the temporary modules that are loaded."""
    return [
        name
        for name in sys.modules
        if name.startswith("alert.") and hasattr(sys.modules[name], "TEMPORARY")
    ]
