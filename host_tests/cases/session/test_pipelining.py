"""PIPELINING (RFC 2920), and the number of waits for the server, which has a budget."""

import hssmtp
from scripted import FAR, Play, Server, check_table, in_every_manner, mail, same

LOGIN = {"username": "boiler", "password": "correct horse", "auth": "PLAIN"}
USERS = {"boiler": "correct horse"}
PLAIN = ["PIPELINING", "AUTH PLAIN"]
STARTTLS = ["STARTTLS"]
TLS = {"security": "tls"}
UPGRADE = {"security": "starttls"}


def crowd(count):
    return ["user%d@example.com" % n for n in range(count)]


# name, keywords, client, waits: without greeting and TLS handshake
BUDGETS = (
    ("STARTTLS, DATA", STARTTLS + PLAIN, UPGRADE, 6),
    ("STARTTLS, CHUNKING", STARTTLS + PLAIN + ["CHUNKING"], UPGRADE, 5),
    ("TLS, DATA", PLAIN, TLS, 4),
    ("TLS, CHUNKING", PLAIN + ["CHUNKING"], TLS, 3),
)


def test_waits_with_pipelining_are_within_the_budget():
    """As often for 1,000 recipients as for one."""

    def check(name, keywords, options, waits, count, manner):
        options = dict(options)
        options.update(LOGIN)
        server = Server(keywords, users=USERS)
        # In Bcc: CHUNKING saves a wait if the mail is small.
        play = Play(server, manner=manner, **options).send(mail((), bcc=crowd(count)))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("envelope", server.mails[0][1], crowd(count))
        found = play.link.waits[1:]
        if found[-2:] == ["<text>", "QUIT"]:  # it is sent at that time
            found.pop()
        same("waits %s" % found, len(found), waits)

    cases = []
    for budget in BUDGETS:
        for count in 1, 50, 1000:
            for way, manner in FAR[: 2 if count < 1000 else 1]:
                name = "%s, %d, %s" % (budget[0], count, way)
                cases.append((name,) + budget[1:] + (count, manner))
    check_table(cases, check)


def test_waits_without_pipelining():
    """Each command has a wait: EHLO MAIL RCPT RCPT RCPT DATA text QUIT."""
    for count in 1, 3:
        play = Play(Server(), manner={"far": True}).send(mail(crowd(count)))
        same("waits", len(play.link.waits) - 1, 5 + count)


def test_waits_on_a_kept_connection():
    """A second mail: MAIL to DATA, and the text."""
    play = Play(Server(["PIPELINING"]), manner={"far": True}, keep_open_ms=1000)
    play.send(mail())
    waits = len(play.link.waits)
    play.send(mail(crowd(50)))
    same("waits", len(play.link.waits) - waits, 2)
    same("mails", len(play.server.mails), 2)


def test_refused_recipient_within_a_pipelined_group():
    """Commands after a refused one are refused too, or accepted in spite of it."""

    def check(manner, replies, error, transient, text):
        server = Server(["PIPELINING"], replies=replies)
        play = Play(server, manner=manner, keep_open_ms=1000).send(mail(crowd(3)))
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_" + error)
        same("transient", client.transient, transient)
        same("mails", server.mails, [])
        same("texts", server.texts, [b""] if text else [])
        server.replies.clear()
        play.send(mail(crowd(3)))
        same("next mail", hssmtp.event_name(client.result), "SENT")
        same("envelope", server.mails[0][1], crowd(3))
        same("connections", len(play.link.opened), 1)

    in_every_manner(
        check,
        (
            ("MAIL", {"MAIL": "550 5.1.8 no"}, "SENDER", False, False),
            ("MAIL, later", {"MAIL": "451 4.3.0 no"}, "SENDER", True, False),
            ("MAIL, DATA granted", {"MAIL": "550 no", "DATA": "354 go"}, "SENDER", False, True),
            ("RCPTs", {"RCPT": "550 5.1.1 no"}, "RECIPIENTS", False, False),
            ("RCPTs, later", {"RCPT": "450 4.2.1 no"}, "RECIPIENTS", True, False),
            ("RCPTs, DATA granted", {"RCPT": "550", "DATA": "354"}, "RECIPIENTS", False, True),
            ("DATA", {"DATA": "554 5.5.0 no"}, "REJECTED", False, False),
            ("DATA, later", {"DATA": "451 4.3.0 no"}, "REJECTED", True, False),
        ),
    )  # fmt: skip


def test_every_second_recipient_refused_within_a_group():
    """Each is reported by its own address, however late the reply arrives."""

    def check(manner, count):
        to = crowd(count)
        replies = {}
        for who in to[::2]:
            replies["RCPT " + who] = "550 5.1.1 unknown: " + who
        told = []

        def on_event(client, event):
            if event == hssmtp.RECIPIENT_REFUSED:
                same("reply", client.reply_text, "5.1.1 unknown: " + client.recipient)
                told.append(client.recipient)

        server = Server(["PIPELINING"], replies=replies)
        play = Play(server, on_event, manner=manner).send(mail(to))
        same("told", told, to[::2])
        same("envelope", server.mails[0][1], to[1::2])
        counts = (play.client.accepted, play.client.refused)
        same("counts", counts, (count // 2, (count + 1) // 2))

    in_every_manner(check, (("5", 5), ("100", 100)))


def test_pause_within_a_pipelined_group():
    """Replies stay unread, and nothing more is sent."""

    def check(manner):
        paused = []

        def on_event(client, event):
            if event == hssmtp.RECIPIENT_REFUSED:
                paused.append(client.recipient)
                return hssmtp.PAUSE
            return None

        server = Server(["PIPELINING"], replies={"RCPT": ["550 no", "550 no"]})
        play = Play(server, on_event, manner=manner)
        play.client.send_mail(mail(crowd(50)))
        for _ in range(3):
            for _ in range(2000):
                play.now += 1
                play.client.tick(play.now)
            play.client.resume()
        play.run()
        same("paused", paused, crowd(50)[:2])
        same("envelope", server.mails[0][1], crowd(50)[2:])

    in_every_manner(check, (("",),))
