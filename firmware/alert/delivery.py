"""Delivery: pending alerts as mails, each tried until the server has it."""

import gc

import hssmtp

from . import mail
from .backoff import Backoff
from .flash import problem

_TYPING = hssmtp.const(0)
if _TYPING:
    from .pending import Pending


class Delivery:
    """Sends the oldest alert that is due, and forgets it when the server has it.

    compose: makes an alert's mail. refused_wait: s until a mail that was refused permanently is
    tried again, since a person may have corrected the account.
    """

    def __init__(
        self, client, pending: "Pending", compose, say, backoff: Backoff, refused_wait: int
    ):
        self.refused = False  # the last failure was a permanent refusal
        self.alert = None  # the one under way
        self._client = client
        self._pending = pending
        self._compose = compose
        self._say = say
        self._backoff = backoff
        self._refused_wait = refused_wait
        self._due = 0  # when the server may be asked again, in s

    def step(self, now: int, seconds: int, online: bool, ready: bool) -> None:
        """Do a bounded piece of work. now: ms, ticks; ready: a mail may begin."""
        client = self._client
        if not online and self.alert:
            client.abort_mail()
        under_way = client.tick(now)
        if self.alert:
            if client.result is not None:
                self._settle(seconds)
        elif online and ready and not under_way and seconds >= self._due:
            for alert in self._pending.alerts:
                if alert.due <= seconds:
                    self._begin(alert, seconds)
                    return

    def hurry(self, refused_too: bool) -> None:
        """Try again at once: the cause of the last failure may be gone."""
        if refused_too or not self.refused:
            self._due = 0
            self._backoff.reset()

    def _begin(self, alert, seconds):
        gc.collect()  # TLS needs its memory in large pieces
        try:
            if not alert.mail:
                alert.mail = self._compose(alert)
            self._client.send_mail(alert.mail)
        except (OSError, ValueError, MemoryError) as exc:
            alert.mail = None
            self._say_unmade(alert, exc)
            if alert.bare:
                alert.due = seconds + self._refused_wait
            alert.bare = True
        else:
            self.alert = alert
            self._say("sending: " + alert.text)

    def _say_unmade(self, alert, exc):
        """Say that no mail could be made, and what follows: the log may be what can't be read."""
        wait = "again in %d s" % self._refused_wait if alert.bare else "now without the log"
        self._say("no mail of %s can be made: %s; %s" % (alert.name, problem(exc), wait))

    def _settle(self, seconds):
        """Forget the alert if its mail was sent, else plan when it is tried again."""
        client = self._client
        alert = self.alert
        self.alert = None
        text = mail.outcome(client)
        if client.result == hssmtp.SENT:
            self._pending.remove(alert)
            self._backoff.reset()
            self.refused = False
            self._say(text)
            return
        alert.in_doubt = alert.in_doubt or client.in_doubt
        if not alert.in_doubt:  # else the same mail is sent again, with the same Message-ID
            alert.mail = None
        is_worth_a_try = client.transient or client.in_doubt or client.result == hssmtp.ABORTED
        # A name that was not found may be the router's fault, whose line is down.
        self.refused = not is_worth_a_try and client.error != hssmtp.ERROR_DNS
        wait = self._refused_wait if self.refused else self._backoff.next()
        if client.error in (hssmtp.ERROR_TOO_LARGE, hssmtp.ERROR_SOURCE) and not alert.bare:
            alert.bare = True
            alert.mail = None  # even if it was in doubt: with that log it never comes
            wait = 0
        elif client.error == hssmtp.ERROR_REJECTED:  # it may be this mail alone
            alert.due = seconds + wait
            wait = self._backoff.next()
        self._due = seconds + wait
        self._say("%s; again in %d s" % (text, wait))
