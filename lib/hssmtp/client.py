"""Client, the object that an application holds: calls, ticks, time limits, events, results."""
# setup.check() changes the types of some arguments of Client().
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
_PAUSE = const(11)  # returned by on_event()
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

_BLOCKED_MS = const(20)
_NOTHING_MS = const(3600000)
_NOOP_MS = const(240000)  # RFC 5321 4.5.3.2.7: a server waits 5 min for the next command


class Client(Outcome):
    """An SMTP client that sends one mail at a time. Only deliver() waits.

    send_mail() takes a mail, each tick() does a piece of the work, on_event() reports the results:

        client = hssmtp.Client("smtp.example.com", username="user", password="secret", ca="ca.pem")
        client.send_mail(hssmtp.Message("a@example.com", "b@example.com", subject="95 °C"))
        while client.tick():
            feed_watchdog()

    host: a name or an IP address.
    port: None: 587 for "starttls", 465 for "tls", 25 for "none".
    security: "starttls", "tls" or "none". None: "tls" for port 465, else "starttls". If the server
        does not offer it, the mail fails.
    username, password: for SCRAM-SHA-256, CRAM-MD5, PLAIN or LOGIN, the first that is offered.
    token: for OAUTHBEARER or XOAUTH2 (which also needs `username`): a str, or a callable that
        returns a str. If it returns None, the mail pauses until resume().
    auth: the only mechanism to use, for example "PLAIN".
    ca: the CA certificates to verify the server with: a path or bytes, PEM or DER, one or several.
        None: the system's store on CPython. Other runtimes have no store: ValueError is raised.
    insecure: do not verify the certificate. allow_plaintext_auth: log in without TLS.
    on_event: called as on_event(client, event). If it returns PAUSE, all work waits for resume().
    hostname: for EHLO (RFC 5321 4.1.1.1). buffer_size: bytes, 512 or more, allocated once.
    keep_open_ms: how long to keep the connection open for the next mail, in ms.
    timeouts: {"connect": ms, ...} for some of: resolve connect secure greeting command data block
        text quit.
    disable: ESMTP keywords not to use although the server offers them.
    link: the transport, with the methods of Link. None: a new Link.

    Raises ValueError for invalid arguments, TypeError for arguments of a wrong type, OSError for a
    missing `ca` file.
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
        self._file_blocks: Any = None  # generator, for a mail with a file
        self._is_in_file = False  # the next tick resumes _file_blocks
        self._is_paused = False
        self._progressed = False  # the last tick made progress
        self._since: Any = None  # ticks_ms() at the last progress; None: set at the next tick
        self._noops = 0  # sent since the last mail

    # Methods for the application

    def send_mail(self, mail: "Message") -> None:
        """Take a mail, to be sent by the following ticks. Return at once.

        Raises RuntimeError while another mail is under way, OSError if an attachment's file can't
        be opened, ValueError for an address list without an address, TypeError for no Message.
        """
        session = self._session
        connection = self._connection
        if not hasattr(mail, "recipients"):
            raise TypeError("mail: not a Message")
        if session.mail:
            raise RuntimeError("a mail is under way")
        if connection.state and not session.can_take_mail():
            connection.close()  # the session can only QUIT, or may wait for a reply in vain
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
        self._progressed = True
        self.clear()
        self.bytes_sent = 0
        self.bytes_total = mail.total
        if not connection.state:
            self._open(self.host)

    def deliver(self, mail: "Message", idle: "Callable[[], object] | None" = None) -> bool:
        """Send a mail and wait until it is sent, failed or aborted; return whether it was sent.

        idle: called between the ticks, to feed a watchdog. Raises what send_mail() and on_event()
        raise.
        """
        self.send_mail(mail)
        while self.tick():
            if idle:
                idle()
            sleep_ms(min(self.idle_ms(), _BLOCKED_MS))
        return self.result == _SENT

    def abort_mail(self) -> None:
        """Abort the mail under way: ABORTED. If `in_doubt` is set, the server may have the mail.

        Raises what on_event() raises.
        """
        if self._session.mail:
            problem = self._emit(self._drop(0, False))
            if problem:
                raise problem

    def resume(self) -> None:
        """Go on after on_event() returned PAUSE, or after the event PAUSED."""
        if self._is_paused:
            self._is_paused = False
            self._since = None  # do not count the time of the pause

    def deinit(self) -> None:
        """Abort the mail under way, and close the connection. Raises what on_event() raises."""
        self.abort_mail()
        self._is_paused = False
        self._connection.close()

    def idle_ms(self, now: "int | None" = None) -> int:
        """Return how long the application may sleep before the next tick, in ms.

        0 while bytes flow, 20 while the network has none. With a kept connection: until it is to
        be closed, or used for NOOP. An hour if there is nothing to do. now: as for tick().
        """
        if self._is_paused or not self._connection.state and not self._session.mail:
            return _NOTHING_MS
        if self._is_busy():
            return 0 if self._progressed else _BLOCKED_MS
        if self._since is None:
            return 0
        passed = ticks_diff(ticks_ms() if now is None else now, self._since)
        return max(0, min(self._keep_open_ms - self._noops * _NOOP_MS, _NOOP_MS) - passed)

    # Properties for the application, besides the attributes of Outcome

    @property
    def state(self) -> int:
        """The state of the mail, or the state in which it ended. state_name() gives the name."""
        return self._at() if self._session.mail else self._ended_in

    @property
    def recipient(self) -> str:
        """The address that RECIPIENT_REFUSED is about.

        For a line of an AddressList that is not an address: file and line, as in "crew.txt:17";
        reply_code is 0 then.
        """
        recipients = self._session.recipients
        return recipients.refused if recipients else ""

    @property
    def reply_text(self) -> str:
        """The text of the reply with `reply_code`, at most 256 bytes of it.

        "?" replaces invalid UTF-8 and unprintable characters, "*" parts of a password or token.
        """
        return load("report").reply_text(self)

    @property
    def enhanced_code(self) -> str:
        """The enhanced status code of that reply (RFC 3463), as in "5.1.1"; "" if it has none."""
        return load("report").enhanced_code(self)

    # One tick

    def tick(self, now: "int | None" = None) -> bool:
        """Do one bounded piece of work, without waiting; return True while there is more to do.

        That is at most one read and one write, then an event. now: the time in ms, as ticks_ms()
        returns it; None: read the clock. Raises what on_event() raises, and errors in hssmtp
        itself. Errors of the network, the server or a file do not raise: the mail ends as FAILED.
        """
        event = None
        if self._is_in_file and not self._is_paused:
            # The transfer rate depends on this path. MicroPython allocates the frame of a function
            # on the heap if it is over 11 words: everything else is in _tick().
            event = next(self._file_blocks)
            if not event:
                return True
        return self._tick(event, now)

    def _tick(self, event, now):
        """Report an event; if it is None, do the next piece of work and report its event."""
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
        """Abort the mail after an error in hssmtp itself.

        GeneratorExit is not an error: send_file_blocks() gets it when it is dropped.
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
        self._progressed = False
        event = self._connect(now) if connection.state < _SECURING else self._talk(now)
        if connection.is_lost:
            event = self._lose(now)
        if not event and self._since != now:
            event = self._check_time(now)
        return event

    def _at(self):
        """The state of the connection; once it is open, the state of the session."""
        state = self._connection.state
        return self._session.state if state == _GREETING else state

    def _is_busy(self):
        """Whether a mail is under way, or RSET or QUIT is still to be sent or answered."""
        session = self._session
        return session.mail is not None or self._connection.state > 0 and not session.is_idle()

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
        which = _TIMEOUT_OF_STATE[self._at()]
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
            state = self.state
            transient = transient and not self._connection.is_misconfigured(state)
            self.fail(error, transient, cause, state)
        else:
            self.error = 0
            self.transient = False
            self.cause = None if error else cause
            self._ended_in = self.state
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

    def _emit(self, event):
        """Report an event to on_event(); return the exception that it raises, or None."""
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
