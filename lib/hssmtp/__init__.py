"""hssmtp: the mail sender for microcontrollers, the client side of SMTP (RFC 5321)."""

import gc

try:
    from micropython import const  # pyright: ignore[reportAssignmentType, reportUnusedImport]
except ImportError:  # CPython has no constants to fold

    def const(expr: int) -> int:
        """Return what it is given."""
        return expr


# A module is loaded when its name is first used: who sends no attachment doesn't pay for one.
_ROOMS = {
    "Client": "client",
    "Message": "message",
    "Attachment": "attachment",
    "AddressList": "addresslist",
    "Link": "net.link",
    "explain": "advice",
}
_names = None  # the module of the small ints, kept: a callback that asks for one must not allocate


def __getattr__(name: str) -> object:
    global _names
    if name.startswith("_"):  # Python itself looks for __path__ and the like
        raise AttributeError(name)
    room = _ROOMS.get(name)
    if room:
        gc.collect()  # code stays where it is loaded: not among garbage, or the heap gets holes
        globals()[name] = getattr(__import__("hssmtp." + room, None, None, (name,)), name)
        return globals()[name]
    if _names is None:
        _names = __import__("hssmtp.names", None, None, (name,))
    return getattr(_names, name)
