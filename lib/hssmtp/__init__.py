"""hssmtp: the mail sender for microcontrollers, the client side of SMTP (RFC 5321)."""

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
    "Link": "link",
    "explain": "advice",
}


def __getattr__(name: str) -> object:
    if name[0] == "_":  # Python itself looks for __path__ and the like
        raise AttributeError(name)
    room = _ROOMS.get(name, "names")  # the small ints, and the functions that spell them
    return getattr(__import__("hssmtp." + room, None, None, (name,)), name)
