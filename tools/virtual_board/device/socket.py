"""The module socket: the unix port's own sockets, and every address leads to the access point.

What is connected to goes through tools/virtual_board/access_point.py, which breaks it when the
network goes.
"""

from outside import ask
from usocket import *
from usocket import getaddrinfo as _getaddrinfo

_EHOSTUNREACH = 113
_HERE = ("0.0.0.0", "::")  # to be bound to, not to be reached


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    if host in _HERE:
        return _getaddrinfo(host, port, af, type, proto, flags)
    way = ask("way", host, port, type != SOCK_DGRAM)
    if not way:
        raise OSError(_EHOSTUNREACH)
    return _getaddrinfo("127.0.0.1", way, af, type, proto, flags)
