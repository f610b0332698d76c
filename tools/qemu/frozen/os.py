"""The port's `os` lacks random bytes. These are none: the same mail is made at every run."""

from uos import *  # noqa: F403


def urandom(n):
    return bytes(range(n))
