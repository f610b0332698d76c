"""AUTH (RFC 4954): the choice of a mechanism, and its responses.

Each SASL mechanism (RFC 4422) has a file of its own.
"""

from .. import SourceError, const, load
from ..mime.base64 import encode

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..session import Session

# States, what the script waits for, an event and errors, as in session.py and dialogue.py.
_AUTH = const(8)
_RESPONSE = const(9)
_REPLY = const(-1)
_TEXT_GONE = const(-3)
_NEXT_TICK = const(-6)
_PAUSED = const(7)
_ERROR_PROTOCOL = const(7)
_ERROR_AUTH = const(8)
_ERROR_UNSUPPORTED = const(14)

# RFC 4954 4: an initial response that makes the command line longer than RFC 5321's 512 octets is
# sent after a 334 of the server. The line of a response has no limit.
_LONGEST_RESPONSE = const(480)

_NOT_PROVEN = "the server doesn't prove that it knows the password"

# Exceptions of a mechanism that this device can't load. A tuple made in `except` would allocate.
_LOAD_ERRORS = (ImportError, MemoryError)


def _make_mechanism(module, auth):
    return load("auth." + module).Mechanism(auth)


class Auth:
    """A login. credentials.check_credentials() returns its arguments.

    mechanisms: the usable ones, the strongest first: keyword and module of each. The keyword has
    a space before and after it. A module is loaded when its mechanism is chosen. It has a class
    Mechanism(auth) with:

    begin(name): start anew, also on another connection. name: the keyword, as above.
    response() -> bytes | None: what to send; None if it is not ready yet.
    challenge(reply) -> str | None: take the text of a 334; return what is wrong with it, or None.
    is_first: the client sends an initial response, before any challenge.
    pauses: a response that is not ready waits for the application; else it is being computed.
    shows_password: whoever reads the exchange learns the password.
    is_proven: the server has proven all that the mechanism asks of it.
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
        self.shown_token = b""  # the last token from a callable, to be masked
        self._mechanisms = mechanisms
        # The current mechanism: at first the weakest one, which needs no other module.
        self._index = len(mechanisms) - 1
        self._mechanism: Any = _make_mechanism(mechanisms[-1][1], self)
        self.forget()

    def forget(self) -> None:
        """Prepare for another reply to EHLO: nothing is offered yet."""
        self.offered = 0  # a bit for each mechanism that can be tried
        self.others = b""  # the server's mechanisms, if none of them can be tried
        self.response = b""
        self._start = 0  # how much of the response is sent
        self._is_held = False  # the response waits for a 334

    def offer(self, text: bytearray, end: int) -> None:
        """Take a line of the reply to EHLO: text[:end], in capitals, followed by a space."""
        if not text.startswith(b"AUTH ") and not text.startswith(b"AUTH="):  # "=": before RFC 2554
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
        """Try one mechanism after another; return whether the login succeeded.

        This is a part of the session's script: it yields what it waits for, or an event.
        """
        if not self.offered:
            session.extensions.missing = "AUTH"
            return session.fail(_ERROR_UNSUPPORTED)
        state = _AUTH
        is_for_now = False  # a mechanism was refused with 4yz
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
            # Do not go on after a wrong password: a server may lock the account.
            is_wrong_password = code == 535 and session.reply.text.startswith(b"5.7.8 ")
            is_for_now = not is_wrong_password and (is_for_now or code < 500)
            if is_wrong_password or not self._has_another(session.security != "none"):
                session.fail(_ERROR_PROTOCOL if problem else _ERROR_AUTH, problem)
                session.outcome.transient = is_for_now
                return False
            state = _AUTH

    def _prepare(self, session, state):
        """Prepare the next response; return what to wait for before it, or 0."""
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
        except SourceError as error:  # from the application's token function
            return session.break_off(_ERROR_AUTH, error.args[0])
        self._start = 0
        return 0

    def _choose(self):
        """Choose the strongest mechanism that is offered and that this device can load."""
        self._is_held = False
        index = 0
        while True:
            while not self.offered >> index & 1:
                index += 1
            try:
                return self._begin_mechanism(index)
            except _LOAD_ERRORS as exc:
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
        """Append AUTH or a response; return what to wait for before the rest of it, or 0."""
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
        out.end -= 1  # remove the space after the name
        out.put(b"\r\n")
        return 0

    def _put_response(self, out):
        """Append as much of the response as fits; return what to wait for, or 0 after its end."""
        count = (len(out.buf) - out.end - 2) // 4 * 3
        left = len(self.response) - self._start
        out.end = encode(self.response, self._start, min(count, left), out.buf, out.end, -1)
        if count < left:
            self._start += count
            return _TEXT_GONE
        out.put(b"\r\n")
        return 0

    def _has_another(self, is_secured):
        """Whether to try another mechanism after this one was refused.

        Some servers offer mechanisms that do not work, or know only a hash of the password.
        Without TLS, do not try one that shows more than this one.
        """
        self.offered &= ~(1 << self._index)
        return self.offered > 0 and (is_secured or self._mechanism.shows_password)
