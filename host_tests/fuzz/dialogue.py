"""One dialogue: a client, hostile servers one after another, some mails, and what must hold."""

import random
import traceback
from collections.abc import Callable
from typing import Any

import hssmtp

from .application import Files, Options
from .check import Judge, Sending, check_words
from .habits import Habits, calm, keywords
from .link import Link, Manner, Violation
from .mails import Mail
from .server import Server
from .sources import Source

_PAUSED_MS = 3600000
_MOST_TICKS = 80000
_OUTCOME = ("result", "error", "transient", "in_doubt", "accepted", "refused", "delivered")


class Dialogue:
    """Dialogue `number` of a run: reproducible from the seed and its number.

    trace: called with who says what, to print it.
    """

    def __init__(
        self,
        seed: int,
        number: int,
        pool: list[Mail],
        files: Files,
        trace: Callable[..., None] | None = None,
    ):
        self.rng = rng = random.Random(f"{seed}/{number}")
        self.pool = pool
        self.files = files
        self.trace = trace
        self.options = Options(rng)
        credentials = self.options.credentials
        secrets = credentials.echoes(rng) if credentials else []
        self.habits = Habits(rng, secrets)
        self.manner = Manner(rng)
        self.is_calm = False
        self.link: Any = Link(rng, self.manner, self._make_server, trace)
        self.pauses = rng.choice((0, 0, 0, 0.1))
        self.aborts = rng.choice((0, 0, 0.3))
        self.aborts_in_event = 0
        self.now = rng.choice((0, 1000, 1 << 28))
        self.sending: Sending | None = None
        self.ended: tuple[Any, ...] | None = None
        self.results: list[str] = []
        self._idle_ticks = 0  # in a row
        self.client = hssmtp.Client(
            "mail.example.com", link=self.link, on_event=self._hear, **self.options.client
        )

    def run(self) -> "Dialogue":
        """Raise Violation if a property does not hold."""
        try:
            self._play()
        except Violation:
            raise
        except Exception as problem:
            raise Violation("raises", traceback.format_exc(limit=-6)) from problem
        finally:
            self.files.begin(-1, False)
        return self

    def _play(self):
        rng = self.rng
        count = rng.choice((1, 1, 2, 3)) if self.options.keep_open_ms else rng.choice((1, 1, 1, 2))
        for _ in range(count):
            self._send(self._choose_mail())
            if rng.random() < 0.6:
                self._settle()
            if rng.random() < 0.1:
                self.now += rng.choice((500, 250000, 700000))
        if rng.random() < 0.2:
            self._send_in_calm()
        self.client.deinit()
        if self.files.count():
            raise Violation("files", f"{self.files.count()} files are left open")

    # The server's side

    def _make_server(self, number):
        options = self.options
        has_login = options.credentials is not None

        def offered(is_secured):
            words = keywords(self.rng, options.security, has_login, self.is_calm)
            if options.security == "starttls" and not is_secured and self._offers_tls():
                words.insert(self.rng.randrange(len(words) + 1), "STARTTLS")
            return words

        users = options.credentials.users if options.credentials else {}
        return Server(self.rng, self.habits, offered, options.security == "tls", users)

    def _offers_tls(self):
        return self.is_calm or self.rng.random() < 0.95

    # The client's side

    def _choose_mail(self) -> Mail:
        """One of the pool; a large one less often, and not over a network that gives drops."""
        manner = self.manner
        is_slow = 0 < manner.most_out < 60 or 0 < manner.most_in < 40
        while True:
            mail = self.rng.choice(self.pool)
            size = len(mail.contents["8BITMIME"]) + 200 * len(mail.recipients)
            if size < 3000 or not is_slow and (size < 10000 or self.rng.random() < 0.2):
                return mail

    def _begin(self, mail):
        """Make the message of a mail, and decide what befalls its sources."""
        rng = self.rng
        fails = rng.random() < 0.15 and not self.is_calm
        self.files.begin(rng.randrange(12) if fails else -1, rng.random() < 0.5)
        self.source = None
        if not mail.is_fresh:
            return mail.message
        has_size = mail.name.startswith("sized")  # else its end is where it ends
        how = rng.choice(("raise", "end" if has_size else "raise")) if fails else ""
        self.source = Source(mail.data, None if self.is_calm else rng, how)
        return mail.make(self.source)

    def _send(self, mail):
        message = self._begin(mail)
        link = self.link
        self.sending = sending = Sending(mail, message, link.wires, bool(link.wire), self.now)
        self.ended = None
        link.most_connections = len(link.wires) + 10
        if self.trace:
            self.trace("test", f"send_mail(): {mail.name}, {len(mail.recipients)} recipients")
        try:
            self.client.send_mail(message)
        except OSError:
            if not self.files.has_failed:
                raise
            self.sending = None
            return
        self._drive(sending)
        self._judge(sending)

    def _drive(self, sending):
        client = self.client
        rng = self.rng
        link = self.link
        abort_at = rng.randrange(1, 150) if rng.random() < self.aborts else -1
        self.aborts_in_event = 0.02 if rng.random() < self.aborts else 0
        ticks = 0
        while client.result is None:
            link.has_delayed = False
            if not client.tick(self.now) and client.result is None:
                raise Violation("hangs", "tick() is False, and there is no result")
            ticks += 1
            if ticks == abort_at and client.result is None:
                self._abort()
            elif ticks > _MOST_TICKS:
                raise Violation("hangs", f"{ticks} ticks")
            self._wait()

    def _wait(self):
        """What an application does between two ticks."""
        idle = self.client.idle_ms(self.now)
        rng = self.rng
        if idle == _PAUSED_MS:
            self.now += 10
            if rng.random() < 0.5:
                self.client.resume()
            self._idle_ticks = 0
        elif not idle:
            self.now += self.habits.is_endless * 500
            self._idle_ticks = 0
        elif self._idle_ticks > 1 and self.link.is_stuck():
            self.now += rng.choice((3000, 30000, 61000, 601000))
        else:
            self._idle_ticks += 1
            self.now += rng.choice((1, 5, 20))

    def _abort(self):
        if self.trace:
            self.trace("test", "abort_mail()")
        assert self.sending
        self.sending.has_aborted = True
        self.client.abort_mail()

    def _hear(self, client, event):
        if self.trace:
            self.trace("event", hssmtp.event_name(event))
        if event == hssmtp.RECIPIENT_REFUSED and self.sending:
            self.sending.told_refused.append(client.recipient)
        if client.result is None and self.sending:
            if self.aborts_in_event and self.rng.random() < self.aborts_in_event:
                self._abort()
                return None
            if event == hssmtp.RECIPIENT_REFUSED and self.rng.random() < 0.1:
                check_words(client, self.options.grams())
        if self.pauses and self.rng.random() < self.pauses:
            return hssmtp.PAUSE
        return None

    # What must hold

    def _judge(self, sending):
        client = self.client
        self.ended = self._outcome()
        self.results.append(hssmtp.event_name(client.result or 0))
        if self.trace:
            self.trace("test", hssmtp.explain(client))
        source = self.source
        sending.has_source_failed = self.files.has_failed or bool(source and source.has_failed)
        credentials = self.options.credentials
        sending.has_token_failed = bool(credentials and credentials.has_token_failed)
        Judge(client, sending, self.link.wires, self.options.rules, self.now).check()
        check_words(client, self.options.grams())
        self._check_secrets()
        if self.files.count():
            raise Violation("files", f"{self.files.count()} files are left open")

    def _outcome(self):
        return tuple(getattr(self.client, name) for name in _OUTCOME)

    def _check_secrets(self):
        """Nothing of a secret has left in the clear."""
        credentials = self.options.credentials
        if not credentials or self.options.security == "none" and credentials.shows_password:
            return
        for wire in self.link.wires:
            clear = bytes(wire.taken)
            if wire.secured_at >= 0:
                clear = clear[: wire.secured_at]
            for form in credentials.forms:
                if len(form) > 4 and form in clear:
                    raise Violation("secret", f"{form!r} left in the clear")

    def _settle(self):
        """Tick until nothing is left to do: what has been told stays true."""
        ticks = 0
        self.link.has_delayed = False
        while self.client.tick(self.now):
            self._wait()
            self.link.has_delayed = False
            ticks += 1
            if ticks > _MOST_TICKS:
                raise Violation("hangs", "behind the mail")
        if self.ended and self._outcome() != self.ended:
            raise Violation("outcome", f"{self.ended} became {self._outcome()}")

    def _send_in_calm(self):
        """The same client sends another mail over a good server."""
        self.is_calm = True
        calm(self.habits)
        self.manner.calm()
        self.pauses = self.aborts = 0
        self.client.resume()
        if self.options.credentials:
            self.options.credentials.token_plan.clear()
        if self.trace:
            self.trace("test", "from now on all is well")
        if self.link.wire:
            self.link.hang_up()
        if self.rng.random() < 0.5:
            self.client.deinit()
        self._send(self.pool[0])
        if self.client.result != hssmtp.SENT:
            raise Violation("afterwards", hssmtp.explain(self.client))
