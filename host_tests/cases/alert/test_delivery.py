"""The alert application's delivery: what happens to an alert for each result of its mail."""

import hssmtp
from fake_board import Said, same

from alert.backoff import Backoff
from alert.delivery import Delivery
from alert.pending import Alert

HOUR = 3600


class Client(hssmtp.Client):
    """Ends each mail by a script, five ticks after it was begun."""

    def __init__(self, script):
        hssmtp.Client.__init__(self, "mail.example.com", security="none")
        self.script = list(script)
        self.mails = []
        self.ticks = 0

    def send_mail(self, mail):
        self.mails.append(mail)
        self.ticks = 5
        self.result = None

    def tick(self, now):
        if self.ticks:
            self.ticks -= 1
            if self.ticks == 1:
                self._end(*self.script.pop(0))
        return self.ticks > 0

    def _end(self, result, error=0, transient=False, in_doubt=False):
        self.result = result
        self.error = error
        self.transient = transient
        self.in_doubt = in_doubt

    def abort_mail(self):
        self.ticks = 0
        self._end(*self.script.pop(0))


SENT = (hssmtp.SENT,)
LATER = (hssmtp.FAILED, hssmtp.ERROR_CONNECT, True)
DOUBT = (hssmtp.FAILED, hssmtp.ERROR_CLOSED, True, True)
AUTH = (hssmtp.FAILED, hssmtp.ERROR_AUTH)
UNKNOWN = (hssmtp.FAILED, hssmtp.ERROR_DNS)
REJECTED = (hssmtp.FAILED, hssmtp.ERROR_REJECTED)
TOO_LARGE = (hssmtp.FAILED, hssmtp.ERROR_TOO_LARGE)


class Pending:
    """Alerts without a flash."""

    def __init__(self, names):
        self.alerts = [Alert(name, name, 1, 0, 0, "") for name in names]

    def remove(self, alert):
        self.alerts.remove(alert)


class Play:
    """A delivery of alerts to a scripted client."""

    def __init__(self, script, names=("Door",)):
        self.client = Client(script)
        self.pending = Pending(names)
        self.said = Said()
        self.composed = 0
        self.delivery = Delivery(
            self.client, self.pending, self._compose, self.said.say, Backoff(60, 240), HOUR
        )
        self.ms = 0
        self.online = self.ready = True

    def _compose(self, alert):
        self.composed += 1
        return "%s%s, %d" % (alert.name, " without log" if alert.bare else "", self.composed)

    def run(self, seconds):
        """Return the times in s and names of begun mails."""
        began = []
        for _ in range(seconds * 10):
            before = len(self.client.mails)
            self.delivery.step(self.ms, self.ms // 1000, self.online, self.ready)
            for mail in self.client.mails[before:]:
                began.append((self.ms // 1000, mail))
            self.ms += 100
        return began

    def left(self):
        return [alert.name for alert in self.pending.alerts]


def test_sent_alert_is_removed():
    play = Play([SENT, SENT], ["Door", "Boiler"])
    same("began", play.run(100), [(0, "Door, 1"), (0, "Boiler, 2")])
    same("left", play.left(), [])
    same("told", play.said.has("sent to"), True)


def test_no_mail_is_begun_without_network_or_clock():
    play = Play([SENT])
    play.online = False
    same("began", play.run(100), [])
    play.online, play.ready = True, False
    same("began", play.run(100), [])
    play.ready = True
    same("began", play.run(1), [(200, "Door, 1")])


def test_unreachable_server_is_tried_again_with_backoff():
    play = Play([LATER] * 5 + [SENT, SENT], ["Door", "Boiler"])
    # 60, 120, 240, 240, 240 s.
    began = play.run(1000)
    same("when", [when for when, _ in began[:6]], [0, 60, 180, 420, 660, 900])
    same("the oldest", [mail[:4] for _, mail in began[:6]], ["Door"] * 6)
    same("not refused", play.delivery.refused, False)
    same("left", play.left(), [])


def test_mail_in_doubt_is_sent_again_unchanged():
    play = Play([DOUBT, LATER, SENT])
    began = play.run(1000)
    same("mails", [mail for _, mail in began], ["Door, 1"] * 3)
    same("left", play.left(), [])


def test_mail_not_in_doubt_is_composed_anew():
    play = Play([LATER, SENT])
    same("mails", [mail for _, mail in play.run(1000)], ["Door, 1", "Door, 2"])


def test_refused_login_is_tried_seldom():
    play = Play([AUTH, AUTH, SENT, SENT], ["Door", "Boiler"])
    began = play.run(2 * HOUR)
    same("when", [when for when, _ in began], [0, HOUR])
    same("refused", play.delivery.refused, True)
    same("told", play.said.has("retry in 3600 s"), True)
    play.run(HOUR)
    same("left", play.left(), [])
    same("refused", play.delivery.refused, False)


def test_server_not_found_is_tried_like_an_unreachable_one():
    """Permanent to the library after three times; a router whose line is down reports it too."""
    play = Play([UNKNOWN] * 5 + [SENT])
    same("when", [when for when, _ in play.run(1000)], [0, 60, 180, 420, 660, 900])
    same("refused", play.delivery.refused, False)
    same("left", play.left(), [])


def test_rejected_mail_does_not_delay_others():
    play = Play([REJECTED, SENT, REJECTED, SENT], ["Door", "Boiler"])
    began = play.run(3 * HOUR)
    names = [mail.split(",")[0] for _, mail in began]
    same("mails", names, ["Door", "Boiler", "Door", "Door"])
    same("when", [when for when, _ in began], [0, 60, HOUR, 2 * HOUR])


def test_mail_that_is_too_large_is_sent_without_the_log():
    play = Play([TOO_LARGE, SENT])
    began = play.run(10)
    same("mails", [mail for _, mail in began], ["Door, 1", "Door without log, 2"])
    play = Play([TOO_LARGE, TOO_LARGE, SENT])
    same("when", [when for when, _ in play.run(2 * HOUR)], [0, 0, HOUR])


def test_unreadable_log_does_not_delay_an_alert_in_doubt():
    """The same mail would always fail."""
    unreadable = (hssmtp.FAILED, hssmtp.ERROR_SOURCE)
    play = Play([DOUBT, unreadable, SENT])
    mails = [mail for _, mail in play.run(1000)]
    same("mails", mails, ["Door, 1", "Door, 1", "Door without log, 2"])
    same("left", play.left(), [])


def test_missing_memory_is_logged_and_the_mail_tried_again():
    play = Play([SENT])
    compose = play.delivery._compose
    left = [1, 2]

    def refuse(alert):
        if left:
            left.pop()
            raise MemoryError
        return compose(alert)

    play.delivery._compose = refuse
    same("when", [when for when, _ in play.run(2 * HOUR)], [HOUR])
    same("told", play.said.has("retry without the log"), True)
    same("told", play.said.has("retry in 3600 s"), True)


def test_network_lost_within_a_mail():
    play = Play([(hssmtp.ABORTED,), SENT])
    play.delivery.step(0, 0, True, True)
    play.delivery.step(100, 0, True, True)
    play.online = False
    same("began", play.run(5), [])
    same("under way", play.delivery.alert, None)
    same("left", play.left(), ["Door"])
    play.online = True
    play.delivery.retry_now(False)
    same("began", play.run(5), [(5, "Door, 2")])
    same("left", play.left(), [])


def test_refused_login_is_not_tried_at_once_when_the_network_returns():
    play = Play([AUTH, SENT])
    play.run(10)
    play.delivery.retry_now(False)
    same("began", play.run(100), [])
    play.delivery.retry_now(True)
    same("began", len(play.run(100)), 1)


def test_alert_that_cannot_be_composed_is_logged():
    play = Play([SENT], ["Door", "Boiler"])
    compose = play.delivery._compose

    def refuse(alert):
        if alert.name == "Door":
            raise ValueError("Subject: U+0000 not allowed")
        return compose(alert)

    play.delivery._compose = refuse
    same("began", play.run(100), [(0, "Boiler, 1")])
    same("left", play.left(), ["Door"])
    same("told", [play.said.has("no mail about Door") for _ in range(3)], [True, True, False])


def test_missing_log_does_not_delay_an_alert():
    play = Play([SENT])
    take = play.client.send_mail

    def send_mail(mail):
        if "without" not in mail:
            raise OSError(2, "no such file")
        take(mail)

    play.client.send_mail = send_mail
    same("began", play.run(10), [(0, "Door without log, 2")])
    same("left", play.left(), [])
