"""Several mails over one connection, and idle connections that end."""

import hssmtp
from dialogues import TO, play, short
from scripted import Play, Server, in_every_manner, mail, same

KEEP = {"keep_open_ms": 60000}
NEXT = " MAIL a b c DATA text"


def test_several_mails_over_a_kept_connection():
    def check(manner, keywords):
        done = play(manner, {"keywords": keywords}, mails=3, **KEEP)
        same("mails", len(done.server.mails), 3)
        same("what was sent", short(done.server.commands), "open EHLO" + NEXT * 3)
        same("link", done.link.is_open, True)
        same("to sleep", 59000 < done.client.idle_ms(done.now) <= 60000, True)
        done.now += 60000
        same("nothing to do", done.client.tick(done.now), True)
        done.run()
        same("closed", short(done.server.commands), "open EHLO" + NEXT * 3 + " QUIT")
        same("link", done.link.is_open, False)
        same("result", done.client.result, hssmtp.SENT)

    in_every_manner(check, (("plain", []), ("PIPELINING", ["PIPELINING"])))


FAILED_FIRST = (
    # name, replies of the first mail, what was sent for it, with PIPELINING
    ("MAIL", {"MAIL": ["550 no"]}, " MAIL", " MAIL a b c DATA RSET"),
    ("RCPT", {"RCPT": ["550 no"] * 3}, " MAIL a b c RSET", " MAIL a b c DATA RSET"),
    ("DATA", {"DATA": ["550 no"]}, " MAIL a b c DATA RSET", " MAIL a b c DATA RSET"),
    ("text", {"TEXT": ["550 no"]}, NEXT, NEXT),
)


def test_kept_connection_after_a_failed_mail():
    """The next mail is independent of the failed one, with or without ticks in between."""

    def check(manner, replies, first, ticked, keywords):
        server = Server(keywords=keywords, replies=replies)
        sent = []

        def at_once(client, event):
            if event == hssmtp.FAILED:
                sent.append(client.send_mail(mail(TO)))

        done = Play(server, manner=manner, on_event=None if ticked else at_once, **KEEP)
        done.send(mail(TO))
        if ticked:
            same("result", done.client.result, hssmtp.FAILED)
            for _ in range(200):  # RSET
                done.now += 20
                done.client.tick(done.now)
            done.send(mail(TO))
        same("what was sent", short(server.commands), "open EHLO" + first + NEXT)
        same("result", done.client.result, hssmtp.SENT)
        same("envelope", server.mails[0][1], TO)
        same("reply", done.client.reply_text, "2.0.0 queued")

    cases = []
    for name, replies, first, ahead in FAILED_FIRST:
        for ticked in True, False:
            when = name + (", later" if ticked else ", at once")
            cases.append((when, replies, first, ticked, []))
            cases.append((when + ", PIPELINING", replies, ahead, ticked, ["PIPELINING"]))
    in_every_manner(check, cases)


def test_tick_is_true_until_rset_or_quit_is_done():
    """tick() is True until RSET or QUIT is done."""
    for replies, steps in (
        ({"RCPT": "550 no"}, "open EHLO MAIL a b c RSET"),
        ({"DATA": "550 no"}, "open EHLO MAIL a b c DATA RSET"),
        ({"GREETING": "554 no"}, "open QUIT"),
    ):
        done = play({}, {"replies": replies}, **KEEP)
        same("what was sent", short(done.server.commands), steps)


def test_kept_connection_that_the_server_closed_is_replaced_silently():
    """If the server has closed a kept connection, a new one is opened without an event."""

    def check(manner, how, keywords):
        done = Play(Server(keywords=keywords), manner=manner, **KEEP)
        done.send(mail(TO))
        if how == "reset":
            done.link.cut = ("in", 0, "reset")
        elif how == "fin":
            done.server.gone = True
        elif how == "421":
            done.server.out += b"421 4.4.2 idle\r\n"
            done.server.gone = True
        else:
            done.server.replies["MAIL"] = ["421 4.4.2 idle"]
        done.send(mail(TO))
        same("result", done.client.result, hssmtp.SENT)
        same("mails", len(done.server.mails), 2)
        same("opened", len(done.link.opened), 2)
        same("events", "FAILED" in done.events, False)
        same("error", (done.client.error, done.client.transient), (0, False))
        same("reply", done.client.reply_text, "2.0.0 queued")

    cases = []
    for how in "reset", "fin", "421", "421 to MAIL":
        for keywords in [], ["PIPELINING"]:
            cases.append(("%s %s" % (how, keywords), how, keywords))
    in_every_manner(check, cases)


def test_result_stays_when_an_idle_connection_is_closed():
    """The application goes on ticking: the result of the last mail stays."""
    for said in b"", b"421 4.4.2 idle\r\n", b"rubbish\r\n":
        done = Play(Server(), **KEEP)
        done.send(mail(TO))
        done.server.out += said
        done.server.gone = True
        for _ in range(10):
            done.now += 10
            done.client.tick(done.now)
        same("link", done.link.is_open, False)
        same("result", (done.client.result, done.client.error), (hssmtp.SENT, 0))
        same("reply", done.client.reply_text, "2.0.0 queued")
        same("cause", done.client.cause, None)
        done.send(mail(TO))
        same("mails", len(done.server.mails), 2)


def test_next_mail_is_sent_from_the_callback():
    """Also without keep_open_ms the connection is used while it can be."""

    def check(manner, keywords):
        left = [3]

        def on_event(client, event):
            if event == hssmtp.SENT and left[0]:
                left[0] -= 1
                client.send_mail(mail(TO))

        done = Play(Server(keywords=keywords), on_event, manner=manner).send(mail(TO))
        same("mails", len(done.server.mails), 4)
        same("SENT", done.events.count("SENT"), 4)
        same("link", done.link.is_open, False)

    in_every_manner(check, (("plain", []), ("PIPELINING", ["PIPELINING"])))
