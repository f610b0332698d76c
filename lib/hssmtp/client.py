"""Client: what an application holds; time, events and results."""

from . import const
from .dialogue import Dialogue

try:
    from time import ticks_diff, ticks_ms
except ImportError:
    from ._cpython import ticks_diff, ticks_ms
# The stubs have types of their own for ticks: here they are ints.
# pyright: reportCallIssue=false, reportArgumentType=false, reportAssignmentType=false

_TYPING = const(0)
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    from .message import Message
    from .net.link import Link

# The phases of the connection; the dialogue's steps go on from here.
_IDLE = const(0)
_RESOLVING = const(1)
_CONNECTING = const(2)
_SECURING = const(3)
_TALKING = const(4)
_TEXT = const(13)
_BDAT = const(14)
_QUIT = const(17)

# Events. RESOLVED and CONNECTED bear the numbers of the phases that they end.
_SECURED = const(3)
_PROGRESS = const(6)
_PAUSED = const(7)
_SENT = const(8)
_FAILED = const(9)
_ABORTED = const(10)
_PAUSE = const(11)  # what a callback answers
_SECURE = const(12)  # what the dialogue asks for

# Errors. Those of the connection, DNS, CONNECT and TLS, bear the numbers of its phases.
_CERTIFICATE = const(4)
_TIMEOUT = const(5)
_CLOSED = const(6)
_PROTOCOL = const(7)
_LOGIN = const(8)
_SOURCE = const(13)

# How long each phase may take, in ms. RFC 5321 4.5.3.2 gives the greeting, MAIL and RCPT 5 min,
# DATA 2, a block 3 and the text's end 10, made for relays that queue. A device watches a battery
# and tries again; only the text's end keeps its 10 min, since giving up there can send it twice.
_PHASES = "resolve connect secure greeting command data block text quit"
_TIMEOUTS = (20000, 20000, 30000, 60000, 60000, 60000, 60000, 600000, 5000)
_BLOCK = const(6)
_PHASE_OF_STATE = b"\0\0\1\2\3\4\4\4\4\4\4\4\5\7\7\4\4\x08"

_BLOCKS = const(400)  # of a file that are passed on between two looks for an early reply
_BLOCKED_MS = const(20)
_NOTHING_MS = const(3600000)
_NOOP_MS = const(240000)  # RFC 5321 4.5.3.2.7: a server waits 5 min for the next command

# What a link raises, TLS for a certificate too, or for want of memory. A tuple made where it is
# caught would allocate.
_LOST = (OSError, ValueError, MemoryError)


class Client:
    """The sender of mails: send_mail() takes one, tick() moves it on, on_event() tells.

    host: a name or an address. port: None: 587 for security "starttls", 465 for "tls", 25 for
        "none". A server that doesn't offer what `security` asks for gets no mail.
    username, password: for SCRAM-SHA-256, CRAM-MD5, PLAIN or LOGIN, the first that is offered.
    token: for OAUTHBEARER or XOAUTH2 (this one wants the username too): a str, or a callable that
        gives one, or None if it has none yet; the mail then pauses until resume().
    ca: what the server's certificate is checked against: a path or octets, PEM or DER, one or
        several. None: CPython's system store; elsewhere there is none, and ValueError is raised.
    insecure: no check of the certificate. allow_plaintext_auth: credentials without TLS.
    on_event: called as on_event(client, event); if it returns PAUSE, all waits for resume().
    hostname: for EHLO (RFC 5321 4.1.1.1). buffer_size: octets, 512 or more, allocated once.
    keep_open_ms: how long the connection is kept for a next mail.
    timeouts: {"connect": ms, ...} for some of: resolve connect secure greeting command data block
        text quit.
    link: what connects, a Link if None.
    auth: the one mechanism to log in by, "SCRAM-SHA-256".

    Raises ValueError for arguments that can't be meant, OSError for a `ca` that isn't there.
    """

    def __init__(
        self,
        host: str,
        port: "int | None" = None,
        security: str = "starttls",
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
    ):
        ports = {"starttls": 587, "tls": 465, "none": 25}
        if security not in ports:
            raise ValueError('security: "starttls", "tls" or "none"')
        if buffer_size < 512:
            raise ValueError("buffer_size: at least 512")
        port = ports[security] if port is None else port
        if not 0 < port < 65536:
            raise ValueError("port: 1 to 65535")
        hostname = hostname or "[127.0.0.1]"
        for word in (host, hostname):
            if not 0 < len(word) < 256 or min(word) <= " " or max(word) > "~":
                raise ValueError("host and hostname: printable ASCII")
        self._timeouts: list[int] = list(_TIMEOUTS)
        phases = _PHASES.split()
        for phase, ms in (timeouts or {}).items():
            if phase not in phases or ms <= 0:
                raise ValueError("timeouts: ms, above 0, for " + _PHASES)
            self._timeouts[phases.index(phase)] = ms
        login = None
        if username is not None or token is not None:
            from .auth import Auth

            login = Auth(username or "", password, token, auth)
            if security == "none" and not allow_plaintext_auth:
                login.forbid_plaintext()
        elif auth is not None:
            raise ValueError("auth: username is missing")
        self._context: object = None
        if security != "none":
            from .net.trust import context

            self._context = context(ca, insecure)
        if link is None:
            from .net.link import Link

            link = Link()
        self.host = host.strip("[]")
        self.port = port
        self._link = link
        self._tls_first = security == "tls"
        self._dialogue = Dialogue(hostname.encode(), login, security == "starttls")
        self._on_event = on_event
        self._keep_open_ms = keep_open_ms
        self._tx = bytearray(buffer_size)
        self._rx = bytearray(128)
        self._phase = _IDLE
        self._mail = None
        self._passing = None  # what passes on a file's blocks,
        self._part: Any = None  # the part whose they are,
        self._flow = None  # and, while there is nothing else to do, what passes them on
        self._paused = False
        self._ended_in = _IDLE
        self._moved = False
        self.result = None
        self.error = 0
        self.transient = False
        self.in_doubt = False
        # The exception behind an error, or what the server did wrong in words; if there is more to
        # say than its reply does.
        self.cause = None
        self.bytes_total = None

    # What the application asks for

    def send_mail(self, mail: "Message") -> None:
        """Take a mail to be sent by the ticks that follow.

        Raises RuntimeError while another is under way, OSError for an attachment's file that can't
        be opened, ValueError for an address list without an address.
        """
        if self._mail:
            raise RuntimeError("a mail is under way")
        dialogue = self._dialogue
        if self._phase and (dialogue.closing or dialogue.waiting or not dialogue.ready):
            # Only QUIT was left to say; or a reply is due that may never come.
            self._close()
        mail.open(self._tx)
        try:
            dialogue.begin(mail)
        except Exception:
            mail.close()
            raise
        self._mail = mail
        self._passing = self._straight()
        self._noops = 0
        self._since = None
        self._moved = True
        self.result = None
        self.error = 0
        self.transient = False
        self.in_doubt = False
        self.cause = None
        self.bytes_total = mail.total

    def abort_mail(self) -> None:
        """Give up the mail under way: ABORTED. The server has it only if `in_doubt` says so."""
        if self._mail:
            self._emit(self._drop(0, False))

    def resume(self) -> None:
        """Go on after a pause."""
        if self._paused:
            self._paused = False
            self._since = None  # the time of a pause doesn't count

    def deinit(self) -> None:
        """Let go of the connection, and of a mail under way."""
        self.abort_mail()
        self._paused = False
        self._close()

    def idle_ms(self, now: "int | None" = None) -> int:
        """For how many ms the application may sleep before the next tick matters.

        0 while octets flow; a little while the network has none; else until a kept connection is
        to be closed, or an hour if there is nothing to do.
        """
        if self._paused or not self._phase and not self._mail:
            return _NOTHING_MS
        if self._busy():
            return 0 if self._moved else _BLOCKED_MS
        if self._since is None:
            return 0
        passed = ticks_diff(ticks_ms() if now is None else now, self._since)
        return max(0, min(self._keep_open_ms - self._noops * _NOOP_MS, _NOOP_MS) - passed)

    # What it can ask about

    @property
    def state(self) -> int:
        """Where the mail is, or where it failed: names.state_name() spells it."""
        if not self._mail:
            return self._ended_in
        return self._phase if self._phase < _TALKING else self._dialogue.awaited

    @property
    def bytes_sent(self) -> int:
        """How many octets of the mail the link has taken."""
        return self._mail.position if self._flow else self._dialogue.passed

    @property
    def accepted(self) -> int:
        """How many recipients the server has accepted."""
        return self._dialogue.accepted

    @property
    def refused(self) -> int:
        """How many recipients the server has refused."""
        return self._dialogue.rejected

    @property
    def delivered(self) -> int:
        """How many recipients the server has taken the mail for."""
        return self._dialogue.delivered

    @property
    def recipient(self) -> str:
        """The address that RECIPIENT_REFUSED speaks of.

        "crew.txt:17" for an AddressList's line that is none; then the reply_code is 0.
        """
        envelope = self._dialogue.envelope
        return envelope.refused if envelope else ""

    @property
    def reply_code(self) -> int:
        """The server's last reply, or the one that ended the mail; 0 if there was none."""
        return self._dialogue.code

    @property
    def reply_text(self) -> str:
        """Its text, as much as was kept, without what could not be printed."""
        dialogue = self._dialogue
        if not dialogue.code:
            return ""
        text = bytes(dialogue.reply.text[: dialogue.reply.length])
        if dialogue.auth:
            text = dialogue.auth.mask(text)
        return "".join([chr(c) if 32 <= c < 127 else "?" for c in text])

    @property
    def enhanced_code(self) -> str:
        """Its enhanced status code (RFC 3463), "5.1.1", or "" if it had none."""
        word = self.reply_text.split(" ")[0]
        parts = word.split(".")
        # RFC 3463 2: a class of 2, 4 or 5, then subject and detail, 999 at the most.
        good = len(parts) == 3 and "".join(parts).isdigit() and parts[0] in ("2", "4", "5")
        return word if good and 0 < len(parts[1]) < 4 and 0 < len(parts[2]) < 4 else ""

    # What a tick does

    def tick(self, now: "int | None" = None) -> bool:
        """Do one bounded piece of work, without waiting; True while there is more to do.

        At most one read and one write, an event at the end. now: ms, as ticks_ms() has them; a
        test brings its own.
        """
        flow = self._flow
        if flow and not self._paused:
            event = next(flow)
            if event:
                self._emit(event)
                return self._busy()
            return True
        return self._turn(now)

    def _straight(self):
        """Read, encode and write a file's blocks, one a turn, with nothing else to say or to hear.

        It is the way of nearly all octets, and hardly more than a bare loop. A generator: its
        variables are at hand, where an object's have to be looked up. It gives an event, or 0.
        """
        link = self._link
        mail = self._mail
        tx = self._tx
        event = _PROGRESS if self._on_event else 0
        while True:
            part = self._part
            read = part.read
            room = part.room
            encode = part.encode
            raw = len(room)
            blocks = min(part.blocks, _BLOCKS)
            part.blocks -= blocks
            while blocks:
                n = 0
                try:
                    got = read(room)
                    if got != raw:
                        part.blocks += blocks
                        part.cut_short(got)
                        blocks = 0
                        break
                    blocks -= 1
                    n = encode(room, 0, raw, tx)
                    mail.position += n
                    taken = link.write(tx, 0, n)
                except Exception as exc:
                    if not n:  # whatever a file raises
                        yield self._drop(_SOURCE, False, exc)
                        return
                    self._write_error = exc
                    taken = 0
                if taken != n:
                    self._tx_at = taken or 0
                    self._tx_end = n
                    break
                yield event
            part.blocks += blocks
            self._dialogue.passed = mail.position
            if self._tx_at < self._tx_end:
                self._dialogue.passed -= self._tx_end
            self._flow = self._since = None
            yield 0

    def _turn(self, now):
        """The long way: all that a tick may have to do."""
        if self._paused:
            return True
        if not self._phase and not self._mail:
            return False
        if now is None:
            now = ticks_ms()
        if self._since is None:
            self._since = now
        self._moved = False
        try:
            event = self._connect(now) if self._phase < _SECURING else self._talk(now)
        except _LOST as exc:
            event = self._lost(exc)
        if not event and self._since != now:
            event = self._check_time(now)
        if event:
            self._emit(event)
        return self._busy()

    def _busy(self):
        """Whether there is a mail, or still something to say: RSET, QUIT."""
        dialogue = self._dialogue
        return (
            self._mail is not None or self._phase > 0 and (dialogue.closing or not dialogue.idle)
        )

    def _connect(self, now):
        """A piece of the link's way to an open connection."""
        link = self._link
        if not self._phase:
            self._tx_at = self._tx_end = self._rx_at = self._rx_end = 0
            self._write_error = None
            self._dialogue.open(self._tls_first)
            self._dialogue.closing = not self._keep_open_ms
            self._phase = _RESOLVING
            self._since = now
            link.open(self.host, self.port)
        phase = link.step(now)
        if phase == self._phase:
            return 0
        event = self._phase  # RESOLVED or CONNECTED: that phase is over
        self._phase = phase if phase < _SECURING else _TALKING
        self._since = now
        self._moved = True
        if self._phase == _TALKING and self._tls_first:
            self._secure()
        return event

    def _secure(self):
        self._phase = _SECURING
        self._link.secure(self._context, self.host)

    def _talk(self, now):
        """One read and one write, and what the dialogue makes of them."""
        dialogue = self._dialogue
        reply = dialogue.reply
        if dialogue.behind:
            try:
                dialogue.follow()
            except OSError as exc:  # the file of an address list
                return self._drop(_SOURCE, False, exc)
            event = self._progress()
            if event:
                return event

        # What has come.
        if self._rx_at == self._rx_end:
            self._hear()
        if self._rx_at < self._rx_end:
            self._moved = True
            if self._phase == _SECURING:  # the first octet read proves the handshake done
                return self._secured(now)
            self._rx_at = reply.feed(self._rx, self._rx_at, self._rx_end)
            if reply.line:
                dialogue.answer(self._unsent())
                if reply.line > 1:  # the last line: a reply, and time for the next
                    self._since = now
                if dialogue.event:
                    return self._heed()
            if self._rx_at < self._rx_end:
                return 0  # all that has come is heard before more is said

        # What is to go. If a reply has begun that nobody asked for, its end is waited for first.
        if self._write_error or not reply.line and (not dialogue.waiting or self._unsent()):
            return 0
        if self._tx_at < self._tx_end:
            return self._write(now)
        if dialogue.sent == _QUIT and not dialogue.waiting:
            self._close()
            return 0
        try:
            n = dialogue.produce(self._tx)
        except Exception as exc:  # whatever a file, an iterator or a token's callable raises
            # Dropped before the dot: the mail must not be taken for whole.
            return self._drop(_SOURCE if dialogue.ready else _LOGIN, False, exc)
        if n is None:
            self._paused = True
            return _PAUSED
        self._tx_at = 0
        self._tx_end = n
        if dialogue.event:
            return self._heed()
        if n and not dialogue.dot:
            return self._write(now)
        self._moved = n > 0  # before a text's end goes out, one more look for an early reply
        if dialogue.working:
            self._moved = True
            self._since = now
        return 0

    def _unsent(self):
        """Whether the step whose reply is awaited has octets that the server can't have yet."""
        dialogue = self._dialogue
        if dialogue.waiting == 1:
            return dialogue.streaming or self._tx_at < self._tx_end
        # Behind a text there may be QUIT, before it MAIL and RCPT.
        return dialogue.awaited >= _TEXT and (dialogue.streaming or self._tx_at < dialogue.dot)

    def _hear(self):
        """Read what there is."""
        if self._phase == _SECURING and self._tx_at < self._tx_end:
            return  # it is the write that carries the handshake on
        n = self._link.readinto(self._rx, len(self._rx))
        if n:
            self._rx_at = 0
            self._rx_end = n
        elif self._write_error:
            raise self._write_error  # and no reply that says more
        elif n == 0:
            raise OSError("closed by the server")

    def _write(self, now):
        try:
            n = self._link.write(self._tx, self._tx_at, self._tx_end - self._tx_at)
        except OSError as exc:
            if self._phase == _SECURING:
                raise
            # The server has hung up, but may have said why: that is still to be read.
            self._write_error = exc
            return 0
        if not n:
            return 0
        self._tx_at += n
        self._since = now
        self._moved = True
        if self._phase == _SECURING:
            return self._secured(now)
        # Not in _progress(), behind which more may be written in this tick, and not all be taken.
        dialogue = self._dialogue
        flows = dialogue.streaming and _TEXT <= dialogue.awaited <= _BDAT
        if flows and self._tx_at == self._tx_end:
            part = self._mail.part()
            if part and part.blocks:
                self._part = part
                self._flow = self._passing
        return self._progress()

    def _progress(self):
        """Octets of the mail have gone; told when all that is said before them is answered."""
        mail = self._mail
        dialogue = self._dialogue
        if not mail or self._tx_at < self._tx_end or dialogue.passed == mail.position:
            return 0
        if not _TEXT <= dialogue.awaited <= _BDAT:
            return 0
        dialogue.passed = mail.position
        self.bytes_total = mail.total
        return _PROGRESS if self._on_event else 0

    def _secured(self, now):
        self._phase = _TALKING
        self._dialogue.secured = True
        self._since = now
        return _SECURED

    def _heed(self):
        """Do what the dialogue says; return what the application has to hear."""
        dialogue = self._dialogue
        event = dialogue.event
        dialogue.event = 0
        if event == _SECURE:
            # Octets from before the handshake are no server's, but an attacker's (RFC 3207 6).
            if self._rx_at < self._rx_end or self._link.readinto(self._rx, 1):
                return self._drop(_PROTOCOL, False)
            self._secure()
            return 0
        if event == _FAILED:
            if not dialogue.broken:
                return self._fail(dialogue.error, dialogue.transient)
            # An old connection may be at its end, or out of step: 421, or a reply too many.
            if (dialogue.error == _CLOSED or dialogue.error == _PROTOCOL) and self._again():
                return 0
            return self._drop(dialogue.error, dialogue.transient, dialogue.problem)
        return self._end(_SENT) if event == _SENT else event

    def _check_time(self, now):
        """Whether what is awaited has been awaited too long."""
        dialogue = self._dialogue
        passed = ticks_diff(now, self._since)
        if not self._busy():
            if passed + self._noops * _NOOP_MS >= self._keep_open_ms:
                dialogue.closing = True
                self._since = now
            elif passed >= _NOOP_MS:
                self._noops += 1
                self._since = now
                dialogue.noop = True
                dialogue.idle = False
            return 0
        if self._phase < _TALKING:
            phase = self._phase - 1
        elif self._tx_at < self._tx_end or dialogue.streaming:
            phase = _BLOCK
        else:
            phase = _PHASE_OF_STATE[dialogue.awaited]
        if passed < self._timeouts[phase]:
            return 0
        if self._phase == _CONNECTING and self._link.skip():
            self._since = now  # the next address
            return 0
        return 0 if self._again() else self._drop(_TIMEOUT, True)

    def _lost(self, exc):
        """The connection failed, in the phase it was in."""
        error = self._phase
        if error == _TALKING:
            error = _CLOSED
            if self._again():
                return 0
        elif error == _SECURING:
            from .net.trust import is_certificate_error, is_memory_error

            if is_certificate_error(exc):
                error = _CERTIFICATE
            elif is_memory_error(exc):
                from .net.memory import memory_left

                self._link.close()  # what TLS has taken is free for the next try
                exc = memory_left()
        return self._drop(error, error != _CERTIFICATE, exc)

    def _again(self):
        """A kept connection that the server has left meanwhile: open another, nothing is lost."""
        dialogue = self._dialogue
        if not (self._mail and dialogue.used and dialogue.restart()):
            return False
        self._close()
        return True

    def _drop(self, error, transient, cause=None):
        """The connection is of no more use; if a mail was on it, it has failed."""
        dialogue = self._dialogue
        # Whether the server has the text's end, and has not said what became of it.
        doubtful = (
            self._phase == _TALKING
            and dialogue.undecided
            and self._tx_at >= dialogue.dot
            and dialogue.envelope.accepted + dialogue.envelope.waiting > 0
            and dialogue.code != 421
        )
        self._close()
        if not self._mail:  # all was over before: QUIT, or a kept connection
            return 0
        self.in_doubt = doubtful
        self.cause = cause
        return self._end(_ABORTED) if error == 0 else self._fail(error, transient)

    def _close(self):
        if self._mail:
            self._ended_in = self.state
        self._phase = _IDLE
        self._link.close()

    def _fail(self, error, transient):
        self.error = error
        self.transient = transient
        return self._end(_FAILED)

    def _end(self, event):
        """The mail is over: settle everything, and return the event that says so."""
        if self._phase:
            self._ended_in = _IDLE if event == _SENT else self.state
        self.result = event
        if self._flow:
            self._dialogue.passed = self._mail.position
        self._mail.close()
        self._dialogue.end()
        self._mail = self._passing = self._part = self._flow = None
        self._paused = False
        return event

    def _emit(self, event):
        callback = self._on_event
        if callback and callback(self, event) == _PAUSE and (self._mail or self._phase):
            self._paused = True
            if event != _PAUSED:
                callback(self, _PAUSED)
