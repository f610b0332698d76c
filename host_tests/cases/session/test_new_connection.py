"""Failures that lead to a new connection for the same mail."""

import hssmtp
from scripted import FEW, MANNERS, Play, Server, check_table, in_every_manner, mail, same, state

TO = ["a@example.com", "b@example.com", "c@example.com"]
CHUNKING = ["PIPELINING", "SIZE", "8BITMIME", "CHUNKING"]
BINARY = CHUNKING + ["BINARYMIME"]
KEEP = {"keep_open_ms": 60000}
SHORT = dict.fromkeys(("command", "data", "block", "text"), 5000)

NOT_TAKEN = (
    "500 5.5.1 what?",
    "501 5.5.4 syntax",
    "502 5.5.1 not implemented",
    "503 5.5.1 out of turn",
    "504 5.5.4 parameter",
    "555 5.5.4 parameter",
    "552 5.3.4 chunk too large",
    "552 too large",
)


def letter(size=100, **more):
    attachments = [hssmtp.Attachment(b"\0\xff" * size, name="x")]
    return mail(more.pop("to", TO), attachments=attachments, **more)


def check_sent(play, opened):
    client = play.client
    same("result", hssmtp.event_name(client.result), "SENT")
    same("error", (client.error, client.cause, client.in_doubt), (0, None, False))
    same("counts", (client.accepted, client.refused, client.delivered), (3, 0, 3))
    same("connections", len(play.link.opened), opened)
    same("FAILED", "FAILED" in play.events, False)
    same("envelope", play.server.mails[-1][1], TO)


# CHUNKING and BINARYMIME


def test_refused_bdat_leads_to_data_on_a_new_connection():
    """DATA follows over a new connection, and is used for later mails at once."""

    def check(manner, said, size):
        server = Server(CHUNKING, replies={"BDAT": said, "TEXT": [said]})
        play = Play(server, manner=manner, **KEEP).send(letter(size))
        check_sent(play, 2)
        same("chunks", len(server.chunks), 1)
        same("mails", len(server.mails), 1)
        check_sent(play.send(letter(size)), 2)
        same("chunks", len(server.chunks), 1)

    cases = []
    for said in NOT_TAKEN:
        for size in 100, 30000:
            cases.append(("%s, %d" % (said, size), said, size))
    in_every_manner(check, cases, FEW)
    in_every_manner(check, cases[:1], MANNERS)


def test_refused_bdat_of_a_file_leads_to_data():
    """Blocks of a file are sent without ticks: the file is read again."""
    with open("log", "wb") as file:
        file.write(bytes(range(256)) * 400)

    def check(manner, said):
        message = mail(TO, attachments=["log"])
        whole = Play(Server(CHUNKING[:3])).send(message).server.mails[0][2]
        play = Play(Server(CHUNKING, replies={"TEXT": [said]}), manner=manner).send(message)
        check_sent(play, 2)
        same("the mail", play.server.mails[0][2], whole)

    cases = [(said, said) for said in ("502 5.5.1 not implemented", "552 5.3.4 too large")]
    in_every_manner(check, cases, FEW)


def test_refused_bdat_leads_to_data_for_the_accepted_recipients():
    """A refused recipient stays refused, and is reported once."""

    def check(name, to):
        server = Server(CHUNKING, replies={"TEXT": ["502 5.5.1 no"]})
        server.replies["RCPT b@example.com"] = "550 5.1.1 unknown"
        play = Play(server).send(to())
        client = play.client
        same("result", hssmtp.event_name(client.result), "SENT")
        same("refused", play.refused, ["b@example.com"])
        same("counts", (client.accepted, client.refused, client.delivered), (2, 1, 2))
        same("envelopes", [one[1] for one in server.mails], [[TO[0], TO[2]]])
        same("asked", server.commands.count("RCPT TO:<b@example.com>"), 1)

    with open("crew.txt", "w") as file:
        file.write("\n".join(TO))
    check_table(
        (
            ("memory", lambda: letter(to=(), bcc=TO)),
            ("a list", lambda: letter(to=(), bcc=hssmtp.AddressList("crew.txt"))),
        ),
        check,
    )


def test_refused_bdat_in_the_second_transaction():
    """Nobody gets the mail twice."""

    def check(name, to, limit):
        server = Server(CHUNKING + ["LIMITS RCPTMAX=%d" % limit], replies={})
        server.replies["TEXT"] = ["250 ok"] * 3 + ["502 5.5.1 no"]
        crowd = ["user%d@example.com" % n for n in range(20)]
        play = Play(server).send(to())
        client = play.client
        same("result", hssmtp.event_name(client.result), "SENT")
        taken = []
        for _, recipients, _ in server.mails:
            taken += recipients
        same("taken", taken, crowd)
        same("counts", (client.accepted, client.refused, client.delivered), (20, 0, 20))
        same("connections", len(play.link.opened), 2)

    crowd = ["user%d@example.com" % n for n in range(20)]
    with open("crew.txt", "w") as file:
        file.write("\n".join(crowd))
    cases = []
    for limit in 1, 3, 4, 5:
        cases.append(("memory, %d" % limit, lambda: letter(to=(), bcc=crowd), limit))
        lists = hssmtp.AddressList("crew.txt")
        cases.append(("a list, %d" % limit, lambda lists=lists: letter(to=(), bcc=lists), limit))
    check_table(cases, check)


def test_silence_after_bdat_leads_to_data():
    """DATA is tried once. If it fails too, the server may have the first mail."""

    def check(name, data, result, in_doubt):
        server = Server(CHUNKING, replies={"TEXT": [None] + data}, strict=False)
        play = Play(server, timeouts=SHORT).send(mail(TO))
        client = play.client
        same("result", hssmtp.event_name(client.result), result)
        same("in_doubt", client.in_doubt, in_doubt)
        same("connections", len(play.link.opened), 2)
        same("chunks", len(server.chunks), 1)

    check_table(
        (
            ("taken", [], "SENT", False),
            ("refused", ["550 5.7.1 spam"], "FAILED", True),
            ("silence", [None], "FAILED", True),
            ("hangs up", [""], "FAILED", True),
        ),
        check,
    )


def test_silence_within_a_chunk_leads_to_data():
    """The incomplete chunk does not count: it is not in doubt."""
    server = Server(CHUNKING)
    play = Play(server, manner={"cut": ("out", 500, "silence")}, timeouts=SHORT)
    check_sent(play.send(letter(3000)), 2)


def test_connection_closed_after_bdat_leads_to_data():
    """The connection's end says nothing about BDAT: the server may have the mail."""
    server = Server(CHUNKING, replies={"TEXT": [""]})
    client = Play(server).send(mail(TO)).client
    same("result", hssmtp.event_name(client.result), "FAILED")
    same("error", hssmtp.error_name(client.error), "ERROR_CLOSED")
    same("in_doubt", client.in_doubt, True)


def test_refused_body_parameter_leads_to_a_mail_without():
    """The same for BODY=BINARYMIME."""

    def check(manner, said):
        server = Server(BINARY, replies={"MAIL": [said]})
        play = Play(server, manner=manner, **KEEP).send(letter())
        check_sent(play, 2)
        same("BODY", server.parameters[0][0].get("BODY"), None)
        chunks = len(server.chunks)  # BDAT was sent already
        check_sent(play.send(letter()), 2)
        same("chunks", len(server.chunks), chunks)

    in_every_manner(check, [(said, said) for said in NOT_TAKEN[:6]], FEW)


def test_refused_mail_content_is_not_sent_again_with_data():
    def check(name, keywords, step, said, error):
        server = Server(keywords, replies={step: said})
        play = Play(server).send(letter())
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), error)
        same("connections", len(play.link.opened), 1)

    check_table(
        (
            ("spam", CHUNKING, "TEXT", "554 5.7.1 spam", "ERROR_REJECTED"),
            ("550", CHUNKING, "TEXT", "550 5.7.1 no", "ERROR_REJECTED"),
            ("for now", CHUNKING, "TEXT", "451 4.7.1 later", "ERROR_REJECTED"),
            ("sender", CHUNKING, "MAIL", "501 5.1.7 bad address", "ERROR_SENDER"),
            ("sender, BINARYMIME", BINARY, "MAIL", "550 5.1.8 bad", "ERROR_SENDER"),
            ("DATA", CHUNKING[:3], "TEXT", "503 5.5.1 no", "ERROR_REJECTED"),
        ),
        check,
    )


def test_mail_that_cannot_be_read_again_fails():
    """The refusal is the result, not the used iterator."""
    for said in "502 5.5.1 not implemented", "552 5.3.4 too large":
        for count in 3, 3000:
            server = Server(CHUNKING, replies={"TEXT": said, "BDAT": said})
            pieces = hssmtp.Attachment(iter([b"x" * 20] * count), name="x", size=20 * count)
            play = Play(server).send(mail(TO, attachments=[pieces]))
            client = play.client
            error = "ERROR_TOO_LARGE" if said[:3] == "552" else "ERROR_REJECTED"
            same("error", hssmtp.error_name(client.error), error)
            same("reply", (client.reply_code, client.transient), (int(said[:3]), False))
            same("in_doubt", client.in_doubt, False)
            same("connections", len(play.link.opened), 1)


def test_disabled_chunking_is_not_used():
    """Disabled extensions are not used although offered."""

    def check(name, disable, chunks, body):
        server = Server(BINARY)
        play = Play(server, disable=disable).send(letter())
        check_sent(play, 1)
        same("chunks", len(server.chunks), chunks)
        same("BODY", server.parameters[0][0].get("BODY"), body)

    check_table(
        (
            ("nothing", (), 1, "BINARYMIME"),
            ("BINARYMIME", ("BINARYMIME",), 1, None),
            ("CHUNKING", ("CHUNKING",), 0, None),
            ("CHUNKING in small letters", ["chunking"], 0, None),
            ("all", ("BINARYMIME", "CHUNKING", "PIPELINING", "SIZE"), 0, None),
        ),
        check,
    )


# A kept connection that has ended


def test_ended_kept_connection_leads_to_a_new_one():
    """After such a reply to a mail's first command a new connection is opened silently."""

    def check(manner, keywords, said):
        server = Server(keywords)
        play = Play(server, manner=manner, **KEEP).send(mail(TO))
        server.replies["MAIL"] = [said]
        play.send(mail(TO))
        check_sent(play, 2)
        same("mails", len(server.mails), 2)

    cases = []
    for keywords in [], ["PIPELINING"], CHUNKING:
        for said in (
            "421 4.4.2 idle",
            "421 bye",
            "451 4.4.2 timeout",
            "451-4.4.2 timeout\r\n451 4.4.2 bye",
            "",
        ):
            cases.append(("%s, %s" % (keywords, said), keywords, said))
    in_every_manner(check, cases)


def test_refusal_on_a_kept_connection_is_the_result():
    """Other refusals open no connection, nor does 451 4.4.2 on a new connection."""
    for keywords in [], ["PIPELINING"]:
        for first, said in (True, "451 4.3.0 later"), (True, "451 no"), (False, "451 4.4.2 x"):
            server = Server(keywords)
            play = Play(server, **KEEP)
            if first:
                play.send(mail(TO))
            server.replies["MAIL"] = said
            client = play.send(mail(TO)).client
            same("error", hssmtp.error_name(client.error), "ERROR_SENDER")
            same("transient", client.transient, True)
            same("connections", len(play.link.opened), 1)


# Too many recipients


class TiredServer(Server):
    """Accepts `most` recipients, refuses some more for now, then closes with `farewell`."""

    most = 100
    patience = 3
    over = 0
    farewell = "421 4.7.0 too many errors"

    def _rcpt(self, words):
        if self._recipients and len(self._recipients) >= self.most:
            self.over += 1
            key = "RCPT " + " ".join(words)[9:-1]
            if self.over > self.patience:
                self.replies[key] = [self.farewell]
                self.over = 0
            else:
                self.replies[key] = ["452 4.5.3 too many recipients"]
        Server._rcpt(self, words)


def check_crowd(name, keywords, farewell, most, patience, is_list):
    count = 130
    crowd = ["user%d@example.com" % n for n in range(count)]
    with open("crew.txt", "w") as file:
        file.write("\n".join(crowd))
    server = TiredServer(keywords, strict=False)
    server.most = most
    server.patience = patience
    server.farewell = farewell
    message = mail((), bcc=hssmtp.AddressList("crew.txt") if is_list else crowd)
    play = Play(server).send(message)
    client = play.client
    if client.in_doubt:  # closed without a reply while the text was sent: the limit is known now
        same("farewell", (farewell, "CHUNKING" in keywords), ("", True))
        play.send(message)
    same("result", hssmtp.event_name(client.result), "SENT")
    same("taken", [who for one in server.mails for who in one[1]], crowd)
    same("counts", (client.accepted, client.refused, client.delivered), (count, 0, count))
    same("refused", play.refused, [])
    same("%d connections" % len(play.link.opened), len(play.link.opened) <= 2, True)


def test_server_that_closes_after_too_many_recipients_gets_the_rest_later():
    """The rest are sent over a new connection, as many at once as the server accepts."""
    cases = []
    for keywords in ["PIPELINING"], ["PIPELINING", "CHUNKING"], []:
        for farewell, most, patience in (
            ("421 4.7.0 too many errors", 100, 3),
            ("421 4.7.0 too many errors", 100, 0),
            ("421 4.5.3 too many recipients", 40, 0),
            ("421 bye", 7, 20),
            ("", 40, 1),
            ("", 7, 20),
        ):
            for is_list in False, True:
                name = "%s, %s, %d, %d, %s" % (keywords, farewell, most, patience, is_list)
                cases.append((name, keywords, farewell, most, patience, is_list))
    check_table(cases, check_crowd)


def test_learned_recipient_limit_is_used_for_the_next_mail():
    crowd = ["user%d@example.com" % n for n in range(90)]
    server = TiredServer(["PIPELINING"], strict=False)
    server.most = 40
    play = Play(server).send(mail((), bcc=crowd)).send(mail((), bcc=crowd))
    same("connections", len(play.link.opened), 3)
    same("transactions", [len(one[1]) for one in server.mails], [40, 40, 10] * 2)


def test_reply_421_after_few_recipients_fails_the_mail():
    """The server is busy: no limit is learned, and the mail may be tried again."""
    for keywords in [], ["PIPELINING"], CHUNKING:
        server = Server(keywords, replies={"RCPT": ["250 ok", "421 4.3.2 busy"]})
        play = Play(server).send(mail(TO))
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_CLOSED")
        same("transient", (client.transient, client.in_doubt), (True, False))
        same("connections", len(play.link.opened), 1)
        same("state", state(client), "RCPT")


# QUIT


def test_quit_waits_one_second_at_most():
    """The mail is sent: QUIT and its reply get one second."""

    def check(name, keywords, options):
        server = Server(keywords, replies={"QUIT": None})
        play = Play(server, **options)
        play.client.send_mail(mail(TO))
        while play.client.result is None:
            play.now += 1
            play.client.tick(play.now)
        sent = play.now
        play.run()
        same("%d ms behind SENT" % (play.now - sent), play.now - sent <= 1001, True)
        same("QUIT", server.commands[-1], "QUIT")

    cases = []
    for keywords in [], ["PIPELINING"], CHUNKING:
        cases.append(("%s" % keywords, keywords, {}))
    check_table(cases, check)


def test_quit_that_cannot_be_sent_does_not_fail_the_mail():
    whole = Play(Server()).send(mail(TO)).link.taken - len("QUIT\r\n")
    play = Play(Server(), manner={"cut": ("out", whole, "silence")})
    play.client.send_mail(mail(TO))
    while play.client.result is None:
        play.now += 1
        play.client.tick(play.now)
    sent = play.now
    same("result", hssmtp.event_name(play.client.result), "SENT")
    play.run()
    same("%d ms behind SENT" % (play.now - sent), play.now - sent <= 1001, True)


def test_failing_new_connection_fails_the_mail():
    """There is no endless reconnecting, and accepted recipients are counted once."""
    for keywords in ["PIPELINING"], ["PIPELINING", "CHUNKING"]:
        for said in None, "", "421 4.3.2 busy", "554 5.7.1 no":
            replies = {"RCPT": ["250 ok", "452 4.5.3 too many", "421 4.7.0 too many errors"]}
            replies["GREETING"] = ["220 hi", said]
            server = Server(keywords, replies=replies)
            play = Play(server, timeouts={"greeting": 5000}).send(mail(TO))
            client = play.client
            same("result", hssmtp.event_name(client.result), "FAILED")
            same("state", state(client), "GREETING")
            same("counts", (client.accepted, client.refused, client.delivered), (0, 0, 0))
            same("connections", len(play.link.opened), 2)
