"""Delivery: pending alerts as mails, each tried until the server has it."""

import gc

import hssmtp

from .backoff import Backoff

_TYPING = hssmtp.const(0)
if _TYPING:
    from .pending import Pending


class Delivery:
    """Brings the oldest alert that is due to the server, and forgets it when that has it.

    compose: makes an alert's mail. refused_wait: s until what was refused for good is tried again,
    since a person may have mended the account.
    """

    def __init__(
        self, client, pending: "Pending", compose, say, backoff: Backoff, refused_wait: int
    ):
        self.refused = False  # what failed last was refused for good
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
        """Try again at once: what was in the way may be gone."""
        if refused_too or not self.refused:
            self._due = 0
            self._backoff.reset()

    def _begin(self, alert, seconds):
        gc.collect()  # TLS needs its memory in large pieces
        try:
            if not alert.mail:
                alert.mail = self._compose(alert)
            self._client.send_mail(alert.mail)
        except (OSError, ValueError) as exc:  # a log that can't be read, a text that is damaged
            self._say("no mail of %s: %s" % (alert.name, exc))
            alert.mail = None
            if alert.bare:
                alert.due = seconds + self._refused_wait
            alert.bare = True
        else:
            self.alert = alert
            self._say("sending: " + alert.text)

    def _settle(self, seconds):
        """What is to become of an alert whose mail has ended."""
        client = self._client
        alert = self.alert
        self.alert = None
        text = hssmtp.explain(client)
        if client.result == hssmtp.SENT:
            self._pending.remove(alert)
            self._backoff.reset()
            self.refused = False
            self._say(text)
            return
        alert.in_doubt = alert.in_doubt or client.in_doubt
        if not alert.in_doubt:  # else the same again, so that it has the same Message-ID
            alert.mail = None
        self.refused = not (client.result == hssmtp.ABORTED or client.transient or client.in_doubt)
        wait = self._refused_wait if self.refused else self._backoff.next()
        if client.error in (hssmtp.ERROR_TOO_LARGE, hssmtp.ERROR_SOURCE) and not alert.bare:
            alert.bare = True
            wait = 0
        elif client.error == hssmtp.ERROR_REJECTED:  # it may be this mail alone
            alert.due = seconds + wait
            wait = self._backoff.next()
        self._due = seconds + wait
        self._say("%s; again in %d s" % (text, wait))
