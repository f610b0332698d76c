"""AUTH (RFC 4954): which mechanism is used, and how its responses get to the server.

The SASL mechanisms (RFC 4422) have a file each.
"""

from .. import SourceError, const, load
from ..mime.base64 import encode

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..session import Session

# States, what the script waits for, an event and errors, as session.py and dialogue.py have them.
_AUTH = const(8)
_RESPONSE = const(9)
_REPLY = const(-1)
_TEXT_GONE = const(-3)
_NEXT_TICK = const(-6)
_PAUSED = const(7)
_ERROR_PROTOCOL = const(7)
_ERROR_AUTH = const(8)
_ERROR_UNSUPPORTED = const(14)

# RFC 4954 4: an initial response that would make the command line longer than RFC 5321's 512
# octets waits for the server's 334. The line of a response may be as long as it needs to be.
_LONGEST_RESPONSE = const(480)

_NOT_PROVEN = "the server doesn't prove that it knows the password"

# What a mechanism that this device can't load raises. A tuple made where it is caught allocates.
_UNFIT = (ImportError, MemoryError)


def _make_mechanism(module, auth):
    return load("auth." + module).Mechanism(auth)


class Auth:
    """A login. credentials.check_credentials() returns its arguments.

    mechanisms: those that can be used, the strongest first: for each its name, between the spaces
    around a keyword, and its module. A module is loaded when its mechanism is chosen, if it is
    not loaded yet. Its class Mechanism(auth) has:

    begin(name): begin anew, on another connection too; name: as above.
    response() -> bytes | None: what to send; None if it is not ready yet.
    challenge(reply) -> str | None: take what the server asks (334); what is wrong with it.
    is_first: it begins with a response, without being asked.
    pauses: a response that is not ready waits for the application, not for its own work.
    shows_password: what it shows is enough to log in by a weaker mechanism.
    is_proven: the server has shown what it owes.
    """

    def __init__(
        self,
        username: bytes,
        password: bytes,
        token: "str | Callable[[], str | None] | None",
        mechanisms: "Sequence[tuple[bytes, str]]",
    ):
        self.username = username
        self.password = password
        self.token = token
        self.shown_token = b""  # the last one of a function, for the mask
        self._mechanisms = mechanisms
        # Of the mechanism at hand: the weakest needs no further module.
        self._index = len(mechanisms) - 1
        self._mechanism: Any = _make_mechanism(mechanisms[-1][1], self)
        self.forget()

    def forget(self) -> None:
        """Begin a new session: nothing is offered yet."""
        self.offered = 0  # a bit for each mechanism that can be tried
        self.others = b""  # the server's mechanisms, if none of them can be
        self.response = b""
        self._start = 0  # what of the response has gone
        self._is_held = False  # it waits to be asked for

    def offer(self, text: bytearray, end: int) -> None:
        """Take a line of the reply to EHLO: text[:end], in capitals, and a space behind it."""
        if not text.startswith(b"AUTH ") and not text.startswith(b"AUTH="):  # before RFC 2554
            return
        text[4] = 32
        bit = 1
        for name, _ in self._mechanisms:
            if text.find(name, 0, end + 1) > 0:
                self.offered |= bit
            bit <<= 1
        if not self.offered:
            self.others = bytes(text[5:end])

    # The script

    def log_in(self, session: "Session"):
        """Say AUTH by one mechanism after another; return whether the server agreed.

        A part of the session's script: it yields what it waits for, or an event.
        """
        if not self.offered:
            session.extensions.missing = "AUTH"
            return session.fail(_ERROR_UNSUPPORTED)
        state = _AUTH
        is_for_now = False  # a mechanism was refused that may be taken later
        while True:
            wait = self._prepare(session, state)
            while wait:
                yield wait
                wait = self._prepare(session, state)
            wait = self._say(session, state)
            while wait:  # a long response
                yield wait
                wait = self._put_response(session.out)
            yield _REPLY
            problem = None
            if session.reply.code == 334:
                state = _RESPONSE
                problem = None if self._is_held else self._mechanism.challenge(session.reply)
                if not problem:
                    continue
                session.say(_RESPONSE, b"*\r\n")  # RFC 4954 4: cancel
                yield _REPLY
                if session.reply.code < 400:
                    yield session.break_off(_ERROR_PROTOCOL, problem)
            code = session.reply.code
            if code < 400:
                if not self._mechanism.is_proven:
                    yield session.break_off(_ERROR_AUTH, _NOT_PROVEN)
                return True
            # Accounts get locked after some wrong passwords.
            is_wrong_password = code == 535 and session.reply.text.startswith(b"5.7.8 ")
            is_for_now = not is_wrong_password and (is_for_now or code < 500)
            if is_wrong_password or not self._has_another(session.security != "none"):
                session.fail(_ERROR_PROTOCOL if problem else _ERROR_AUTH, problem)
                session.outcome.transient = is_for_now
                return False
            state = _AUTH

    def _prepare(self, session, state):
        """Have the next response at hand; return what to wait for before, or 0."""
        try:
            if state == _AUTH:
                self._choose()
            if self._is_held:
                self._is_held = False
            else:
                response = b""
                if state == _RESPONSE or self._mechanism.is_first:
                    response = self._mechanism.response()
                if response is None:
                    return _PAUSED if self._mechanism.pauses else _NEXT_TICK
                self.response = response
        except SourceError as error:  # of the application's token function
            return session.break_off(_ERROR_AUTH, error.args[0])
        self._start = 0
        return 0

    def _choose(self):
        """Take the strongest mechanism that is offered, and that this device can load."""
        self._is_held = False
        index = 0
        while True:
            while not self.offered >> index & 1:
                index += 1
            try:
                return self._begin_mechanism(index)
            except _UNFIT as exc:
                self.offered &= ~(1 << index)
                if not self.offered:
                    raise SourceError(exc)

    def _begin_mechanism(self, index):
        name, module = self._mechanisms[index]
        if module != self._mechanisms[self._index][1]:
            self._mechanism = _make_mechanism(module, self)
        self._index = index
        self._mechanism.begin(name)

    def _say(self, session, state):
        """Say AUTH and the mechanism, or a response; return what to wait for to say the rest."""
        out = session.out
        if state == _RESPONSE:
            session.say(_RESPONSE, b"")
            return self._put_response(out)
        session.say(_AUTH, b"AUTH")
        out.put(self._mechanisms[self._index][0])
        self._is_held = len(self.response) * 4 // 3 >= _LONGEST_RESPONSE
        if self._mechanism.is_first and not self._is_held:
            if not self.response:  # RFC 4954 4: an empty initial response
                out.put(b"=")
            return self._put_response(out)
        out.end -= 1  # the space behind the name
        out.put(b"\r\n")
        return 0

    def _put_response(self, out):
        """Put as much of the response as fits; return what to wait for, or 0 behind its end."""
        count = (len(out.buf) - out.end - 2) // 4 * 3
        left = len(self.response) - self._start
        out.end = encode(self.response, self._start, min(count, left), out.buf, out.end, -1)
        if count < left:
            self._start += count
            return _TEXT_GONE
        out.put(b"\r\n")
        return 0

    def _has_another(self, is_secured):
        """Whether another mechanism is worth a try after the one that was refused.

        Some servers offer what does not work, or know only a hash of the password. Without TLS
        nothing follows that shows more.
        """
        self.offered &= ~(1 << self._index)
        return self.offered > 0 and (is_secured or self._mechanism.shows_password)
