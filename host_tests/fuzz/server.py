"""A hostile server's side of one connection. It parses as a real one does, and replies at random.

What it makes of the client's bytes is the truth: which mails it has taken, and from which bytes.
"""

import random
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import scripted_sasl
from scripted_rules import envelope, offers, size_limit

from . import replies
from .habits import Habits
from .speaker import Speaker

_BDAT = re.compile(rb"BDAT (\d+)( LAST)?$")
_CHUNK = re.compile(rb"BDAT (\d+)(?: LAST)?\r\n")
_VERBS = ("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP")


class Taken(NamedTuple):
    """A mail that the server has replied 2yz to, from the end of the data on the server's."""

    sender: str
    recipients: list[str]
    content: bytes
    parameters: dict[str, str]
    is_honest: bool


class Server(Speaker):
    """What answers one connection. mails: what it has taken."""

    def __init__(
        self,
        rng: random.Random,
        habits: Habits,
        keywords: Callable[[bool], list[str]],
        has_implicit_tls: bool,
        users: dict[str, str],
    ):
        super().__init__(rng, habits)
        self.mails: list[Taken] = []
        self.scram: dict[str, Any] = {}
        self.users = users
        self._keywords = keywords
        self._has_implicit_tls = has_implicit_tls
        self._is_secured = False
        self._begin()

    def _begin(self):
        self._buffer = bytearray()
        self._offers: dict[str, str] = {}
        self._has_said_hello = False
        self._exchange: scripted_sasl.Exchange | None = None
        self._reset()

    def _reset(self):
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._parameters: dict[str, str] = {}
        self._tried = 0
        self._text: bytearray | None = None
        self._chunk = 0  # bytes of a chunk that are to come
        self._is_last = False
        self._has_refused_chunk = False
        self._is_spoiled = False

    # What the link calls

    def connect(self) -> None:
        """A client has connected."""
        if not self._has_implicit_tls:
            self.reply("GREETING")

    def secure(self) -> None:
        """TLS has begun: what was said before is forgotten."""
        self._is_secured = True
        self._begin()
        if self._has_implicit_tls:
            self.reply("GREETING")

    def has_whole_chunk(self, more: bytes) -> bool:
        """Whether `more`, which is under way, is the rest of a BDAT chunk."""
        if not self._chunk:
            match = _CHUNK.search(more)
            return bool(match) and len(more) - match.end() == int(match[1])
        return len(self._buffer) + len(more) == self._chunk

    def look(self, n: int) -> None:
        """The client looks for a reply, and there is none."""
        if self.habits.is_endless and self.said:
            self.is_honest = False
            self.out += self.rng.choice((b"250-more\r\n", b"x" * 70)) * (n // 70 + 1)

    def receive(self, data: bytes) -> None:
        """Take bytes from the client."""
        if self.is_gone or self.is_deaf:
            return
        if self.habits.surplus and self.rng.random() < self.habits.surplus:
            self.say_unasked()
        self._buffer += data
        while self._buffer and not self.is_gone and not self.is_deaf:
            if self._chunk:
                self._take_chunk()
            elif self._text is not None:
                if not self._take_text():
                    break
            else:
                end = self._buffer.find(b"\n") + 1
                if not end:
                    self.maybe_say_early()
                    break
                line = bytes(self._buffer[:end])
                del self._buffer[:end]
                self._take_line(line.rstrip(b"\r\n"))
                if self.habits.says_421 and self.rng.random() < self.habits.says_421:
                    self.say_421("any")

    # What is received

    def _take_line(self, line):
        self.last = line
        if self._exchange:
            self._log_in("RESPONSE", line, False)
            return
        verb = line[:4].upper().decode("ascii", "replace")
        if line[:8] == b"STARTTLS":
            verb = "STARTTLS"
        if verb == "QUIT":
            if not (self.habits.quits_silently and self.rng.random() < 0.5):
                self.reply("QUIT")
            self.is_gone = True
        elif verb in _VERBS:
            getattr(self, "_" + verb.lower())(line)
        else:
            self.reply("NOOP", 500)

    def _ehlo(self, line):
        self._reset()
        words = self._keywords(self._is_secured)
        lines = [b"mail.example.com at your service", *(word.encode() for word in words)]
        good = b"".join(b"250-%s\r\n" % each for each in lines[:-1]) + b"250 %s\r\n" % lines[-1]
        act = self.habits.pick(self.rng, "EHLO")
        if act in ("", "echo", "long", "lines"):
            self.said.append(("EHLO", 250))
            self.out += good
            self._offers = offers(good[:-2])
            self._has_said_hello = True
        elif act in ("surplus", "many"):
            self.said.append(("EHLO", 250))
            self.out += good
            self._offers = offers(good[:-2])
            self.say_unasked()
        else:
            self.reply("EHLO", replies.refusal_code(self.rng, "EHLO"))

    def _helo(self, line):
        self._reset()
        self._offers = {}
        self._has_said_hello = self.reply("HELO") // 100 == 2

    def _starttls(self, line):
        if self.reply("STARTTLS") == 220 and self.habits.injects:
            self.out += self.rng.choice(replies.INJECTED)
            self.is_honest = False

    def _auth(self, line):
        words = line.decode("ascii", "replace").split(" ")
        self.secrets = self.habits.secrets
        self._exchange = scripted_sasl.Exchange(words[1] if len(words) > 1 else "", self)
        if len(words) > 2:
            self._log_in("AUTH", words[2].encode(), True)
        else:
            self._say_in_login("AUTH", self._exchange.begin())

    def _log_in(self, kind, line, is_initial):
        assert self._exchange
        try:
            good = self._exchange.answer(line, is_initial)
        except (ValueError, IndexError):
            good = "501 5.5.2 what?"
        self._say_in_login(kind, good)

    def _say_in_login(self, kind, good):
        code, _, text = good.partition(" ")
        if self.reply(kind, int(code), text.encode()) != 334:
            self._exchange = None

    def log_in(self, mechanism: str, name: str, password: str | None) -> bool:
        """Let everybody in; Exchange asks."""
        return True

    def _rset(self, line):
        if self.reply("RSET") // 100 == 2:
            self._reset()

    def _noop(self, line):
        self.reply("NOOP")

    # The envelope

    def _mail(self, line):
        code = 0
        address, parameters = self._envelope(line)
        limit = size_limit(self._offers)
        if self._sender is not None or not self._has_said_hello:
            code = 503
        elif limit and int(parameters.get("SIZE", "0")) > limit:
            code = 552
        if self.reply("MAIL", code) // 100 == 2 and not code:
            self._reset()
            self._sender = address
            self._parameters = parameters

    def _rcpt(self, line):
        habits = self.habits
        code = 0
        text = None
        address, _ = self._envelope(line)
        self._tried += 1
        if self._sender is None:
            code = 503
        elif habits.most_recipients and len(self._recipients) >= habits.most_recipients:
            code, text = self.rng.choice(((452, b"4.5.3 too many"), (552, b"too many")))
            if habits.hangs_up_at_limit and self._tried > habits.most_recipients + 1:
                self.say_421("RCPT")
                return
        elif habits.refuses_recipient and self.rng.random() < habits.refuses_recipient:
            code = replies.refusal_code(self.rng, "RCPT")
        if self.reply("RCPT", code, text) // 100 == 2 and not code:
            self._recipients.append(address)

    def _envelope(self, line):
        try:
            return envelope(line.decode(), self._offers)
        except ValueError:
            return "?", {}

    # The data

    def _data(self, line):
        if self._recipients or self._sender is not None and self.habits.grants_data_to_nobody:
            code = 0
        else:
            code = self.rng.choice((503, 554))
        if self.reply("DATA", code) == 354 and not code:
            self._text = bytearray(b"\r\n")

    def _take_text(self):
        """Look for the end of the text; False if it has not come."""
        assert self._text is not None
        start = max(0, len(self._text) - 4)
        self._text += self._buffer
        self._buffer.clear()
        end = self._text.find(b"\r\n.\r\n", start)
        if end < 0:
            self._break_off("TEXT")
            return False
        self._buffer += self._text[end + 5 :]
        content = bytes(self._text[2 : end + 2]).replace(b"\r\n..", b"\r\n.")
        if content.startswith(b".."):
            content = content[1:]
        self._text = None
        self._decide("TEXT", content)
        return True

    def _break_off(self, kind):
        """Perhaps say in the middle of the data that it is not wanted, or lie about it."""
        if self.habits.breaks_text_off and self.rng.random() < self.habits.breaks_text_off:
            self.said.append((kind, code := self.rng.choice((451, 452, 552, 554, 421))))
            self.out += replies.reply(self.rng, code, b"4.3.1 full")
            self.is_deaf = True
            self.is_gone = self.rng.random() < 0.7
        else:
            self.maybe_say_early()

    def _bdat(self, line):
        match = _BDAT.match(line)
        if not match:
            self.reply("BDAT", 501)
            return
        self._chunk = int(match[1])
        self._is_last = bool(match[2])
        self._text = self._text or bytearray()
        is_wanted = self._recipients and not self._is_spoiled
        if not is_wanted:
            self._is_spoiled = True
            if self.habits.refuses_bdat_early:
                self.reply("BDAT", self.rng.choice((503, 554)))
                self._has_refused_chunk = True
        if not self._chunk:
            self._end_chunk()

    def _take_chunk(self):
        assert self._text is not None
        piece = self._buffer[: self._chunk]
        del self._buffer[: self._chunk]
        self._text += piece
        self._chunk -= len(piece)
        if not self._chunk:
            self._end_chunk()
        elif not self._has_refused_chunk:
            self._break_off("BDAT")

    def _end_chunk(self):
        content = bytes(self._text or b"")
        if self._has_refused_chunk:
            self._has_refused_chunk = False
            self._text = None
        elif not self._recipients or self._is_spoiled:
            self.reply("BDAT", 503)
            self._text = None
        elif self._is_last:
            self._text = None
            self._decide("BDAT", content)
        else:
            self.reply("BDAT")

    def _decide(self, kind, content):
        """All of the data is here: take the mail, or don't."""
        limit = size_limit(self._offers)
        code = 0
        if not self._recipients:
            code = 554
        elif limit and len(content) > limit:
            code = 552
        if self.reply(kind, code) // 100 == 2 and not code:
            assert self._sender is not None
            mail = Taken(self._sender, self._recipients, content, self._parameters, self.is_honest)
            self.mails.append(mail)
        self._reset()
