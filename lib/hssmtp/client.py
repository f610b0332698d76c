"""Client, the object that an application holds: its calls, ticks, events and results."""
# setup.check() changes the types of some arguments of Client().
# pyright: reportArgumentType=false

from . import call, const, load, sleep_ms, ticks_diff, ticks_ms
from .connection import Connection
from .exchange import Exchange
from .extensions import Extensions
from .session import Session

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable, Iterable

    from .mime import Message
    from .net import Link

# Events.
_PROGRESS = const(6)
_PAUSED = const(7)
_SENT = const(8)
_PAUSE = const(11)  # returned by on_event()

_BLOCKED_MS = const(20)
_NOTHING_MS = const(3600000)
_NOOP_MS = const(240000)  # as in exchange.py


class Client(Exchange):
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
        host, port, security, hostname, limits, disabled, login, tls = call(
            "setup", "check", host, port, security, username, password, token, ca, insecure,
            allow_plaintext_auth, on_event, hostname, buffer_size, keep_open_ms, timeouts, auth,
            disable,
        )  # fmt: skip
        connection = Connection(link or load("net").Link(), buffer_size, *tls)
        auth = load("auth").Auth(*login) if login else None
        session = Session(self, connection.out, Extensions(disabled), hostname, auth, security)
        Exchange.__init__(self, host, port, connection, session, limits, on_event, keep_open_ms)

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

    # Properties for the application, besides those of Outcome and Exchange

    @property
    def state(self) -> int:
        """The state of the mail, or the state in which it ended. state_name() gives the name."""
        return self._current_state() if self._session.mail else self._ended_in

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

    # The end of a mail

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
