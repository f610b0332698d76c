"""What the cases about a client's control share: a mail under way, and the next one."""

import hssmtp
from scripted import Files, Play, ScriptedLink, Server, check_table, mail, same

TO = ["a@example.com", "b@example.com"]
TLS_AND_LOGIN: dict = {"security": "starttls", "username": "boiler", "password": "correct horse"}
SERVER = {
    "keywords": ["STARTTLS"],
    "tls_keywords": ["AUTH PLAIN", "PIPELINING"],
    "users": {"boiler": "correct horse"},
}
# Each is reported at least once in the dialogue of play().
EVENTS = ("RESOLVED", "CONNECTED", "SECURED", "READY", "RECIPIENT_REFUSED", "PROGRESS", "SENT")
UNDER_WAY = EVENTS[:-1]
HOUR = 3600000


def number(event):
    return getattr(hssmtp, event)


def play(at=None, do=None, once=True, replies=None, **options):
    """A client that calls do(client) at an event."""
    done = []

    def on_event(client, event):
        if do and event == number(at) and not (once and done):
            done.append(event)
            return do(client)

    if replies is None:
        replies = {"RCPT b@example.com": "550 5.1.1 unknown"}
    found = dict(TLS_AND_LOGIN)
    found.update(options)
    return Play(Server(replies=replies, **SERVER), on_event, **found)


def letter():
    with open("log", "wb") as file:
        file.write(b"x" * 3000)
    return mail(TO, attachments=["log"])


GIVE_UP = (("abort_mail", hssmtp.Client.abort_mail), ("deinit", hssmtp.Client.deinit))


def give_up_at(check):
    """Call check(name, event, how) for abort_mail() and deinit(), at each event."""
    cases = []
    for name, how in GIVE_UP:
        for event in UNDER_WAY:
            cases.append((name + " at " + event, event, how))
    check_table(cases, lambda *case: Files().watch(check, *case))


def check_next_mail(played):
    """Check that the next mail is sent."""
    mails = len(played.server.mails)
    played.send(letter())
    same("next mail", hssmtp.event_name(played.client.result), "SENT")
    same("mails", len(played.server.mails), mails + 1)


def check_given_up(played):
    client = played.client
    same("result", client.result, hssmtp.ABORTED)
    same("error", (client.error, client.transient, client.cause), (0, False, None))
    same("in_doubt", client.in_doubt, False)
    same("link", played.link.is_open, False)
    same("tick", client.tick(played.now), False)
    same("to sleep", client.idle_ms(played.now), HOUR)
    same("ABORTED", played.events.count("ABORTED"), 1)
    same("mails", played.server.mails, [])
    check_next_mail(played)


# Pauses
class CountingLink(ScriptedLink):
    """Counts its calls."""

    calls = 0

    def step(self, now):
        self.calls += 1
        return ScriptedLink.step(self, now)

    def write(self, buf, off, n):
        self.calls += 1
        return ScriptedLink.write(self, buf, off, n)

    def readinto(self, buf, n):
        self.calls += 1
        return ScriptedLink.readinto(self, buf, n)


def until_paused(played):
    client = played.client
    for _ in range(10000):
        played.now += 1
        client.tick(played.now)
        if played.events and played.events[-1] == "PAUSED":
            return
    raise AssertionError("no pause")
