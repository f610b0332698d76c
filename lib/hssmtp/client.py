"""Client: what an application holds; calls, ticks, time limits, events, results."""
# Client()'s arguments have other types when setup.check() has checked them.
# pyright: reportArgumentType=false

from . import call, const, load, sleep_ms, ticks_diff, ticks_ms
from .connection import Connection
from .dialogue import Outcome
from .extensions import Extensions
from .session import Session

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .mime import Message
    from .net import Link

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
_PAUSE = const(11)  # what on_event() returns
_START_TLS = const(12)  # what the session asks for
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
# The error that a lost connection means, from RESOLVING to SECURING: DNS, CONNECT, TLS.
_LOSSES = b"\x01\x02\x03"

# Which of `timeouts` limits each state; setup.py names them.
_TIMEOUT_OF_STATE = b"\0\0\1\2\3\4\4\4\4\4\4\4\5\7\7\4\4\x08"
_BLOCK = const(6)

_BLOCKED_MS = const(20)
_NOTHING_MS = const(3600000)
_NOOP_MS = const(240000)  # RFC 5321 4.5.3.2.7: a server waits 5 min for the next command


class Client(Outcome):
    """Sends mails: send_mail() takes one, tick() moves it on, on_event() tells how it went.

    host: a name or an address. port: None: 587 for "starttls", 465 for "tls", 25 for "none".
    security: "starttls", "tls" or "none". None: "tls" for port 465, else "starttls". A server that
        does not offer it gets no mail.
    username, password: for SCRAM-SHA-256, CRAM-MD5, PLAIN or LOGIN, the first that is offered.
    token: for OAUTHBEARER or XOAUTH2 (which needs the username too): a str, or a callable that
        returns one, or None if it has none yet; the mail then pauses until resume().
    auth: the one mechanism to use, "PLAIN".
    ca: what the server's certificate is checked against: a path or bytes, PEM or DER, one or
        several. None: CPython's system store; elsewhere there is none, and ValueError is raised.
    insecure: do not check the certificate. allow_plaintext_auth: log in without TLS.
    on_event: called as on_event(client, event); if it returns PAUSE, all waits for resume().
    hostname: for EHLO (RFC 5321 4.1.1.1). buffer_size: bytes, 512 or more, allocated once.
    keep_open_ms: how long the connection is kept for a next mail, in ms.
    timeouts: {"connect": ms, ...} for some of: resolve connect secure greeting command data block
        text quit.
    disable: ESMTP keywords not to be used although the server offers them.
    link: what connects, a Link if None.

    Raises ValueError for invalid arguments, TypeError for arguments of a wrong type, OSError for a
    `ca` that is missing.
    """

    def __init__(
        self,
        host: str,
        port: "int | None" = None,
        security: "str | None" = None,
        username: "str | None" = None,
        password: "str | None" = None,
        token: "str | Callable[[], str | None] | None" = None,
        ca: "str | bytes | None" = None,
        insecure: bool = False,
        allow_plaintext_auth: bool = False,
        on_event: "Callable[[Client, int], object] | None" = None,
        hostname: "str | None" = None,
        buffer_size: int = 1024,
        keep_open_ms: int = 0,
        timeouts: "dict[str, int] | None" = None,
        link: "Link | None" = None,
        auth: "str | None" = None,
        disable: "Iterable[str]" = ("BINARYMIME",),
    ):
        Outcome.__init__(self)
        self.host, self.port, security, hostname, self._timeouts, disabled, login, tls = call(
            "setup", "check", host, port, security, username, password, token, ca, insecure,
            allow_plaintext_auth, on_event, hostname, buffer_size, keep_open_ms, timeouts, auth,
            disable,
        )  # fmt: skip
        self._connection = connection = Connection(link or load("net").Link(), buffer_size, *tls)
        auth = load("auth").Auth(*login) if login else None
        self._session = Session(
            self, connection.out, Extensions(disabled), hostname, auth, security
        )
        self.bytes_sent = 0
        self.bytes_total: int | None = None
        self._on_event = on_event
        self._keep_open_ms = keep_open_ms
        self._file_blocks: Any = None  # the generator that sends them, where a mail has a file
        self._is_in_file = False  # it has the next tick
        self._is_paused = False
        self._has_moved = False  # the last tick has
        self._since: Any = None  # when something moved last, in ticks
        self._noops = 0  # said since the last mail

    # What the application calls

    def send_mail(self, mail: "Message") -> None:
        """Take a mail to be sent by the ticks that follow.

        Raises RuntimeError while another is under way, OSError for an attachment's file that can't
        be opened, ValueError for an address list without an address, TypeError for no Message.
        """
        session = self._session
        connection = self._connection
        if not hasattr(mail, "recipients"):
            raise TypeError("mail: not a Message")
        if session.mail:
            raise RuntimeError("a mail is under way")
        if connection.state and not session.can_take_mail():
            connection.close()  # only QUIT is left to say, or a reply is due that may never come
        mail.open(connection.out.buf, session.extensions.allows_binarymime)
        try:
            session.begin(mail)
        except Exception:
            mail.close()
            raise
        if mail.has_file:
            self._file_blocks = load("file_blocks").send_file_blocks(
                self, connection, mail, _PROGRESS if self._on_event else 0
            )
        self._noops = 0
        self._since = None
        self._has_moved = True
        self.clear()
        self.bytes_sent = 0
        self.bytes_total = mail.total
        if not connection.state:
            self._open(self.host)

    def deliver(self, mail: "Message", idle: "Callable[[], object] | None" = None) -> bool:
        """Send a mail and wait for its end; return whether it was sent.

        idle: called between the ticks, to feed a watchdog. Raises what send_mail() raises.
        """
        self.send_mail(mail)
        while self.tick():
            if idle:
                idle()
            sleep_ms(min(self.idle_ms(), _BLOCKED_MS))
        return self.result == _SENT

    def abort_mail(self) -> None:
        """Give up the mail under way: ABORTED. The server has it only if `in_doubt` says so.

        Raises what on_event() raises.
        """
        if self._session.mail:
            problem = self._emit(self._drop(0, False))
            if problem:
                raise problem

    def resume(self) -> None:
        """Go on after a pause."""
        if self._is_paused:
            self._is_paused = False
            self._since = None  # the time of a pause does not count

    def deinit(self) -> None:
        """Let go of the connection, and of a mail under way."""
        self.abort_mail()
        self._is_paused = False
        self._connection.close()

    def idle_ms(self, now: "int | None" = None) -> int:
        """Return for how many ms the application may sleep before the next tick matters.

        0 while bytes flow; a little while the network has none; else until a kept connection is to
        be closed, or an hour if there is nothing to do.
        """
        if self._is_paused or not self._connection.state and not self._session.mail:
            return _NOTHING_MS
        if self._is_busy():
            return 0 if self._has_moved else _BLOCKED_MS
        if self._since is None:
            return 0
        passed = ticks_diff(ticks_ms() if now is None else now, self._since)
        return max(0, min(self._keep_open_ms - self._noops * _NOOP_MS, _NOOP_MS) - passed)

    # What the application can ask; and what Outcome has

    @property
    def state(self) -> int:
        """Where the mail is, or where it ended; state_name() spells it."""
        return self._at() if self._session.mail else self._ended_in

    @property
    def recipient(self) -> str:
        """The address that RECIPIENT_REFUSED is about.

        "crew.txt:17" for a line of an AddressList that is not an address; reply_code is 0 then.
        """
        recipients = self._session.recipients
        return recipients.refused if recipients else ""

    @property
    def reply_text(self) -> str:
        """The text of the reply that reply_code is of, as much as was kept.

        UTF-8 where that is valid. What can't be printed is replaced by "?", and what would tell of
        a password by "*".
        """
        return load("report").reply_text(self)

    @property
    def enhanced_code(self) -> str:
        """Its enhanced status code (RFC 3463), "5.1.1", or "" if it has none."""
        return load("report").enhanced_code(self)

    # What a tick does

    def tick(self, now: "int | None" = None) -> bool:
        """Do one bounded piece of work, without waiting; return True while there is more to do.

        At most one read and one write, an event at the end. now: ms, as ticks_ms() has them; a
        test brings its own. What the network does never raises; an error in hssmtp itself, or in
        on_event(), does.
        """
        event = None
        if self._is_in_file and not self._is_paused:
            # The rate depends on this way. MicroPython takes the frame of a function from the heap
            # if it has over 11 words: all else is in _tick().
            event = next(self._file_blocks)
            if not event:
                return True
        return self._tick(event, now)

    def _tick(self, event, now):
        """Tell of an event; with None, do what there is to do, and tell of what comes of it."""
        if self._is_paused:
            return True
        problem = None
        try:
            if event is None:
                event = self._work(now)
            if event:
                problem = self._emit(event)
            is_busy = self._is_in_file or self._is_busy()
        except BaseException as exc:
            self._give_up(exc)
            raise
        if problem:
            raise problem
        return is_busy

    def _give_up(self, exc):
        """End the mail after an error in hssmtp itself: it is not the network's.

        GeneratorExit is none: send_file_blocks() gets it when it is not needed any more.
        """
        if not isinstance(exc, GeneratorExit):
            self._drop(0, False, exc)

    def _work(self, now):
        connection = self._connection
        if not connection.state and not self._session.mail:
            return 0
        if now is None:
            now = ticks_ms()
        if self._since is None:
            self._since = now
        self._has_moved = False
        event = self._connect(now) if connection.state < _SECURING else self._talk(now)
        if connection.is_lost:
            event = self._lose(now)
        if not event and self._since != now:
            event = self._check_time(now)
        return event

    def _at(self):
        """The state of the connection, and behind its greeting that of the session."""
        state = self._connection.state
        return self._session.state if state == _GREETING else state

    def _is_busy(self):
        """Whether there is a mail, or still something to say: RSET, QUIT."""
        session = self._session
        return session.mail is not None or self._connection.state > 0 and not session.is_idle()

    def _open(self, host):
        """Begin to open a connection."""
        self._connection.open(host, self.port)
        self._session.open()
        self._session.request = 0 if self._keep_open_ms else _QUIT

    def _connect(self, now):
        """Do a piece of the way to an open connection; return an event, or 0."""
        connection = self._connection
        event = connection.step(now)
        if event:
            self._since = now
            self._has_moved = True
        if connection.state == _GREETING:
            self._session.go_on()
            if self._session.security == "tls":
                connection.secure(self.host)
        return event

    def _talk(self, now):
        """Read and write, at most once each. Replies come first, one of them at a time."""
        connection = self._connection
        session = self._session
        reply = session.reply
        event = self._report_progress()
        if event:
            self._has_moved = True
            return event
        if not connection.has_input():
            connection.read()
        if connection.has_input():
            self._has_moved = True
            if connection.state == _SECURING:  # the first byte read proves the handshake done
                return self._end_handshake(now)
            connection.feed(reply)
            if reply.line:
                event = session.answer(connection.has_input())
                if reply.line > 1:  # the reply is complete: look for another before more is said
                    self._since = now
                    return self._handle(event, now)
            if connection.has_input():
                return 0
        # A reply that has begun too early is read to its end: it may say why.
        if connection.failure or reply.has_begun() and session.expects_no_reply():
            return 0
        if not connection.out.end:
            if session.waits_for == _OVER:
                self._connection.close()
                return 0
            event = session.go_on()
            if session.waits_for == _NEXT_TICK:
                self._has_moved = True
                self._since = now
            elif session.waits_for == _TEXT_GONE:  # perhaps with nothing of the source yet
                self._has_moved = True
            if event:
                return self._handle(event, now)
            if session.waits_for == _VERDICT and connection.out.end:
                self._has_moved = True  # before the text's end is sent, look for an early reply
                return 0
        return self._write(now) if connection.out.end else 0

    def _write(self, now):
        connection = self._connection
        session = self._session
        if not connection.write():
            return 0
        self._since = now
        self._has_moved = True
        if connection.state == _SECURING:
            return self._end_handshake(now)
        # Not in _report_progress(): after it more may be written in this tick, and not all taken.
        if self._file_blocks and not connection.out.end and session.waits_for == _TEXT_GONE:
            part = session.mail.part()
            self._is_in_file = part is not None and part.blocks > 0 and session.state >= _TEXT
        return self._report_progress()

    def _report_progress(self):
        """Return PROGRESS if bytes of the mail were sent, and all said before them is answered."""
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
        """Do what an event of the session asks for; return what the application has to hear."""
        if event == _START_TLS:
            return self._start_tls()
        if event == _RECONNECT:
            self._reopen(now)
            return 0
        if event == _BROKEN:
            if self._retry_on_new_connection(now, False):
                return 0
            return self._drop(self.error, self.transient)
        if event == _DONE:  # nobody was accepted this time, but others have the mail
            self._connection.close()
            return self._end(_SENT)
        if event == _PAUSED:
            self._is_paused = True
        elif event == _SENT or event == _FAILED:
            self._since = now
            return self._end(event)
        return event

    def _start_tls(self):
        """Begin the handshake after STARTTLS, but refuse leftovers; return an event, or 0.

        RFC 3207 6: bytes that were received before it may be an attacker's.
        """
        connection = self._connection
        if not connection.has_input():
            connection.read()
        if connection.has_input():
            return self._drop(_ERROR_PROTOCOL, False)
        if not connection.is_lost:
            connection.secure(self.host)
        return 0

    # How a mail ends

    def _check_time(self, now):
        """Fail the mail if what it waits for takes too long; close a kept connection in time."""
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
        which = _TIMEOUT_OF_STATE[self._at()]
        if connection.state == _GREETING and session.has_more() and session.state != _QUIT:
            which = _BLOCK
        if passed < self._timeouts[which]:
            return 0
        if connection.state == _CONNECTING and connection.link.skip():
            self._since = now  # the next address
            return 0
        if self._retry_on_new_connection(now, True):
            return 0
        return self._drop(_ERROR_TIMEOUT, True)

    def _lose(self, now):
        """The connection failed; return an event, or 0."""
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
        """Go on over a new connection, if that helps; return whether it does."""
        if not self._session.restart(is_silent):
            return False
        self._reopen(now)
        return True

    def _reopen(self, now):
        self._connection.close()
        # The address is known, so that nothing has to be resolved, or loaded for that, in a tick.
        self._open(getattr(self._connection.link, "address", None) or self.host)
        self._since = now

    def _drop(self, error, transient, cause=None):
        """Give up the connection. A mail on it has failed; without an error, it is aborted."""
        session = self._session
        if not session.mail:  # it was over before: QUIT, or a kept connection
            self._connection.close()
            return 0
        if self._connection.state == _GREETING and session.in_doubt():
            self.in_doubt = True
        result = _ABORTED
        if error:
            result = _SENT if session.is_settled() else _FAILED
        if result == _FAILED:
            state = self.state
            if not self.reply_code and self._connection.is_misconfigured(state):
                transient = False
            self.fail(error, transient, cause, state)
        else:
            self.error = 0
            self.transient = False
            self.cause = None if error else cause
            self._ended_in = self.state
        self._connection.close()
        return self._end(result)

    def _end(self, event):
        """The mail is over: settle everything, and return the event that says so."""
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

    def _emit(self, event):
        """Tell the application of an event; return what on_event() raises."""
        callback = self._on_event
        if not callback:
            return None
        try:
            answer = callback(self, event)
            if answer == _PAUSE and (self._session.mail or self._connection.state):
                self._is_paused = True
                if event != _PAUSED:
                    callback(self, _PAUSED)
        except Exception as exc:
            return exc
