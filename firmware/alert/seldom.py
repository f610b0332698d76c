"""Modules that are needed seldom: loaded for a call, and freed after it."""

import gc
import sys


def call(module: str, function: str, *args: object):
    """Call a function of a module of this package, and free what had to be loaded for that.

    Modules that say TEMPORARY = True are freed.
    """
    before = _temporary()
    if not before:  # a call within a call finds the heap collected
        gc.collect()  # long-lived objects between temporary ones fragment the heap
    try:
        return getattr(__import__("alert." + module, None, None, (function,)), function)(*args)
    finally:
        for name in _temporary():
            if name not in before:
                del sys.modules[name]
                delattr(sys.modules["alert"], name[len("alert.") :])


def _temporary():
    """The names of the temporary modules that are loaded."""
    return [
        name
        for name in sys.modules
        if name.startswith("alert.") and hasattr(sys.modules[name], "TEMPORARY")
    ]
