"""What on_event() may do, and what it can read: further mails, ticks, exceptions."""

import hssmtp
from control import EVENTS, HOUR, TO, UNDER_WAY, check_next_mail, letter, play
from scripted import MANNERS, check_table, mail, same, state


def test_second_send_mail_raises_and_the_first_goes_on():
    """RuntimeError at every tick of the first mail, which goes on unchanged."""

    def try_it(client):
        try:
            client.send_mail(mail("c@example.com"))
        except RuntimeError:
            return
        raise AssertionError("no RuntimeError")

    for event in UNDER_WAY:
        played = play(event, try_it, once=False).send(letter())
        same("result", played.client.result, hssmtp.SENT)
        same("mails", [found[1] for found in played.server.mails], [TO[:1]])


def test_next_mail_from_the_callback():
    """From the callback of SENT, FAILED and ABORTED."""

    def check(name, event, replies, manner, keep):
        def again(client):
            client.send_mail(mail("c@example.com"))

        played = play(event, again, replies=replies, manner=manner, keep_open_ms=keep)
        client = played.client
        client.send_mail(mail("b@example.com"))
        if event == "ABORTED":
            client.tick(played.now)
            client.abort_mail()
        played.run()
        same("result", hssmtp.event_name(client.result), "SENT")
        same("recipients", played.server.mails[-1][1], ["c@example.com"])
        same("counts", (client.accepted, client.refused), (1, 0))
        same("error", (client.error, client.transient, client.in_doubt), (0, False, False))
        same("octets", client.bytes_sent, client.bytes_total)
        same("reply", client.reply_text, "2.0.0 queued")

    said = ["554 5.0.0 no"]
    cases = []
    for name, event, replies in (
        ("SENT", "SENT", {}),
        ("ABORTED", "ABORTED", {}),
        ("greeting", "FAILED", {"GREETING": said}),
        ("password", "FAILED", {"AUTH": said}),
        ("MAIL", "FAILED", {"MAIL": said}),
        ("RCPT", "FAILED", {"RCPT b@example.com": said}),
        ("RCPT, DATA granted", "FAILED", {"RCPT b@example.com": said, "DATA": ["354 go"]}),
        ("DATA", "FAILED", {"DATA": said}),
        ("text", "FAILED", {"TEXT": said}),
        ("421", "FAILED", {"MAIL": ["421 no"]}),
        ("rubbish", "FAILED", {"EHLO": [b"rubbish\r\n"]}),
        ("greeting, QUIT unanswered", "FAILED", {"GREETING": said, "QUIT": [None]}),
        ("password, QUIT unanswered", "FAILED", {"AUTH": said, "QUIT": [None]}),
        ("MAIL, QUIT unanswered", "FAILED", {"MAIL": said, "QUIT": [None]}),
        ("SENT, QUIT unanswered", "SENT", {"QUIT": [None]}),
    ):
        for way, manner in MANNERS:
            for keep in 0, HOUR:
                case = "%s, %s, %d" % (name, way, keep)
                cases.append((case, event, dict(replies), manner, keep))
    check_table(cases, check)


def test_tick_within_the_callback():
    def check(event):
        def tick(client):
            client.tick(played.now)

        replies = {"TEXT": "554 no"} if event == "FAILED" else None
        played = play(event, tick, once=False, replies=replies)
        played.send(letter())
        result = "SENT" if event != "FAILED" else "FAILED"
        same("result", hssmtp.event_name(played.client.result), result)
        same("once", played.events.count(result), 1)

    check_table([(event,) for event in EVENTS + ("FAILED",)], check)


def test_exception_of_the_callback_is_raised_from_tick():
    """tick() raises it once; the client goes on as if it had returned."""

    class Mistake(Exception):
        pass

    def mistake(client):
        raise Mistake

    for event in EVENTS:
        played = play(event, mistake)
        played.client.send_mail(letter())
        raised = 0
        for _ in range(10000):
            played.now += 1
            try:
                if not played.client.tick(played.now):
                    break
            except Mistake:
                raised += 1
        same("raised at " + event, raised, 1)
        same("result", played.client.result, hssmtp.SENT)
        same("mails", len(played.server.mails), 1)
        check_next_mail(played)


def test_attributes_can_be_read_at_any_time():
    """All attributes, before a mail, during it and after it."""

    def ask(client):
        return (
            state(client),
            client.bytes_sent,
            client.bytes_total,
            client.recipient + "",
            client.reply_code + 0,
            client.reply_text + "",
            client.enhanced_code + "",
            client.accepted + client.refused,
            client.idle_ms(0),
            hssmtp.explain(client),
        )

    played = play()
    ask(played.client)
    played.client.send_mail(letter())
    while played.client.tick(played.now):
        played.now += 1
        ask(played.client)
    ask(played.client)
    played.client.deinit()
    ask(played.client)


def test_recipient_is_an_address_or_empty():
    """`recipient` is an address or empty, also after the last one and from a list."""
    with open("list", "w") as file:
        for who in TO:
            file.write(who + "\n")
    for to in TO, hssmtp.AddressList("list"):
        played = play()
        found = []
        played.client.send_mail(mail(to))
        while played.client.tick(played.now):
            played.now += 1
            if played.client.recipient not in found:
                found.append(played.client.recipient)
        same("recipients", [who for who in found if who and who not in TO], [])


def test_bytes_sent_counts_the_text():
    """PROGRESS is reported while the text is sent, not for RSET or QUIT."""
    played = play(replies={"GREETING": "554 no"})
    played.send(letter())
    same("events", played.heard(), "RESOLVED CONNECTED FAILED")

    def again(client):
        client.send_mail(mail("c@example.com"))

    played = play("FAILED", again, replies={"AUTH": ["535 no"]}).send(letter())
    at = played.events.index("FAILED")
    same("behind it", played.events[at : at + 3], ["FAILED", "RESOLVED", "CONNECTED"])
