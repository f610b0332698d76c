"""The dialogue with a server: commands to send, and replies as they arrive.

With PIPELINING (RFC 2920), replies to MAIL and RCPT can arrive long after their commands: they are
handled here. Any other reply is the last outstanding one, and the script in session.py resumes.
"""

from . import SourceError, const
from .reply import Reply

_TYPING = const(0)
if _TYPING:
    from typing import Any

    from .auth import Auth
    from .connection import Output
    from .extensions import Extensions

# Values of Reply.line; reply.py has the others.
_CONTINUED = const(1)
_MALFORMED = const(3)

# What the script waits for. Events are above 0.
_TEXT_GONE = const(-3)
_VERDICT = const(-4)
_NEXT_TICK = const(-6)

# States: the command whose reply is awaited.
_IDLE = const(0)
_GREETING = const(4)
_EHLO = const(5)
_STARTTLS = const(7)
_AUTH = const(8)
_RESPONSE = const(9)
_MAIL = const(10)
_RCPT = const(11)
_DATA = const(12)
_TEXT = const(13)
_BDAT = const(14)
_RSET = const(15)
_QUIT = const(17)

# Events.
_RECIPIENT_REFUSED = const(5)
_PAUSED = const(7)

# Events for the client alone.
_BROKEN = const(13)  # the connection can't be used any more
_RECONNECT = const(14)  # as _BROKEN; the rest of the mail goes over another connection
_DONE = const(15)  # as _BROKEN; the mail is sent

_ERROR_CLOSED = const(6)
_ERROR_PROTOCOL = const(7)
_ERROR_AUTH = const(8)
_ERROR_RECIPIENTS = const(10)
_ERROR_TOO_LARGE = const(12)
_ERROR_SOURCE = const(13)

# The error for a refused command, by its state from GREETING on: REJECTED three times, TLS, AUTH
# twice, SENDER, RECIPIENTS, then REJECTED.
_REFUSALS = b"\x0b\x0b\x0b\x03\x08\x08\x09\x0a\x0b\x0b\x0b\x0b\x0b\x0b"

# States in which the server has not yet replied in a transaction: IDLE, MAIL, RSET, NOOP.
_FIRST_COMMANDS = b"\x00\x0a\x0f\x10"


class Outcome:
    """The result of a mail: the session and the client set it, the application reads it.

    result: None while the mail is under way, then SENT, FAILED or ABORTED.
    error: after FAILED, one of the ERROR constants; else 0.
    transient: whether another try can succeed. in_doubt: whether the server may have the mail.
    cause: the exception behind an error; or a str that says what the server did wrong, if its
        reply does not. None if there is neither.
    reply_code: of the last reply that counts; 0 if there is none.
    accepted, refused, delivered: counts of recipients.
    """

    def __init__(self):
        self.clear()

    def clear(self) -> None:
        """Prepare for a new mail."""
        self.result = None
        self.error = 0
        self.transient = False
        self.in_doubt = False
        self.cause = None
        self.reply_code = 0
        self.accepted = 0
        self.refused = 0
        self.delivered = 0
        self._is_refused_for_now = False  # a recipient was refused with 4yz
        self._ended_in = _IDLE  # the state in which the mail ended

    def fail(self, error: int, transient: bool, cause: object, state: int) -> None:
        """Record why the mail fails, and in which state.

        Only the first error is recorded: later ones follow from it.
        """
        if not self.error:
            self.error = error
            self.transient = self._is_refused_for_now if error == _ERROR_RECIPIENTS else transient
            self.cause = cause
            self._ended_in = state

    def refuse_recipient(self, is_for_now: bool) -> None:
        """Count a refused recipient. is_for_now: the refusal is transient (4yz)."""
        self.refused += 1
        self._is_refused_for_now = self._is_refused_for_now or is_for_now


class Dialogue:
    """Commands and replies, on one connection after another.

    outcome: receives the results of the mail. out: receives commands and text. auth: None without
    a login.
    """

    def __init__(
        self, outcome: Outcome, out: "Output", extensions: "Extensions", auth: "Auth | None"
    ):
        self.outcome = outcome
        self.out = out
        self.extensions = extensions
        self.auth = auth
        self.reply = Reply()
        self.mail: Any = None  # a Message
        self.recipients: Any = None  # Recipients or ListRecipients
        self.open()

    def open(self) -> None:
        """Start the dialogue of a new connection."""
        self.state = _GREETING
        self.unanswered = 0  # number of commands
        self.is_used = False  # the connection has carried an earlier transaction
        self.waits_for = _NEXT_TICK
        self.reply.reset()
        self.out.clear()

    def go_on(self) -> int:
        """Resume after the last outstanding reply; return an event, or 0. Session overrides it."""
        return 0

    # Commands

    def say(self, state, command):
        """Append a command. `self.state` is that of the first command without a reply."""
        if not self.unanswered:
            self.state = state
        self.unanswered += 1
        self.reply.keep = not self.mail or self.outcome.error > 0
        self.out.put(command)

    # What the server can have received

    def has_more(self) -> bool:
        """Whether bytes of the last command, or of its text, are still to be sent."""
        return self.out.end > 0 or self.waits_for == _TEXT_GONE or self.waits_for == _PAUSED

    def expects_no_reply(self) -> bool:
        """Whether a reply that arrives now is unsolicited, or too early."""
        return self.unanswered <= self._count_unsent() or self.unanswered == 1 and self.has_more()

    def _count_unsent(self):
        """Count the commands that are not fully sent. The text is not a command."""
        if self.mail and self.mail.position and _MAIL <= self.state <= _BDAT:
            return 0
        return self.out.buf.count(b"\n", self.out.start, self.out.end)

    def in_doubt(self) -> bool:
        """Whether the server has the whole text, and has not replied to it."""
        outcome = self.outcome
        is_refused = _ERROR_AUTH <= outcome.error <= _ERROR_TOO_LARGE
        if self.waits_for != _VERDICT or self.out.end or not self.unanswered:
            return False
        if is_refused or outcome.reply_code == 421:
            return False
        return self.recipients.accepted + self.recipients.waiting > 0

    # Replies

    def answer(self, has_input: bool) -> int:
        """Handle a line of a reply, which is in `reply`; return an event, or 0.

        has_input: more bytes were received together with it.
        """
        reply = self.reply
        code = reply.code
        if self.state == _EHLO and self.unanswered and code // 100 == 2:
            self._take_keyword()
        if reply.line == _CONTINUED:
            return 0
        if self.mail and not reply.keep:
            self.outcome.reply_code = code
        try:
            event = self._check_reply(code)
            if event:
                return event
            self.unanswered -= 1
            if self.state == _MAIL:
                self.fail_if_refused()
            elif self.state == _RCPT:
                event = self._take_recipient_reply()
        except SourceError as error:
            return self.break_off(_ERROR_SOURCE, error.args[0])
        if self.unanswered:
            last = _BDAT if self.extensions.uses_chunking else _DATA
            self.state = _RCPT if self.recipients.waiting else last
            return event
        # More input is a second reply to the same command: leave it to the next call, which fails.
        # If this reply is decisive, more input does not matter.
        is_decided = code >= 400 or self.state in (_STARTTLS, _TEXT, _BDAT)
        return event if event or has_input and not is_decided else self.go_on()

    def _check_reply(self, code):
        """Return an event if the session can't go on after this reply, else 0."""
        if self._is_closing(code):
            return self.break_off(_ERROR_CLOSED)
        if self.reply.line == _MALFORMED or self.unanswered <= self._count_unsent():
            return self.break_off(_ERROR_PROTOCOL)
        if self.state == _RSET and code >= 400:  # the transaction is still open
            can_go_on = self.mail and self._begin_again()
            return _RECONNECT if can_go_on else self.break_off(_ERROR_CLOSED)
        is_early = self.unanswered == 1 and self.has_more()  # the text is not fully sent
        if code < 400 and (is_early or not self._is_expected(code)):
            return self.break_off(_ERROR_PROTOCOL)
        if self._is_chunking_refused(code) and self._begin_without_chunking():
            return _RECONNECT
        if not is_early:
            return 0
        # The server would take the rest of the text for commands.
        if self.state < _TEXT or self.recipients.accepted:
            return self.break_off(self._refusal())
        self._fail_for_no_recipient()
        if self.outcome.error:
            return _BROKEN
        if not self.recipients.has_more():
            return _DONE
        return _RECONNECT if self._begin_again() else self.break_off(self._refusal())

    def _is_closing(self, code):
        """Whether the server closes the connection with this reply (RFC 5321 3.8)."""
        if code == 421 and self.state != _QUIT:
            recipients = self.recipients
            if self.state == _RCPT and recipients.accepted and self._is_transaction_full(code):
                recipients.defer()
            return True
        # Some servers close a kept connection with 451 4.4.2 instead of 421.
        is_first = self.is_used and self.state in _FIRST_COMMANDS
        return is_first and code == 451 and self.reply.text.startswith(b"4.4.2 ")

    def _is_chunking_refused(self, code):
        """Whether the server refuses CHUNKING or BINARYMIME, although it offers them."""
        if self.outcome.error or code < 500:
            return False
        is_unknown = code <= 504 or code == 555
        if self.state == _MAIL:
            return is_unknown and self.extensions.uses_binarymime()
        if self.state != _BDAT or not self.recipients.accepted:
            return False
        return is_unknown or self._refusal() == _ERROR_TOO_LARGE

    def _is_expected(self, code):
        if self.state == _DATA:
            return code == 354
        if self.state == _AUTH or self.state == _RESPONSE:
            return code == 235 or code == 334
        return code // 100 == 2

    def _take_keyword(self):
        """Handle a line of the reply to EHLO: a keyword, in upper or lower case (RFC 5321 2.4)."""
        reply = self.reply
        text = reply.text
        end = 0
        last = 32
        for at in range(reply.length):
            byte = text[at]
            if byte != 32 or last != 32:  # drop leading and repeated spaces
                text[end] = last = byte - 32 if 97 <= byte <= 122 else byte
                end += 1
        text[end] = 32
        if not reply.is_first:  # RFC 5321 4.1.1.1: the first line names the server
            self.extensions.offer(text, end)
            if self.auth:
                self.auth.offer(text, end)
        reply.length = 0

    def _take_recipient_reply(self):
        """Handle the reply to an RCPT; return an event, or 0."""
        recipients = self.recipients
        outcome = self.outcome
        code = self.reply.code
        recipients.answer()
        if outcome.error:  # MAIL was refused: RCPT can't be accepted, and its refusal is expected
            return _BROKEN if code < 400 else 0
        if code < 400:
            recipients.accept()
            outcome.accepted += 1
        elif recipients.accepted and self._is_transaction_full(code):
            recipients.defer()
        else:
            recipients.refuse()
            outcome.refuse_recipient(code < 500)
            # If DATA was sent already, its refusal, "no valid recipients", would say less.
            if self.unanswered and not recipients.waiting and not recipients.accepted:
                self._fail_for_no_recipient()
            self.reply.keep = self.reply.keep or not self.unanswered  # until the next command
            return _RECIPIENT_REFUSED
        return 0

    def _is_transaction_full(self, code):
        """Whether a recipient is refused because it is one too many for the transaction.

        RFC 5321 4.5.3.1.10, RFC 3463 3.6.
        """
        text = self.reply.text
        if self.reply.length > 5 and text[1] == 46 and text[3] == 46:
            if text.startswith(b"4.5.3 ") or text.startswith(b"5.5.3 "):
                return True
        elif code == 452 or code == 552:
            return True
        # RFC 5321 4.5.3.1.8: a server has to accept 100. A 4yz after that is taken for "too many".
        return code < 500 and self.recipients.accepted >= 100

    # Refusals

    def fail_if_refused(self):
        """Fail the mail if the reply is a refusal; return whether it is one."""
        if self.reply.code >= 400:
            self.fail(self._refusal())
            return True
        return False

    def _refusal(self):
        """Return the error for the refused command."""
        state = self.state
        if _MAIL <= state <= _BDAT and state != _RCPT:
            if self.reply.code == 530:  # RFC 4954 6
                return _ERROR_AUTH
            if self._is_too_large():
                return _ERROR_TOO_LARGE
        return _REFUSALS[state - _GREETING]

    def _is_too_large(self):
        """Whether the mail is refused for its size (RFC 1870 6.1, RFC 3463 3.3 and 3.4)."""
        text = self.reply.text
        if text[1] == 46 and text[3] == 46 and self.reply.length > 4:
            return text.startswith(b"5.3.4 ") or text.startswith(b"5.2.3 ")
        code = self.reply.code
        most = self.extensions.max_size
        if most:  # a smaller mail is refused for another reason
            return code >= 500 and (self.mail.total or self.mail.position) >= most
        return code == 552 or code == 523 or code == 534

    def _fail_for_no_recipient(self):
        """Fail the mail if no recipient has it, and none is left to try.

        If an earlier transaction has delivered it, the reply of that one counts.
        """
        outcome = self.outcome
        try:
            if self.recipients.has_more():
                return
        except SourceError as error:  # do not raise: the refusal is still to be reported
            self.fail(_ERROR_SOURCE, error.args[0])
        if not outcome.delivered:
            self.fail(_ERROR_RECIPIENTS)
        elif not self.unanswered:  # the text of the earlier reply was not kept
            outcome.reply_code = 250
            self.reply.length = 0

    def is_settled(self) -> bool:
        """Whether the mail is sent although the connection fails.

        It is if the last recipient is refused, and an earlier transaction has delivered the mail.
        If none has, fail with ERROR_RECIPIENTS: the connection is not the reason.
        """
        recipients = self.recipients
        if self.outcome.error or not _RCPT <= self.state <= _BDAT:
            return False
        if recipients.accepted or recipients.waiting:
            return False
        try:
            if not recipients.next():
                self.unanswered = 0  # ignore replies that are still to come
                self._fail_for_no_recipient()
                return not self.outcome.error and not recipients.has_more()
        except SourceError as error:
            self.fail(_ERROR_SOURCE, error.args[0])
        return False

    # Failures

    def fail(self, error, cause=None):
        """Record that the mail fails with the current reply; the session goes on. Return False."""
        if self.mail:
            state = _RCPT if error == _ERROR_RECIPIENTS else self.state
            is_for_now = error != _ERROR_SOURCE and self.outcome.reply_code // 100 == 4
            self.outcome.fail(error, is_for_now, cause, state)
            self.reply.keep = True
        return False

    def break_off(self, error, cause=None):
        """Record that the mail fails, and that the connection can't be used; return an event."""
        if self.mail and self.is_settled():
            return _DONE
        if self.mail and self.reply.keep and not self.outcome.error:
            self.outcome.reply_code = self.reply.code
            self.reply.length = 0  # this text belongs to the refusal of a recipient
        self.fail(error, cause)
        return _BROKEN

    # Another connection

    def restart(self, is_silent: bool) -> bool:
        """Prepare to go on over a new connection, after this one failed; return whether to do so.

        is_silent: the server has not replied in time.
        """
        outcome = self.outcome
        error = outcome.error
        if not self.mail or error and error != _ERROR_CLOSED and error != _ERROR_PROTOCOL:
            return False
        if self.is_used and self.state in _FIRST_COMMANDS:  # a kept connection was closed
            return self._begin_again()
        if is_silent and self.state == _BDAT and self.extensions.uses_chunking:
            outcome.in_doubt = self.in_doubt()
            return self._begin_without_chunking()
        # A server that got too many recipients may reply 421, or just close the connection.
        if not self.recipients.is_overfull() or error == _ERROR_PROTOCOL:
            return False
        self.extensions.learned_limit = self.recipients.accepted
        is_too_late = self.state >= _TEXT and outcome.reply_code != 421 or self.in_doubt()
        return not is_too_late and self._begin_again()

    def _begin_without_chunking(self):
        self.extensions.avoid_chunking()
        return self._begin_again()

    def _begin_again(self):
        """Prepare to send the rest of the mail over another connection.

        Return False if the recipients left are unknown, or if the mail can't be read again.
        """
        outcome = self.outcome
        recipients = self.recipients
        try:
            if self.mail.position:
                self.mail.begin()
        except SourceError:
            return False
        if recipients.accepted or recipients.waiting:
            accepted = recipients.accepted
            if not recipients.repeat():
                return False
            outcome.accepted -= accepted
        outcome.error = outcome.reply_code = 0
        outcome.transient = False
        outcome.cause = None
        return True
