"""The SMTP dialogue (RFC 5321) as a table of steps; no socket, no clock, no file."""

from . import const
from .recipients import Recipients
from .reply import Reply

_TYPING = const(0)
if _TYPING:
    from .auth import Auth
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
_RSET = const(14)
_QUIT = const(15)

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
# fmt: off
_STEPS = (
    # step     command       reply  then                              if refused      error
    (_GREETING, b"",               2, (_EHLO,),                         (_QUIT,),       _REJECTED),
    (_EHLO,     b"EHLO ",          2, (_STARTTLS, _AUTH, _MAIL, _QUIT), (_HELO, _QUIT), _REJECTED),
    (_HELO,     b"HELO ",          2, (_MAIL, _QUIT),                   (_QUIT,),       _REJECTED),
    (_STARTTLS, b"STARTTLS\r\n",   2, (_EHLO,),                         (_QUIT,),       _TLS),
    (_AUTH,     b"AUTH ",        235, (_RESPONSE, _MAIL, _QUIT),        (_QUIT,),       _LOGIN),
    (_RESPONSE, b"",             235, (_RESPONSE, _MAIL, _QUIT),        (_QUIT,),       _LOGIN),
    (_MAIL,     b"MAIL FROM:<",    2, (_RCPT, _RSET, _QUIT),            (_MAIL, _QUIT), _SENDER),
    (_RCPT,     b"RCPT TO:<",      2, (_RCPT, _DATA, _RSET, _QUIT),     (),             _NOBODY),
    (_DATA,     b"DATA\r\n",     354, (_TEXT,),                         (_RSET, _QUIT), _REJECTED),
    (_TEXT,     b"",               2, (_MAIL, _QUIT),                   (),             _REJECTED),
    (_RSET,     b"RSET\r\n",       2, (_MAIL, _QUIT),                   (_QUIT,),       0),
    (_QUIT,     b"QUIT\r\n",       2, (),                               (),             0),
)
# fmt: on
# With PIPELINING, what follows these need not wait for their replies (RFC 2920 3.1).
_AHEAD = (_MAIL, _RCPT, _TEXT)

# Room for the longest command: RFC 5321 4.5.3.1.3 gives a path 256 octets.
_ROOM = const(270)


class Dialogue:
    """A session with a server: the step being sent, and the step being answered.

    `produce` gives what is to be sent, `answer` takes what was replied. `event`, where not 0, is
    what the client has to hear of. `broken`: the connection is of no more use.
    """

    def __init__(self, hostname: bytes, auth: "Auth | None", starttls: bool):
        self.reply = Reply()
        self.hostname = hostname
        self.auth = auth
        self.starttls = starttls
        self.closing = True  # QUIT follows the mail; False: the connection is kept
        self.mail = None
        self.to_send = self.to_answer = Recipients(())
        self.fresh = False  # no MAIL command has gone out for it
        self.event = 0
        self.error = 0
        self.code = 0  # of the reply that counts: the last one, or the one that ended the mail
        self.transient = False
        self.accepted = 0  # recipients
        self.rejected = 0
        self.open(False)

    def open(self, secured: bool) -> None:
        """A new connection: its greeting is awaited."""
        self.reply.reset()
        self.sent = self.awaited = _GREETING
        self.waiting = 1  # steps sent and not yet answered
        self.streaming = False  # the step being sent has octets to come
        self.behind = False  # more replies are due, and `awaited` is still the last one's step
        self.refused = False  # the last step answered was
        self.broken = False
        self.idle = False  # all is said and answered
        self.ready = False
        self.secured = secured
        self.dot = 0  # where in the buffer the text's end is
        self._forget()

    def begin(self, mail: "Message") -> None:
        """Take a mail, for as soon as the session is ready for one."""
        self.to_send = mail.recipients()
        self.to_answer = mail.recipients()
        self.mail = mail
        self.fresh = True
        self.idle = False
        self.event = 0
        self.error = 0
        self.code = 0
        self.transient = False
        self.accepted = 0
        self.rejected = 0
        self.reply.keep = False
        self._soft = False  # a recipient was refused for now only
        self._line_begins = True

    def end(self) -> None:
        """The mail is over, whichever way."""
        self.fresh = False
        self.mail = None
        self.to_send.close()
        self.to_answer.close()

    # The step being sent

    def produce(self, buf: bytearray) -> "int | None":
        """Put what is to be sent into buf[0:]: its octets, None if the mail has none ready yet."""
        self.dot = 0
        n = 0
        while not self.streaming and len(buf) - n >= _ROOM:
            if self.waiting and (self.error or not self.pipelining or self.sent not in _AHEAD):
                return n
            step = self._following(self.sent, self.to_send)
            if step > _DATA and (self.sent == _RCPT or self.sent == _MAIL) and not self.error:
                if not self.waiting:  # nobody is left to write to
                    self._fail(_NOBODY)
                    self.event = _FAILED
                    self.sent = _DATA  # as good as refused
                return n
            if not step:
                self.idle = not self.waiting
                return n
            if not self.waiting:
                self.awaited = step
                if step == _RCPT:
                    self.to_answer.next()
            self.sent = step
            self.waiting += 1
            n = self._command(step, buf, n)
        if not self.streaming:
            return n
        if self.sent == _TEXT:
            return self._text(buf)
        n = self.auth.respond(buf, n)
        if not self.auth.left:
            self.streaming = False
            buf[n : n + 2] = b"\r\n"
            n += 2
        return n

    def _command(self, step, buf, n):
        command = _STEPS[step - _GREETING][_COMMAND]
        end = n + len(command)
        buf[n:end] = command
        if step == _EHLO or step == _HELO:
            self._forget()
            return _word(buf, end, self.hostname, b"\r\n")
        if step == _MAIL:
            self.fresh = False
            return _word(buf, end, self.mail.sender, b">\r\n")
        if step == _RCPT:
            recipients = self.to_send
            for at in range(recipients.start, recipients.end):  # a slice would allocate
                buf[end] = recipients.data[at]
                end += 1
            return _word(buf, end, b"", b">\r\n")
        if step == _AUTH:
            end = self.auth.begin(buf, end)
        self.streaming = step == _AUTH or step == _RESPONSE or step == _TEXT
        return end

    def _text(self, buf):
        """The next piece of the mail; behind the last one, the dot."""
        n = 0
        # Where DATA was granted although no recipient was, nobody gets a text.
        if self.accepted and not self.error:
            mail = self.mail
            dots = mail.dots
            size = len(buf) - 3
            n = mail.readinto(buf, size * 3 // 4 if dots else size)
            if n is None:
                return None
            if dots:
                n = self._stuff(buf, n)
            if not mail.ended or n > size:
                return n
        self.streaming = False
        self.dot = n + 3
        buf[n : self.dot] = b".\r\n"
        return self.dot

    def _stuff(self, buf, n):
        """Double each dot that begins a line (RFC 5321 4.5.2), in place; return the new end."""
        if not n:
            return 0
        first = self._line_begins and buf[0] == 46
        self._line_begins = buf[n - 1] == 10
        dots = 1 if first else 0
        at = buf.find(b"\n.", 0, n)
        while at >= 0:
            dots += 1
            at = buf.find(b"\n.", at + 2, n)
        end = at = n + dots
        while at > n:  # from the end, so that nothing is overwritten that has still to move
            n -= 1
            at -= 1
            buf[at] = buf[n]
            if buf[n] == 46 and (buf[n - 1] == 10 if n else first):
                at -= 1
                buf[at] = 46
        return end

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
        if code == 334 and row[_REPLY] == 235:
            good = self.auth.challenge()
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
        if good:
            self._accepted(step, code)
        else:
            self._rejected(step, code, error)
        # With PIPELINING there may be replies to come for what was sent behind a refused command,
        # and a text to end that DATA was granted for (RFC 2920 3.1).
        more = self.waiting or step == _DATA and good
        if self.mail and self.error and (step == _TEXT or not more):
            self.event = _FAILED
        self.behind = self.waiting > 0

    def follow(self) -> None:
        """Go on to the next step that awaits its reply.

        Not before the application has heard of the last one: it may ask for the recipient.
        """
        self.behind = False
        self.awaited = self._following(self.awaited, self.to_answer)

    def _capability(self):
        """A line of the reply to EHLO: a keyword, which comes in any case (RFC 5321 2.4)."""
        reply = self.reply
        text = reply.text
        for at in range(reply.length):
            if 97 <= text[at] <= 122:
                text[at] -= 32
        if self._unnamed:  # RFC 5321 4.1.1.1: the first line names the server, and offers nothing
            self._unnamed = False
        elif text.startswith(b"STARTTLS "):
            self.offers_tls = True
        elif text.startswith(b"PIPELINING "):
            self.pipelining = True
        elif self.auth and text.startswith(b"AUTH "):
            self.auth.offer(text, reply.length)
        reply.length = 0

    def _accepted(self, step, code):
        if step == _STARTTLS:
            self.event = _SECURE
        elif step == _EHLO or step == _HELO:
            if self.starttls and not self.secured:
                if not self.offers_tls:
                    self._fail(_UNSUPPORTED)
            elif not self.auth:
                self.ready = True
            elif step == _HELO or not self.auth.mechanism:
                self._fail(_UNSUPPORTED)
        elif step == _AUTH or step == _RESPONSE:
            self.ready = code == 235
        elif step == _RCPT:
            self.accepted += 1
        elif step == _DATA and not self.accepted:
            self._fail(_NOBODY)
            self.refused = False  # what is granted has to be ended
        elif step == _TEXT and not self.error:
            self.reply.keep = True
            self.event = _SENT
        if self.ready and step <= _RESPONSE:
            self.event = _READY

    def _rejected(self, step, code, error):
        if self.error:
            return  # what was sent behind a refused MAIL is refused too
        if step == _RCPT:
            self.rejected += 1
            self.to_answer.keep()
            self._soft = self._soft or code < 500
            self.event = _RECIPIENT_REFUSED
            # If this was the last one, its reply says more than DATA's "no valid recipients".
            self.reply.keep = self.sent == _DATA and self.waiting == 1 and not self.accepted
        elif step == _EHLO and code >= 500 and not self.starttls and not self.secured:
            pass  # an old server: HELO
        elif step == _RSET:
            self.ready = False  # then the connection isn't kept
        elif step == _DATA and not self.accepted:
            self._fail(_NOBODY)
        elif error:
            self._fail(error)

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

    def _following(self, step, recipients):
        """The step behind `step`: of those in the table the first that is wanted, or 0."""
        row = _STEPS[step - _GREETING]
        # What was sent ahead was sent before a refusal could be known.
        refused = self.refused and not self.waiting
        for step in refused and row[_REFUSED] or row[_THEN]:
            if self._wanted(step, recipients):
                return step
        return 0

    def _wanted(self, step, recipients):
        if step == _RCPT:
            return (self.waiting or not self.error) and recipients.next()
        if step == _DATA:
            return self.accepted or self.waiting
        if step == _MAIL:
            return self.fresh and self.ready
        if step == _STARTTLS:
            return self.starttls and not self.secured
        if step == _AUTH:
            return self.auth and not self.ready
        if step == _RESPONSE:
            return self.auth.left
        if step == _HELO:
            return not self.error
        if step == _RSET:
            return self.fresh or not self.closing
        if step == _QUIT:
            return self.closing or not self.ready
        return True

    def _forget(self):
        """What a server said before TLS is not what it says behind it (RFC 3207 4.2)."""
        self._unnamed = True
        self.offers_tls = False
        self.pipelining = False
        if self.auth:
            self.auth.forget()


def _word(buf, at, word, ending):
    end = at + len(word)
    buf[at:end] = word
    at = end + len(ending)
    buf[end:at] = ending
    return at
