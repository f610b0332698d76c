"""The exchange with a server, one bounded step at a time: connect, read, write, watch the time.

Connection moves bytes, Session decides what to say. Exchange joins the two, and ends the mail.
"""

from . import const, ticks_diff, ticks_ms
from .dialogue import Outcome

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    from .connection import Connection
    from .session import Session

# States.
_IDLE = const(0)
_RESOLVING = const(1)
_CONNECTING = const(2)
_SECURING = const(3)
_GREETING = const(4)
_TEXT = const(13)
_BDAT = const(14)
_NOOP = const(16)
_QUIT = const(17)

# Events.
_SECURED = const(3)
_PROGRESS = const(6)
_PAUSED = const(7)
_SENT = const(8)
_FAILED = const(9)
_ABORTED = const(10)
_START_TLS = const(12)  # events of the session, for the client alone
_BROKEN = const(13)
_RECONNECT = const(14)
_DONE = const(15)

# What the session waits for.
_TEXT_GONE = const(-3)
_VERDICT = const(-4)
_NEXT_TICK = const(-6)
_OVER = const(-7)

# Errors.
_ERROR_CERTIFICATE = const(4)
_ERROR_TIMEOUT = const(5)
_ERROR_CLOSED = const(6)
_ERROR_PROTOCOL = const(7)
# The error for a connection lost in RESOLVING, CONNECTING or SECURING: DNS, CONNECT, TLS.
_LOSSES = b"\x01\x02\x03"

# For each state, the index of its time limit in setup.TIMEOUTS.
_TIMEOUT_OF_STATE = b"\0\0\1\2\3\4\4\4\4\4\4\4\5\7\7\4\4\x08"
_BLOCK = const(6)

_NOOP_MS = const(240000)  # RFC 5321 4.5.3.2.7: a server waits 5 min for the next command


class Exchange(Outcome):
    """What a client does in a tick, on one connection after another.

    host, port: the server. timeouts: ms, in the order of setup.TIMEOUTS. on_event: None, or the
        application's callback. keep_open_ms: how long a connection without a mail stays open.
    bytes_sent, bytes_total: of the mail under way; `bytes_total` is None if it is unknown.
    """

    def __init__(
        self,
        host: str,
        port: int,
        connection: "Connection",
        session: "Session",
        timeouts: "tuple[int, ...]",
        on_event: "Callable[[Any, int], object] | None",
        keep_open_ms: int,
    ):
        self.host = host
        self.port = port
        self._connection = connection
        self._session = session
        self._timeouts = timeouts
        self._on_event = on_event
        self._keep_open_ms = keep_open_ms
        self.bytes_sent = 0
        self.bytes_total: int | None = None
        self._file_blocks: Any = None  # generator, for a mail with a file
        self._is_in_file = False  # the next tick resumes _file_blocks
        self._is_paused = False
        self._progressed = False  # the last tick made progress
        self._since: Any = None  # ticks_ms() at the last progress; None: set at the next tick
        self._noops = 0  # sent since the last mail
        Outcome.__init__(self)

    def _work(self, now):
        connection = self._connection
        if not connection.state and not self._session.mail:
            return 0
        if now is None:
            now = ticks_ms()
        if self._since is None:
            self._since = now
        self._progressed = False
        event = self._connect(now) if connection.state < _SECURING else self._talk(now)
        if connection.is_lost:
            event = self._lose(now)
        if not event and self._since != now:
            event = self._check_time(now)
        return event

    def _is_busy(self):
        """Whether a mail is under way, or RSET or QUIT is still to be sent or answered."""
        session = self._session
        return session.mail is not None or self._connection.state > 0 and not session.is_idle()

    def _current_state(self):
        """The state of the connection; once it is open, the state of the session."""
        state = self._connection.state
        return self._session.state if state == _GREETING else state

    def _open(self, host):
        """Begin to open a connection. host: a name or an address."""
        self._connection.open(host, self.port)
        self._session.open()
        self._session.request = 0 if self._keep_open_ms else _QUIT

    def _connect(self, now):
        """Take a step towards an open connection; return an event, or 0."""
        connection = self._connection
        event = connection.step(now)
        if event:
            self._since = now
            self._progressed = True
        if connection.state == _GREETING:
            self._session.go_on()
            if self._session.security == "tls":
                connection.secure(self.host)
        return event

    def _talk(self, now):
        """Read and write, at most once each. Handle replies first, one per tick."""
        connection = self._connection
        session = self._session
        reply = session.reply
        event = self._report_progress()
        if event:
            self._progressed = True
            return event
        if not connection.has_input():
            connection.read()
        if connection.has_input():
            self._progressed = True
            if connection.state == _SECURING:  # a byte read proves the handshake complete
                return self._end_handshake(now)
            connection.feed(reply)
            if reply.line:
                event = session.answer(connection.has_input())
                if reply.line > 1:  # the reply is complete: check for another before sending more
                    self._since = now
                    return self._handle(event, now)
            if connection.has_input():
                return 0
        # After a failed write, or when an early reply has begun, only read: the reply may give the
        # reason.
        if connection.failure or reply.has_begun() and session.expects_no_reply():
            return 0
        if not connection.out.end:
            if session.waits_for == _OVER:
                self._connection.close()
                return 0
            event = session.go_on()
            if session.waits_for == _NEXT_TICK:
                self._progressed = True
                self._since = now
            elif session.waits_for == _TEXT_GONE:  # even if the source had no bytes ready
                self._progressed = True
            if event:
                return self._handle(event, now)
            if session.waits_for == _VERDICT and connection.out.end:
                self._progressed = True  # look for an early reply before the end of the text
                return 0
        return self._write(now) if connection.out.end else 0

    def _write(self, now):
        connection = self._connection
        session = self._session
        if not connection.write():
            return 0
        self._since = now
        self._progressed = True
        if connection.state == _SECURING:
            return self._end_handshake(now)
        # Not in _report_progress(): _talk() can write after it, and the link may not take all.
        if self._file_blocks and not connection.out.end and session.waits_for == _TEXT_GONE:
            part = session.mail.part()
            self._is_in_file = part is not None and part.blocks > 0 and session.state >= _TEXT
        return self._report_progress()

    def _report_progress(self):
        """Update bytes_sent if all before the text is answered; return PROGRESS, or 0."""
        session = self._session
        mail = session.mail
        if not mail or self._connection.out.end or not _TEXT <= session.state <= _BDAT:
            return 0
        if self.bytes_sent == mail.position:
            return 0
        self.bytes_sent = mail.position
        self.bytes_total = mail.total
        return _PROGRESS if self._on_event else 0

    def _end_handshake(self, now):
        self._connection.state = _GREETING
        self._since = now
        return _SECURED

    def _handle(self, event, now):
        """Do what an event of the session asks for; return the event for the application, or 0."""
        if event == _START_TLS:
            return self._start_tls()
        if event == _RECONNECT:
            self._reopen(now)
            return 0
        if event == _BROKEN:
            if self._retry_on_new_connection(now, False):
                return 0
            return self._drop(self.error, self.transient)
        if event == _DONE:  # only earlier transactions had accepted recipients
            self._connection.close()
            return self._end(_SENT)
        if event == _PAUSED:
            self._is_paused = True
        elif event == _SENT or event == _FAILED:
            self._since = now
            return self._end(event)
        return event

    def _start_tls(self):
        """Begin the handshake after STARTTLS, but fail on leftover input; return an event, or 0.

        RFC 3207 6: bytes received before the handshake may come from an attacker.
        """
        connection = self._connection
        if not connection.has_input():
            connection.read()
        if connection.has_input():
            return self._drop(_ERROR_PROTOCOL, False)
        if not connection.is_lost:
            connection.secure(self.host)
        return 0

    # The end of a mail

    def _check_time(self, now):
        """Fail the mail on a timeout. Send NOOP or QUIT on a kept connection when it is time."""
        session = self._session
        connection = self._connection
        passed = ticks_diff(now, self._since)
        if not self._is_busy():
            if passed + self._noops * _NOOP_MS >= self._keep_open_ms:
                session.request = _QUIT
                self._since = now
            elif passed >= _NOOP_MS:
                session.request = _NOOP
                self._noops += 1
                self._since = now
            return 0
        which = _TIMEOUT_OF_STATE[self._current_state()]
        if connection.state == _GREETING and session.has_more() and session.state != _QUIT:
            which = _BLOCK
        if passed < self._timeouts[which]:
            return 0
        if connection.state == _CONNECTING and connection.link.skip():
            self._since = now  # try the next address
            return 0
        if self._retry_on_new_connection(now, True):
            return 0
        return self._drop(_ERROR_TIMEOUT, True)

    def _lose(self, now):
        """End the mail, or reconnect, after the connection was lost; return an event, or 0."""
        state = self._connection.state
        cause = self._connection.failure
        if state == _GREETING:
            if self._retry_on_new_connection(now, False):
                return 0
            return self._drop(_ERROR_CLOSED, True, cause)
        if state == _SECURING and "cert" in str(cause).lower():
            return self._drop(_ERROR_CERTIFICATE, False, cause)
        return self._drop(_LOSSES[state - _RESOLVING], True, cause)

    def _retry_on_new_connection(self, now, is_silent):
        """Go on over a new connection, if possible; return whether it is."""
        if not self._session.restart(is_silent):
            return False
        self._reopen(now)
        return True

    def _reopen(self, now):
        self._connection.close()
        # Pass the known address: resolving a name loads a module, and a tick must not.
        self._open(getattr(self._connection.link, "address", None) or self.host)
        self._since = now

    def _drop(self, error, transient, cause=None):
        """Close the connection, and end its mail: ABORTED if error is 0, else FAILED.

        The result is SENT if session.is_settled(). Return an event, or 0 if there is no mail.
        """
        session = self._session
        if not session.mail:  # it has ended before: QUIT, or a kept connection
            self._connection.close()
            return 0
        if self._connection.state == _GREETING and session.in_doubt():
            self.in_doubt = True
        result = _ABORTED
        if error:
            result = _SENT if session.is_settled() else _FAILED
        if result == _FAILED:
            state = self._current_state()
            transient = transient and not self._connection.is_misconfigured(state)
            self.fail(error, transient, cause, state)
        else:
            self.error = 0
            self.transient = False
            self.cause = None if error else cause
            self._ended_in = self._current_state()
        self._connection.close()
        return self._end(result)

    def _end(self, event):
        """End the mail with SENT, FAILED or ABORTED: set the results, and return that event."""
        if event == _SENT:
            self._ended_in = _IDLE
            self.in_doubt = False
        self.result = event
        if self._is_in_file:
            self.bytes_sent = self._session.mail.position
        self._session.end()
        self._file_blocks = None
        self._is_in_file = False
        self._is_paused = False
        return event
