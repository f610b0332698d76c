"""The SMTP dialogue (RFC 5321) as a table of steps; no socket, no clock, no file."""

from . import const
from .extensions import Extensions
from .octets import decimal, word
from .reply import Reply
from .transparency import stuff

_TYPING = const(0)
if _TYPING:
    from .auth import Auth
    from .envelope import Envelope
    from .message import Message

# The steps that a mail goes through, in their order. Their numbers go on from those of the
# connection's phases: both are what client.state says, and names.py spells.
_GREETING = const(4)
_EHLO = const(5)
_HELO = const(6)
_STARTTLS = const(7)
_AUTH = const(8)
_RESPONSE = const(9)
_MAIL = const(10)
_RCPT = const(11)
_DATA = const(12)
_TEXT = const(13)
_BDAT = const(14)
_RSET = const(15)
_NOOP = const(16)
_QUIT = const(17)

# The errors and events that are born here.
_TLS = const(3)
_CLOSED = const(6)
_PROTOCOL = const(7)
_LOGIN = const(8)
_SENDER = const(9)
_NOBODY = const(10)
_REJECTED = const(11)
_TOO_LARGE = const(12)
_UNSUPPORTED = const(14)

_READY = const(4)
_RECIPIENT_REFUSED = const(5)
_SENT = const(8)
_FAILED = const(9)
_SECURE = const(12)  # no event of the application's: the client is to begin TLS

# The table. Of the steps that may follow, the first that is wanted does: _wanted() tells which is.
# Where none is named for a refusal, the same may follow as behind the good reply.
_COMMAND = const(1)
_REPLY = const(2)
_THEN = const(3)
_REFUSED = const(4)
_ERROR = const(5)
_NEXT = (_MAIL, _NOOP, _QUIT)  # the session is ready for a mail
# fmt: off
_STEPS = (
    # step     command       reply  then                             if refused      error
    (_GREETING, b"",               2, (_EHLO,),                        (_QUIT,),       _REJECTED),
    (_EHLO,     b"EHLO ",          2, (_STARTTLS, _AUTH) + _NEXT,       (_HELO, _QUIT), _REJECTED),
    (_HELO,     b"HELO ",          2, _NEXT,                           (_QUIT,),       _REJECTED),
    (_STARTTLS, b"STARTTLS\r\n",   2, (_EHLO,),                        (_QUIT,),       _TLS),
    (_AUTH,     b"AUTH",         235, (_RESPONSE,) + _NEXT,            (_AUTH, _QUIT), _LOGIN),
    (_RESPONSE, b"",             235, (_RESPONSE,) + _NEXT,            (_AUTH, _QUIT), _LOGIN),
    (_MAIL,     b"MAIL FROM:<",    2, (_RCPT, _RSET, _QUIT),           _NEXT,          _SENDER),
    (_RCPT,     b"RCPT TO:<",      2, (_RCPT, _BDAT, _DATA, _RSET, _QUIT), (),         _NOBODY),
    (_DATA,     b"DATA\r\n",     354, (_TEXT,),                        (_RSET, _QUIT), _REJECTED),
    (_TEXT,     b"",               2, _NEXT,                           (),             _REJECTED),
    (_BDAT,     b"BDAT ",          2, _NEXT,                           (_RSET, _QUIT), _REJECTED),
    (_RSET,     b"RSET\r\n",       2, _NEXT,                           (_QUIT,),       0),
    (_NOOP,     b"NOOP\r\n",       2, _NEXT,                           (),             0),
    (_QUIT,     b"QUIT\r\n",       2, (),                              (),             0),
)
# fmt: on
# With PIPELINING, what follows these need not wait for their replies (RFC 2920 3.1, 3030 4.2).
_AHEAD = (_MAIL, _RCPT, _TEXT, _BDAT)

# Room for the longest RCPT: RFC 5321 4.5.3.1.3 gives a path 256 octets, RFC 3461 4.1 another 29.
# MAIL may be longer; it has the buffer for itself.
_ROOM = const(300)


class Dialogue:
    """A session with a server: the step being sent, and the step being answered.

    `produce` gives what is to be sent, `answer` takes what was replied. `event`, where not 0, is
    what the client has to hear of. `broken`: the connection is of no more use.
    """

    def __init__(self, hostname: bytes, auth: "Auth | None", starttls: bool):
        self.reply = Reply()
        self.extensions = Extensions()
        self.hostname = hostname
        self.auth = auth
        self.starttls = starttls
        self.closing = True  # QUIT follows the mail; False: the connection is kept
        self.noop = False  # NOOP is to be said on it
        self.mail: Message = None  # pyright: ignore[reportAttributeAccessIssue]
        self.envelope: Envelope | None = None  # the last mail's, when that is over
        self._reset()
        self.open(False)

    def _reset(self):
        self.fresh = False  # a transaction is to begin: its MAIL has not gone out yet
        self.event = 0
        self.error = 0
        self.problem = None  # what the server did wrong, in words, where its reply doesn't say it
        self.code = 0  # of the reply that counts: the last one, or the one that ended the mail
        self.transient = False
        self.accepted = 0  # recipients
        self.rejected = 0
        self.delivered = 0  # those of whose transaction the text was taken
        self.passed = 0  # octets of the mail that the link has taken
        self._soft = False  # a recipient was refused for now only

    def open(self, secured: bool) -> None:
        """A new connection: its greeting is awaited."""
        self.reply.reset()
        self.extensions.forget()
        self.sent = self.awaited = _GREETING
        self.waiting = 1  # steps sent and not yet answered
        self.streaming = False  # the step being sent has octets to come
        self.working = False  # it is being worked out what goes next
        self.behind = False  # more replies are due, and `awaited` is still the last one's step
        self.refused = False  # the last step answered was
        self.broken = False
        self.idle = False  # all is said and answered
        self.ready = False
        self.used = False  # a mail has gone over this connection
        self.undecided = False  # the text has its end, and no reply yet
        self.secured = secured
        self.dot: int = 0  # where in the buffer the text's end is

    def begin(self, mail: "Message") -> None:
        """Take a mail, for as soon as the session is ready for one."""
        self.envelope = mail.envelope()
        self._reset()
        self.mail = mail
        self.fresh = True
        self.idle = False
        self.noop = False
        self.reply.keep = False

    def restart(self) -> bool:
        """Begin the transaction again elsewhere; False if its MAIL was answered already."""
        if not self.fresh and self.awaited == _MAIL:
            self.envelope.restart()
            self.fresh = True
        if self.fresh:
            self.error = 0
            self.reply.keep = False
        return self.fresh

    def end(self) -> None:
        """The mail is over, whichever way."""
        self.fresh = False
        self.mail = None  # pyright: ignore[reportAttributeAccessIssue]
        self.used = True
        self.envelope.close()

    # The step being sent

    def produce(self, buf: bytearray) -> "int | None":
        """Put what is to be sent into buf[0:]: its octets, None if it is not at hand yet."""
        self.dot = 0
        n = 0
        room = len(buf) - _ROOM
        while n <= room and not self.streaming:
            if self.waiting and not self._may_go_ahead():
                return n
            step = self._following(self.sent, True)
            if not step:
                self.idle = not self.waiting
                return n
            if self.waiting and self._has_to_wait(step):
                return n
            if self._called_off(step, buf):
                return n
            if step == _AUTH or step == _RESPONSE:
                self.working = not self.auth.prepare(step == _AUTH)
                if self.working:
                    return None if self.auth.pauses else n
            if not self.waiting:
                self.awaited = step
                if step == _RCPT:
                    self.envelope.answer()
            self.sent = step
            self.waiting += 1
            n = self._command(step, buf, n)
        if not self.streaming:
            return n
        if self.sent == _TEXT:
            return self._text(buf)
        if self.sent == _BDAT:
            return n or self._chunk(buf)
        n = self.auth.respond(buf, n)
        if not self.auth.left:
            self.streaming = False
            n = word(buf, n, b"\r\n")
        return n

    def _may_go_ahead(self):
        """Whether anything may be sent before the last reply has come."""
        return (
            not self.error
            and self.extensions.pipelining
            and self.sent in _AHEAD
            and not self.envelope.crowded()
        )

    def _has_to_wait(self, step):
        """Whether a step has to, though those before it didn't."""
        if step == _BDAT:  # what it costs in vain; and whether a kept connection is still one
            return not self.extensions.small or self.used and self.awaited == _MAIL
        if step == _QUIT and self.sent >= _TEXT:
            return self.envelope.may_go_on()
        return step >= _RSET

    def _called_off(self, step, buf):
        """Whether the step is not taken: the mail doesn't suit, or there is no recipient."""
        if step == _MAIL:
            if self.mail.position:
                self.mail.begin()  # it was sent to others before
            error = self.extensions.suit(self.mail, buf)
            if error:
                self.code = 0  # it was no reply
                self._fail(error)
                self.refused = False
                self.event = _FAILED
            return error
        if step == _RCPT:
            if self.envelope.send():
                return False
            self.rejected += 1
            self.code = 0
            self.event = _RECIPIENT_REFUSED
            return True
        if step >= _RSET and (self.sent == _RCPT or self.sent == _MAIL) and not self.error:
            self.sent = _DATA  # as good as refused
            self.refused = True
            self._nobody()
            return True
        return False

    def _command(self, step, buf, n):
        n = word(buf, n, _STEPS[step - _GREETING][_COMMAND])
        if step == _EHLO or step == _HELO:
            self._forget()
            n = word(buf, n, self.hostname)
        elif step == _MAIL:
            self.fresh = False
            self.undecided = False
            self.envelope.begin()
            self.envelope.obey(self.extensions.recipients)
            n = word(buf, word(buf, n, self.mail.sender), b">")
            n = self.extensions.mail(buf, n, self.mail)
        elif step == _RCPT:
            n = word(buf, self.envelope.to_send.put(buf, n), b">")
            n = self.extensions.rcpt(buf, n, self.mail)
        elif step == _BDAT:
            n = decimal(buf, n, self.mail.total)  # pyright: ignore[reportArgumentType]
            n = word(buf, n, b" LAST\r\n")
            self.streaming = True
            return n
        elif step == _NOOP:
            self.noop = False
            return n
        elif step == _AUTH or step == _RESPONSE or step == _TEXT:
            self.streaming = True
            return self.auth.begin(buf, n) if step == _AUTH else n
        else:
            return n
        return word(buf, n, b"\r\n")

    def _text(self, buf):
        """The next piece of the mail; behind the last one, the dot."""
        n = 0
        # Where DATA was granted although no recipient was, nobody gets a text.
        if self.envelope.accepted and not self.error:
            mail = self.mail
            dots = mail.dots
            begins = mail.line_begins
            size = len(buf) - 3
            n = mail.readinto(buf, size * 3 // 4 if dots else size)
            if n is None:
                return None
            if dots:
                n = stuff(buf, n, begins)
            if not mail.ended or n > size:
                return n
            self.undecided = True
        self.streaming = False
        self.dot = word(buf, n, b".\r\n")
        return self.dot

    def _chunk(self, buf):
        """The next piece of the mail, as it is: the server counts its octets (RFC 3030 2)."""
        mail = self.mail
        n = mail.readinto(buf, len(buf) - 3)
        if mail.position == mail.total:
            self.streaming = False
            self.undecided = True
            self.dot = n or 0
        elif n is not None and (mail.ended or mail.position > (mail.total or 0)):
            raise OSError("the mail has not the size that was told")
        return n

    # The step being answered

    def answer(self, unsent: bool = False) -> None:
        """A line of a reply has come; its last one moves the dialogue on.

        unsent: the server has not had all of the step yet.
        """
        reply = self.reply
        step = self.awaited
        code = reply.code
        self.idle = False
        if step == _EHLO and code // 100 == 2:
            self._capability()
        if reply.line == 1:  # more lines follow
            return
        if not reply.keep:
            self.code = code
        if code == 421 and step != _QUIT:  # RFC 5321 3.8: at any time
            return self._break(_CLOSED)
        if reply.line == 3 or not self.waiting:  # not a reply, or one that nobody asked for
            return self._break(_PROTOCOL)
        row = _STEPS[step - _GREETING]
        good = code == row[_REPLY] or code // 100 == row[_REPLY]
        if row[_REPLY] == 235 and (code == 334 or good):
            error = self.auth.challenge(reply) if code == 334 else self.auth.proven()
            if error:
                self.problem = self.auth.problem
                return self._break(error)
            good = True
        # What QUIT behind a text is answered must not be taken for what becomes of the text.
        stray = code == 221 and self.sent == _QUIT and step != _QUIT
        if code < 400 and (unsent or stray or not good):
            return self._break(_PROTOCOL)
        error = row[_ERROR]
        if error and code == 552 and step != _RCPT:  # RFC 1870 6.1
            error = _TOO_LARGE
        if unsent:  # refused before it was all there: the rest would be taken for commands
            return self._break(error)
        self.waiting -= 1
        self.refused = not good
        if step == _TEXT or step == _BDAT:
            self.undecided = False
        if good:
            self._accepted(step, code)
        else:
            self._rejected(step, code, error)
        # With PIPELINING there may be replies to come for what was sent behind a refused command,
        # and a text to end that DATA was granted for (RFC 2920 3.1).
        more = self.waiting or step == _DATA and good
        if self.mail and self.error and (step == _TEXT or step == _BDAT or not more):
            self.event = _FAILED
        self.behind = self.waiting > 0

    def follow(self) -> None:
        """Go on to the next step that awaits its reply.

        Not before the application has heard of the last one: it may ask for the recipient.
        """
        self.behind = False
        self.awaited = self._following(self.awaited, False)
        if self.awaited == _RCPT:
            self.envelope.answer()

    def _capability(self):
        """A line of the reply to EHLO: a keyword, which comes in any case (RFC 5321 2.4)."""
        reply = self.reply
        text = reply.text
        for at in range(reply.length):
            if 97 <= text[at] <= 122:
                text[at] -= 32
        if self._unnamed:  # RFC 5321 4.1.1.1: the first line names the server, and offers nothing
            self._unnamed = False
        else:
            self.extensions.offer(text, reply.length)
            if self.auth:
                self.auth.offer(text, reply.length)
        reply.length = 0

    def _accepted(self, step, code):
        if step == _STARTTLS:
            self.event = _SECURE
        elif step == _EHLO or step == _HELO:
            if self.starttls and not self.secured:
                if not self.extensions.starttls:
                    self._fail(_UNSUPPORTED)
            elif not self.auth:
                self.ready = True
            elif step == _HELO or not self.auth.offered:
                self._fail(_UNSUPPORTED)
        elif step == _AUTH or step == _RESPONSE:
            self.ready = code == 235
        elif step == _RCPT:
            self.accepted += 1
            self.envelope.accept()
        elif step == _DATA and not self.envelope.accepted:
            self.refused = False  # what is granted has to be ended
        elif (step == _TEXT or step == _BDAT) and not self.error:
            self._taken()
        if self.ready and step <= _RESPONSE:
            self.event = _READY

    def _taken(self):
        """The server has the mail."""
        if not self.envelope.accepted:
            return self._nobody()
        self.used = True
        self.delivered += self.envelope.accepted
        self.fresh = self.envelope.more()
        if not self.fresh:
            self.reply.keep = True
            self.event = _SENT

    def _rejected(self, step, code, error):
        if self.error:  # what was sent behind a refused MAIL is refused too
            if step == _RCPT:
                self.envelope.waiting -= 1
        elif step == _RCPT:
            self._recipient_rejected(code)
        elif step == _EHLO and code >= 500 and not self.starttls and not self.secured:
            pass  # an old server: HELO
        elif error == _LOGIN and self.auth.refused(code, self.secured):
            pass  # the next mechanism
        elif step == _RSET:
            self.ready = False  # then the connection isn't kept
        elif _DATA <= step <= _BDAT and not self.envelope.accepted:
            self._nobody()
        elif error:
            self.undecided = False
            self._fail(error)

    def _recipient_rejected(self, code):
        envelope = self.envelope
        if envelope.accepted and self._too_many(code):
            return envelope.defer()
        envelope.refuse()
        self.rejected += 1
        self._soft = self._soft or code < 500
        self.event = _RECIPIENT_REFUSED
        # If this was the last one, its reply says more than DATA's "no valid recipients".
        self.reply.keep = self.waiting > 0 and not envelope.waiting and not envelope.accepted

    def _too_many(self, code):
        """Whether it is the transaction that is full (RFC 5321 4.5.3.1.10, RFC 3463 3.6)."""
        text = self.reply.text
        if self.reply.length > 5 and text[1] == 46 and text[3] == 46:
            if text.startswith(b"4.5.3 ") or text.startswith(b"5.5.3 "):
                return True
        elif code == 452 or code == 552:
            return True
        return code < 500 and self.envelope.enough()

    def _nobody(self):
        """No recipient of this transaction is left to write to."""
        self.undecided = False
        self.fresh = self.envelope.more()
        if self.fresh:
            self.reply.keep = False
        elif self.delivered:  # what the last text was replied; its words are gone
            self.code = 250
            self.reply.length = 0
            self.reply.keep = True
            self.event = _SENT
        else:
            self._fail(_NOBODY)
            self.event = _FAILED

    def _fail(self, error):
        """The mail has failed, by the first error: what follows can't change it."""
        self.refused = True
        if not self.error:
            self.error = error
            self.transient = self._soft if error == _NOBODY else self.code // 100 == 4
            self.reply.keep = True

    def _break(self, error):
        self._fail(error)
        self.broken = True
        self.event = _FAILED

    # The table, read

    def _following(self, step, sending):
        """The step behind `step`: of those in the table the first that is wanted, or 0."""
        # No variable more: a frame of over 11 words is taken from the heap, for each recipient.
        for step in self._candidates(step):  # noqa: B020
            if self._wanted(step, sending):
                return step
        return 0

    def _candidates(self, step):
        row = _STEPS[step - _GREETING]
        # What was sent ahead was sent before a refusal could be known.
        refused = self.refused and not self.waiting
        return refused and row[_REFUSED] or row[_THEN]

    def _wanted(self, step, sending):
        if step == _RCPT:
            if not sending:
                return self.envelope.waiting
            return (self.waiting or not self.error) and self.envelope.next()
        if step == _BDAT:
            return self.extensions.chunked and (self.envelope.accepted or self.waiting)
        if step == _DATA:
            return self.envelope.accepted or self.waiting
        if step == _MAIL:
            return self.fresh and self.ready and self.sent != _QUIT
        if step == _STARTTLS:
            return self.starttls and not self.secured
        if step == _AUTH:
            return self.auth and self.auth.offered and not self.ready
        if step == _RESPONSE:
            return self.auth.left
        if step == _HELO:
            return not self.error
        if step == _RSET:
            return self.fresh or not self.closing
        if step == _NOOP:
            return self.noop
        if step == _QUIT:
            return self.closing or not self.ready
        return True

    def _forget(self):
        """What a server said before TLS is not what it says behind it (RFC 3207 4.2)."""
        self._unnamed = True
        self.extensions.forget()
        if self.auth:
            self.auth.forget()
