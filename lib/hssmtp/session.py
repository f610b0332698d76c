"""The SMTP session (RFC 5321) as one script, from the greeting to QUIT; without socket or clock.

Read `_run`, then `_introduce`, `_transact` and `_keep`; AUTH is `log_in` in auth/__init__.py. The
script is a generator. It appends commands with `say`, and yields what it waits for:

    _REPLY            the replies to all commands so far
    _ROOM             with PIPELINING (RFC 2920) room in the buffer; without, the same as _REPLY
    _TEXT_GONE        an empty buffer: the text in it was sent
    _VERDICT          the reply to the text; the rest of the text is in the buffer
    _MAIL_OR_REQUEST  a mail, or the client's request for NOOP or QUIT
    _NEXT_TICK        the next tick: a login is being computed
    _OVER             nothing: QUIT is answered

or an event for the client. dialogue.py handles the replies. Replies to MAIL and RCPT can arrive
long after their commands, and are handled there alone. Any other reply is the last outstanding
one: the script resumes with it in `reply`.
"""

from . import SourceError, const
from .dialogue import Dialogue

_TYPING = const(0)
if _TYPING:
    from typing import Any

    from .auth import Auth
    from .connection import Output
    from .dialogue import Outcome
    from .extensions import Extensions
    from .mime import Message

# What the script waits for. Events are above 0.
_REPLY = const(-1)
_ROOM = const(-2)
_TEXT_GONE = const(-3)
_VERDICT = const(-4)
_MAIL_OR_REQUEST = const(-5)
_OVER = const(-7)

# States: the command whose reply is awaited.
_IDLE = const(0)
_GREETING = const(4)
_EHLO = const(5)
_HELO = const(6)
_STARTTLS = const(7)
_MAIL = const(10)
_RCPT = const(11)
_DATA = const(12)
_TEXT = const(13)
_BDAT = const(14)
_RSET = const(15)
_NOOP = const(16)
_QUIT = const(17)

# Events.
_READY = const(4)
_RECIPIENT_REFUSED = const(5)
_PAUSED = const(7)
_SENT = const(8)
_FAILED = const(9)

# Events for the client alone.
_START_TLS = const(12)

_ERROR_TOO_LARGE = const(12)
_ERROR_SOURCE = const(13)
_ERROR_UNSUPPORTED = const(14)

# Room for the longest RCPT: RFC 5321 4.5.3.1.3 gives a path 256 octets, RFC 3461 4.1 another 29.
_LONGEST_RCPT = const(300)

_END = b".\r\n"


class Session(Dialogue):
    """The session script, started anew for each connection.

    outcome: receives the results of the mail. out: receives commands and text. hostname: for EHLO.
    auth: None without a login. security: "starttls", "tls" or "none".
    """

    def __init__(
        self,
        outcome: "Outcome",
        out: "Output",
        extensions: "Extensions",
        hostname: bytes,
        auth: "Auth | None",
        security: str,
    ):
        self.hostname = hostname
        self.security = security
        self.request = 0  # NOOP or QUIT, to be sent when there is no mail; 0: neither
        self._script: Any = None
        self._transaction: Any = None
        Dialogue.__init__(self, outcome, out, extensions, auth)

    def open(self) -> None:
        """Start the session of a new connection."""
        Dialogue.open(self)
        self._script = self._run()
        if self.mail:
            self._transaction = self._transact()

    def begin(self, mail: "Message") -> None:
        """Take a mail, to be sent when the session is ready.

        Raises ValueError if an address list has no address.
        """
        self.recipients = mail.recipients()
        self.mail = mail
        self._transaction = self._transact()  # made now: nothing may be allocated after READY
        self.state = _IDLE
        self.reply.keep = False

    def end(self) -> None:
        """End the mail: close its files."""
        self.mail.close()
        self.recipients.close()
        self.mail = None

    # Queries by the client

    def can_take_mail(self) -> bool:
        """Whether this connection can be used for the next mail."""
        is_introduced = self.state == _IDLE or _MAIL <= self.state <= _NOOP
        return is_introduced and not self.unanswered and self.request != _QUIT

    def is_idle(self) -> bool:
        """Whether there is nothing to send or to receive."""
        return self.waits_for == _MAIL_OR_REQUEST and not self.mail and not self.request

    # Running the script

    def go_on(self) -> int:
        """Run the script until it has to wait; return an event, or 0."""
        while self._is_due():
            try:
                self.waits_for = next(self._script)
            except SourceError as error:
                return self.break_off(_ERROR_SOURCE, error.args[0])
            if self.waits_for > 0:
                return self.waits_for
            if self.waits_for <= _TEXT_GONE:  # do not loop: a source may have nothing ready
                break
        return 0

    def _is_due(self):
        wait = self.waits_for
        if wait == _ROOM and self.unanswered:  # RFC 2920 3.1
            has_room = self.out.end <= len(self.out.buf) - _LONGEST_RCPT
            if not has_room or self.recipients.is_crowded():
                return False
            return self.extensions.uses_pipelining and not self.outcome.error
        if wait == _REPLY or wait == _ROOM or wait == _VERDICT:
            return not self.unanswered
        if wait == _TEXT_GONE:
            return not self.out.end
        if wait == _MAIL_OR_REQUEST:
            return self.mail is not None or self.request > 0
        return wait != _OVER

    # The script

    def _run(self):
        """Run all phases: introduce, transact, keep, quit."""
        is_open = yield from self._introduce()
        if not is_open:
            yield _FAILED
        while is_open:
            needs_reset = yield from self._transaction
            self.reply.keep = True
            self.is_used = True
            yield _FAILED if self.outcome.error else _SENT
            is_open = yield from self._keep(needs_reset)
        self.say(_QUIT, b"QUIT\r\n")
        yield _REPLY
        yield _OVER

    def _introduce(self):
        """Do greeting, EHLO, STARTTLS and EHLO again, AUTH; return whether mails can be sent."""
        login = self.auth.log_in(self) if self.auth else None
        self.say(_GREETING, b"")
        yield _REPLY
        if self.fail_if_refused():
            return False
        self._say_hello(_EHLO, b"EHLO ")
        yield _REPLY
        if self.reply.code >= 500 and self.security == "none":
            self._say_hello(_HELO, b"HELO ")  # RFC 5321 3.2: the server may not support EHLO
            yield _REPLY
        if self.fail_if_refused():
            return False
        if self.security == "starttls":
            if not self.extensions.offers_starttls():
                self.extensions.missing = "STARTTLS"
                return self.fail(_ERROR_UNSUPPORTED)
            self.say(_STARTTLS, b"STARTTLS\r\n")
            yield _REPLY
            if self.fail_if_refused():
                return False
            yield _START_TLS
            self._say_hello(_EHLO, b"EHLO ")  # RFC 3207 4.2: forget the offers made before TLS
            yield _REPLY
            if self.fail_if_refused():
                return False
        if login:
            is_logged_in = yield from login
            if not is_logged_in:
                return False
        yield _READY
        return True

    def _transact(self):
        """Send the mail, without allocating; return whether the transaction still needs RSET."""
        outcome = self.outcome
        recipients = self.recipients
        while self._prepare():
            self._say_mail()
            yield _ROOM
            if outcome.error:
                return False
            while not outcome.error and recipients.next():
                if recipients.send():
                    self._say_rcpt()
                else:
                    yield self._skip_bad_line()
                yield _ROOM
            has_chunks = self.extensions.uses_chunking
            if has_chunks and not self._can_pipeline_text():
                yield _REPLY
            if outcome.error or not self.unanswered and not recipients.accepted:
                yield _REPLY
                needs_reset = True
            elif has_chunks:
                wait = self._say_bdat()
                while wait:
                    yield wait
                    wait = self._put_chunk()
                yield _VERDICT
                needs_reset = self.reply.code >= 400
            else:
                self.say(_DATA, b"DATA\r\n")
                yield _REPLY
                needs_reset = self.reply.code >= 400
                if not needs_reset:
                    self.say(_TEXT, b"")
                    wait = self._put_text()
                    while wait:
                        yield wait
                        wait = self._put_text()
                    yield _VERDICT
            if not self._finish_transaction():
                return needs_reset
            if needs_reset:
                self.say(_RSET, b"RSET\r\n")
                yield _REPLY
        return False

    def _keep(self, needs_reset):
        """Keep the connection open for the next mail; return False to close it."""
        if needs_reset and (self.mail or self.request != _QUIT):
            self.say(_RSET, b"RSET\r\n")
            yield _REPLY
        while not self.mail and self.request != _QUIT:
            self.state = _IDLE
            yield _MAIL_OR_REQUEST
            if self.request == _NOOP:
                self.request = 0
                self.say(_NOOP, b"NOOP\r\n")
                yield _REPLY  # any reply will do; dialogue.py handles a 421
        return self.mail is not None

    # Commands and text

    def _say_hello(self, state, verb):
        self.extensions.forget()
        if self.auth:
            self.auth.forget()
        self.say(state, verb)
        self.out.put(self.hostname)
        self.out.put(b"\r\n")

    def _say_mail(self):
        self.recipients.lower_limit(self.extensions.max_recipients)
        self.say(_MAIL, b"MAIL FROM:<")
        self.out.put(self.mail.sender)
        self.out.put(b">")
        self.extensions.put_mail_parameters(self.out, self.mail)
        self.out.put(b"\r\n")

    def _say_rcpt(self):
        self.say(_RCPT, b"RCPT TO:<")
        self.out.end = self.recipients.put(self.out.buf, self.out.end)
        self.out.put(b">")
        self.extensions.put_rcpt_parameters(self.out, self.mail)
        self.out.put(b"\r\n")

    def _skip_bad_line(self):
        """Count a line of an address list that is not an address as a refused recipient."""
        self.outcome.refuse_recipient(False)
        self.outcome.reply_code = 0
        return _RECIPIENT_REFUSED

    def _say_bdat(self):
        """Append BDAT for the whole mail as one chunk (RFC 3030 2)."""
        self.say(_BDAT, b"BDAT ")
        self.out.put_number(self.mail.total or 0)
        self.out.put(b" LAST\r\n")
        return _TEXT_GONE

    def _can_pipeline_text(self):
        """Whether to send BDAT and the text before the replies to MAIL and RCPT.

        Not if the text is large: it is wasted if they are refused. Not before the reply to MAIL on
        a kept connection: the server may have closed it.
        """
        return self.extensions.is_small and not (self.is_used and self.state == _MAIL)

    def _put_text(self):
        """Put the next piece of the text into `out`, and the end line after the last piece.

        Return what to wait for, or 0 after the end.
        """
        out = self.out
        # RFC 2920 3.1: if DATA is accepted although no recipient is, end the text at once.
        if self.recipients.accepted:
            mail = self.mail
            has_dots = mail.part().dots
            begins_line = mail.line_begins
            room = len(out.buf) - len(_END)
            count = mail.readinto(out.buf, room * 3 // 4 if has_dots else room)
            if count is None:
                return _PAUSED
            if 0 < self.extensions.max_size < mail.position:  # the size was not known at MAIL
                self.outcome.reply_code = 0
                return self.break_off(_ERROR_TOO_LARGE)
            out.end = _stuff_dots(out.buf, count, begins_line) if has_dots else count
            if mail.part() or out.end > room:
                return _TEXT_GONE
        out.put(_END)
        return 0

    def _put_chunk(self):
        """Put the next piece of the text into `out`, as it is: BDAT gives its size (RFC 3030 2).

        Return what to wait for, or 0 after the end.
        """
        mail = self.mail
        count = mail.readinto(self.out.buf, len(self.out.buf) - len(_END))
        if count is None:
            return _PAUSED
        self.out.end = count
        return _TEXT_GONE if mail.part() else 0

    # Before and after a transaction

    def _prepare(self):
        """Encode the mail for the server's extensions; return whether the server can take it."""
        mail = self.mail
        if mail.position:  # it was sent before, to other recipients or over another connection
            mail.begin()
        self.recipients.begin()
        error = self.extensions.adapt(mail, self.out.buf)
        if error:
            self.state = _MAIL
            self.outcome.reply_code = 0  # the error does not come from a reply
            self.fail(error)
        return not error

    def _finish_transaction(self):
        """Count the recipients of a transaction as delivered; return whether one more follows."""
        recipients = self.recipients
        outcome = self.outcome
        if not outcome.error:
            if not recipients.accepted:
                self._fail_for_no_recipient()
            elif not self.fail_if_refused():
                outcome.delivered += recipients.accepted
                self.is_used = True
        return not outcome.error and recipients.has_more()


def _stuff_dots(buf, count, begins_line):
    """Double each dot at the start of a line in buf[:count], in place (RFC 5321 4.5.2).

    begins_line: buf[0] is the first byte of a line. Return the new end, at most 4/3 of count.
    """
    first = count > 0 and begins_line and buf[0] == 46
    dots = 1 if first else 0
    at = buf.find(b"\n.", 0, count)
    while at >= 0:
        dots += 1
        at = buf.find(b"\n.", at + 2, count)
    end = at = count + dots
    while at > count:  # backwards: no byte is overwritten before it has moved
        count -= 1
        at -= 1
        buf[at] = buf[count]
        if buf[count] == 46 and (buf[count - 1] == 10 if count else first):
            at -= 1
            buf[at] = 46
    return end
