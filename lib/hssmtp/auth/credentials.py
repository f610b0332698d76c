"""Check the credentials that Client() is given, and choose the mechanisms that can use them."""

import hashlib

from .. import load
from ..mime.compose import check

TEMPORARY = True  # freed after the call that needed it

_TYPING = 0
if _TYPING:
    from collections.abc import Callable

# The strongest first. A proof does not show the password. PLAIN saves a round trip of LOGIN.
_TOKEN = ((b" OAUTHBEARER ", "bearer"), (b" XOAUTH2 ", "bearer"))
_PROOF = ((b" SCRAM-SHA-256 ", "scram"), (b" CRAM-MD5 ", "cram_md5"))
_PLAINTEXT = ((b" PLAIN ", "plain"), (b" LOGIN ", "plain"))


def check_credentials(
    username: "str | None",
    password: "str | None",
    token: "str | Callable[[], str | None] | None",
    only: "str | None",
    is_plaintext_forbidden: bool,
) -> "tuple[bytes, bytes, str | Callable[[], str | None] | None, tuple[tuple[bytes, str], ...]]":
    """Return the arguments of Auth(), from Client()'s username, password, token and auth (`only`).

    At least one of username, password and token is given.
    is_plaintext_forbidden: there is no TLS, so a mechanism must only prove the password.

    Raises ValueError if a mechanism is unknown or can't be used, or an argument is invalid;
    TypeError for an argument of a wrong type.
    """
    # RFC 4616 2 allows no NUL in them, and RFC 4013 2.3 no other control character.
    user = check("" if username is None else username, "username").encode()
    word = check("" if password is None else password, "password").encode()
    if password is not None and username is None:
        raise ValueError("username: missing; `password` needs one")
    if token is None and password is None:
        raise ValueError("password: missing; `username` needs one, or `token`")
    if token is not None:
        bearer = load("auth.bearer")
        if not callable(token):
            bearer.check_token(token)
    mechanisms = _usable(username, password, token)
    if only is not None:
        mechanisms = _select(mechanisms, check(only, "auth"))
    if is_plaintext_forbidden and (only is None or mechanisms[0] not in _PROOF):
        raise ValueError(
            'security="none" would send the password in the clear: use "starttls" or'
            ' "tls", or allow_plaintext_auth=True'
        )
    return user, word, token, mechanisms


def _usable(username, password, token) -> "tuple[tuple[bytes, str], ...]":
    """Return the mechanisms that these credentials are enough for."""
    usable = ()
    if token is not None:  # RFC 7628 3.1: the token may contain the user; XOAUTH2 needs one
        usable = _TOKEN if username else _TOKEN[:1]
    if token is None or password is not None:
        usable += _PROOF if hasattr(hashlib, "md5") else _PROOF[:1]
        usable += _PLAINTEXT
    return usable


def _select(mechanisms, name):
    """Return the mechanism with this name, in a tuple."""
    keyword = b" " + name.upper().encode() + b" "
    for mechanism in mechanisms:
        if mechanism[0] == keyword:
            return (mechanism,)
    known = [mechanism[0] for mechanism in _TOKEN + _PROOF + _PLAINTEXT]
    if keyword not in known:
        names = b"".join(known).decode().split()
        raise ValueError("auth: %r is not one of %s" % (name, ", ".join(names)))
    if keyword == b" XOAUTH2 ":
        needs = "a token and a username"
    elif keyword == b" OAUTHBEARER ":
        needs = "a token"
    elif mechanisms[-1] in _PLAINTEXT:  # there is a password
        needs = "firmware with hashlib.md5"
    else:
        needs = "a password"
    raise ValueError("auth: %s needs %s" % (name, needs))
