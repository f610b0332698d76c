"""Kept connections: NOOP, RSET, and connections that have ended."""

import hssmtp
from scripted import Play, Server, check_table, in_every_manner, mail, same

MINUTE = 60000
KEEP = {"keep_open_ms": 20 * MINUTE}
TO = ["a@example.com", "b@example.com"]


def wait(play, ms):
    """An application that sleeps for idle_ms()."""
    end = play.now + ms
    while play.now < end:
        play.client.tick(play.now)
        play.now += max(1, min(play.client.idle_ms(play.now), end - play.now))
    play.client.tick(play.now)
    return play


def count(play, command):
    return play.server.commands.count(command)


def settle(play):
    """Tick until nothing can be sent or read, without time passing."""
    for _ in range(300):
        play.now += 1
        play.client.tick(play.now)


def check_next(play, opened):
    mails = len(play.server.mails)
    play.send(mail(TO))
    same("next mail", hssmtp.event_name(play.client.result), "SENT")
    same("mails", len(play.server.mails) - mails, 1)
    same("envelope", play.server.mails[-1][1], TO)
    same("connections", len(play.link.opened), opened)
    same("FAILED", "FAILED" in play.events, False)


# NOOP


def test_noop_is_sent_on_an_idle_connection():
    """Every 4 minutes, as servers close after 5; the result stays."""

    def check(manner, keywords):
        play = Play(Server(keywords), manner=manner, **KEEP).send(mail(TO))
        for minutes, noops in ((3, 0), (2, 1), (4, 2), (4, 3)):
            wait(play, minutes * MINUTE)
            settle(play)
            same("NOOPs", count(play, "NOOP"), noops)
            same("link", play.link.is_open, True)
        same("result", (play.client.result, play.client.error), (hssmtp.SENT, 0))
        same("reply", (play.client.reply_code, play.client.reply_text), (250, "2.0.0 queued"))
        check_next(play, 1)

    in_every_manner(check, (("plain", []), ("PIPELINING", ["PIPELINING", "CHUNKING"])))


def test_no_noop_if_the_connection_closes_before():
    play = Play(Server(), keep_open_ms=3 * MINUTE).send(mail())
    wait(play, 10 * MINUTE)
    same("NOOPs", count(play, "NOOP"), 0)
    same("QUIT", count(play, "QUIT"), 1)
    same("link", play.link.is_open, False)


def test_noop_does_not_extend_keep_open_ms():
    """keep_open_ms counts from the mail on, whatever is sent meanwhile."""
    play = Play(Server(), keep_open_ms=10 * MINUTE).send(mail())
    wait(play, 9 * MINUTE)
    settle(play)
    same("link", play.link.is_open, True)
    same("NOOPs", count(play, "NOOP"), 2)
    wait(play, 2 * MINUTE)
    play.run()
    same("link", play.link.is_open, False)
    same("last", play.server.commands[-1], "QUIT")


def test_any_reply_to_noop_will_do():
    """The last mail stays SENT, and the next one is sent over this or a new connection."""

    def check(manner, said, opened):
        play = Play(Server(replies={"NOOP": said}), manner=manner, **KEEP).send(mail(TO))
        wait(play, 5 * MINUTE)
        same("NOOPs", count(play, "NOOP"), 1)
        wait(play, 2 * MINUTE)
        client = play.client
        same("result", (client.result, client.error), (hssmtp.SENT, 0))
        same("reply", (client.reply_code, client.reply_text), (250, "2.0.0 queued"))
        same("cause", client.cause, None)
        check_next(play, opened)

    in_every_manner(
        check,
        (
            ("250", "250 2.0.0 ok", 1),
            ("several lines", "250-2.0.0 still\r\n250 here", 1),
            ("not known", "502 5.5.1 what?", 1),
            ("421", "421 4.4.2 idle", 2),
            ("hangs up", "", 2),
            ("silence", None, 2),
            ("rubbish", b"rubbish\r\n", 2),
            ("two replies", b"250 ok\r\n250 again\r\n", 2),
        ),
    )


def test_mail_waits_for_the_reply_to_noop():
    """It does not wait a minute for that reply, nor take it for the reply to MAIL."""

    def check(manner, keywords, late):
        server = Server(keywords, replies={"NOOP": [None]}, strict=False)
        play = Play(server, manner=manner, **KEEP).send(mail(TO))
        wait(play, 4 * MINUTE - 1000)
        while not count(play, "NOOP"):
            wait(play, 10)
        if late:
            server.out += b"250 2.0.0 ok\r\n"
        play.client.send_mail(mail(TO))
        play.run()
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("mails", len(server.mails), 2)
        same("reply", play.client.reply_text, "2.0.0 queued")

    cases = []
    for keywords in [], ["PIPELINING"]:
        for late in True, False:
            cases.append(("%s %s" % (keywords, late), keywords, late))
    in_every_manner(check, cases)


def test_kept_connection_logs_in_once():
    """AUTH is not repeated on a kept connection, only on a new one."""
    options = {"username": "boiler", "password": "x", "security": "tls"}
    server = Server(["AUTH PLAIN"], users={"boiler": "x"})
    options.update(KEEP)
    play = Play(server, **options).send(mail())
    wait(play, 9 * MINUTE)
    play.send(mail())
    same("logins", len(server.logins), 1)
    server.gone = True
    play.send(mail())
    same("logins", len(server.logins), 2)
    same("mails", len(server.mails), 3)


# Ended connections


def test_ended_kept_connection_is_reopened():
    """Before a reply to MAIL nothing is reported."""

    def check(manner, how, keywords):
        server = Server(keywords)
        play = Play(server, manner=manner, **KEEP).send(mail(TO))
        if how == "reset":
            play.link.cut = ("in", 0, "reset")
        elif how == "fin":
            server.gone = True
        elif how == "421 before":
            server.out += b"421 4.4.2 idle\r\n"
            server.gone = True
        else:
            server.replies["MAIL"] = {"421 to MAIL": ["421 4.4.2 idle"], "hangs up": [""]}[how]
        check_next(play, 2)

    cases = []
    for how in "reset", "fin", "421 before", "421 to MAIL", "hangs up":
        for keywords in [], ["PIPELINING"], ["PIPELINING", "CHUNKING"]:
            cases.append(("%s %s" % (how, keywords), how, keywords))
    in_every_manner(check, cases)


def test_failure_after_the_first_reply_is_not_retried():
    """After a reply to MAIL it is a failure of this mail."""

    def check(name, step, keywords, in_doubt):
        server = Server(keywords)
        play = Play(server, **KEEP).send(mail(TO))
        server.replies[step] = [""]
        play.send(mail(TO))
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_CLOSED")
        same("transient", (client.transient, client.in_doubt), (True, in_doubt))
        same("connections", len(play.link.opened), 1)

    check_table(
        (
            ("RCPT", "RCPT", [], False),
            ("DATA", "DATA", [], False),
            ("text", "TEXT", [], True),
            ("text, PIPELINING", "TEXT", ["PIPELINING"], True),
            ("text, CHUNKING", "TEXT", ["PIPELINING", "CHUNKING"], True),
        ),
        check,
    )


def test_new_connection_that_breaks_is_not_retried():
    """Only a kept connection may have timed out: a new one that breaks is a failure."""
    for replies in {"MAIL": ""}, {"MAIL": "421 4.3.2 bye"}:
        play = Play(Server(replies=replies), **KEEP).send(mail())
        same("error", hssmtp.error_name(play.client.error), "ERROR_CLOSED")
        same("connections", len(play.link.opened), 1)


def test_kept_connection_is_reopened_once():
    """If the new one breaks too, the mail fails."""
    server = Server()
    play = Play(server, **KEEP).send(mail())
    server.replies["MAIL"] = ""
    play.send(mail())
    same("error", hssmtp.error_name(play.client.error), "ERROR_CLOSED")
    same("connections", len(play.link.opened), 2)


# RSET


def test_rset_is_sent_only_if_a_transaction_is_open():
    """RSET follows a transaction that was begun and not ended."""

    def check(manner, keywords, replies, resets):
        server = Server(keywords, replies=replies)
        play = Play(server, manner=manner, **KEEP).send(mail(TO))
        settle(play)
        same("RSET", count(play, "RSET"), resets)
        server.replies.clear()
        play.send(mail(TO))
        same("next mail", hssmtp.event_name(play.client.result), "SENT")
        same("envelope", server.mails[-1][1], TO)
        same("connections", len(play.link.opened), 1)

    in_every_manner(
        check,
        (
            ("sent", [], {}, 0),
            ("sent, PIPELINING", ["PIPELINING"], {}, 0),
            ("sent, CHUNKING", ["CHUNKING"], {}, 0),
            ("MAIL", [], {"MAIL": "550 no"}, 0),
            ("RCPT", [], {"RCPT": "550 no"}, 1),
            ("DATA", [], {"DATA": "554 no"}, 1),
            ("RCPT, PIPELINING", ["PIPELINING"], {"RCPT": "550 no"}, 1),
            ("RCPT, CHUNKING", ["CHUNKING"], {"RCPT": "550 no"}, 1),
            ("text", [], {"TEXT": "554 no"}, 0),
        ),
    )


def test_refused_rset_leads_to_a_new_connection():
    """The connection can't be used; the next mail gets a new one."""
    server = Server(replies={"RCPT": ["550 no"] * 2, "RSET": "500 what?"})
    play = Play(server, **KEEP).send(mail(TO))
    settle(play)
    play.send(mail(TO))
    same("result", hssmtp.event_name(play.client.result), "SENT")
    same("connections", len(play.link.opened), 2)


def test_kept_connection_that_ended_after_a_failed_mail_is_reopened():
    """send_mail() is called at once, before another tick."""
    server = Server(replies={"TEXT": ["554 5.7.1 spam"]})
    play = Play(server, **KEEP)
    play.client.send_mail(mail(TO))
    while play.client.result is None:
        play.now += 1
        play.client.tick(play.now)
    server.gone = True
    play.send(mail(TO))
    same("result", hssmtp.event_name(play.client.result), "SENT")
    same("connections", len(play.link.opened), 2)
