"""Delivery: sends each pending alert as a mail, and retries until the server has it."""

import gc

import hssmtp

from . import mail
from .backoff import Backoff
from .flash import problem

_TYPING = hssmtp.const(0)
if _TYPING:
    from .pending import Pending


class Delivery:
    """Sends the oldest alert that is due, and removes it when the server has it.

    compose: creates an alert's mail. refused_wait: s until the retry after a permanent refusal;
    somebody may have corrected the account until then.
    """

    def __init__(
        self, client, pending: "Pending", compose, say, backoff: Backoff, refused_wait: int
    ):
        self.refused = False  # the last failure was a permanent refusal
        self.alert = None  # the one that is being sent
        self._client = client
        self._pending = pending
        self._compose = compose
        self._say = say
        self._backoff = backoff
        self._refused_wait = refused_wait
        self._due = 0  # no connection before this time, in s since the start

    def step(self, now: int, seconds: int, online: bool, ready: bool) -> None:
        """Do bounded work. now: ms, as ticks_ms() has it; ready: whether a mail may begin."""
        client = self._client
        if not online and self.alert:
            client.abort_mail()
        under_way = client.tick(now)
        if self.alert:
            if client.result is not None:
                self._handle_result(seconds)
        elif online and ready and not under_way and seconds >= self._due:
            for alert in self._pending.alerts:
                if alert.due <= seconds:
                    self._begin(alert, seconds)
                    return

    def retry_now(self, refused_too: bool) -> None:
        """Retry at once: the cause of the last failure may be gone."""
        if refused_too or not self.refused:
            self._due = 0
            self._backoff.reset()

    def _begin(self, alert, seconds):
        gc.collect()  # TLS needs large contiguous blocks
        try:
            if not alert.mail:
                alert.mail = self._compose(alert)
            self._client.send_mail(alert.mail)
        except (OSError, ValueError, MemoryError) as exc:
            alert.mail = None
            self._say_not_created(alert, exc)
            if alert.bare:
                alert.due = seconds + self._refused_wait
            alert.bare = True
        else:
            self.alert = alert
            self._say("sending: " + alert.text)

    def _say_not_created(self, alert, exc):
        """Log why the mail could not be created. An unreadable log may be the cause."""
        wait = "retry in %d s" % self._refused_wait if alert.bare else "retry without the log"
        self._say("no mail about %s: %s; %s" % (alert.name, problem(exc), wait))

    def _handle_result(self, seconds):
        """Remove the alert if its mail was sent, else plan the retry."""
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
        if not alert.in_doubt:  # in doubt: the retry sends the same mail, with the same Message-ID
            alert.mail = None
        is_temporary = client.transient or client.in_doubt or client.result == hssmtp.ABORTED
        # A name is also not found while the router has no internet connection.
        self.refused = not is_temporary and client.error != hssmtp.ERROR_DNS
        wait = self._refused_wait if self.refused else self._backoff.next()
        if client.error in (hssmtp.ERROR_TOO_LARGE, hssmtp.ERROR_SOURCE) and not alert.bare:
            alert.bare = True
            alert.mail = None  # also if in doubt: with that log the mail can't be sent
            wait = 0
        elif client.error == hssmtp.ERROR_REJECTED:  # the other alerts may be accepted
            alert.due = seconds + wait
            wait = self._backoff.next()
        self._due = seconds + wait
        self._say("%s; retry in %d s" % (text, wait))
