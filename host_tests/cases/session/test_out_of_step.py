"""Replies that arrive too early, or without a command: they never count."""

import hssmtp
from scripted import Play, ScriptedLink, Server, check_table, mail, same, state

TO = ["a@example.com", "b@example.com", "c@example.com"]
FLIGHT = ["PIPELINING", "CHUNKING"]


class HoldingLink(ScriptedLink):
    """Takes bytes up to the end of `until`, then none before release()."""

    until = b"RCPT TO:<b"

    def __init__(self, server, **manner):
        ScriptedLink.__init__(self, server, **manner)
        self.seen = b""
        self.is_held = False
        self.is_released = False

    def release(self):
        self.is_held = False
        self.is_released = True

    def write(self, buf, off, n):
        if self.is_held:
            return None
        if self.is_released:
            return ScriptedLink.write(self, buf, off, n)
        seen = self.seen + bytes(memoryview(buf)[off : off + n])
        at = seen.find(self.until)
        if at >= 0:
            n = at + len(self.until) - len(self.seen)
            self.is_held = True
        count = ScriptedLink.write(self, buf, off, n)
        self.seen += bytes(memoryview(buf)[off : off + count])
        return count


def hold(server, until, message=None, **options):
    """A client whose pipelined group is blocked after `until`."""
    link = HoldingLink(server)
    link.until = until
    play = Play(server, link=link, **options)
    play.client.send_mail(message or mail(TO))
    for _ in range(300):
        play.now += 1
        play.client.tick(play.now)
    same("held", link.is_held, True)
    return play


def check_out_of_step(play, mails=0):
    client = play.client
    same("result", hssmtp.event_name(client.result or 0), "FAILED")
    same("error", hssmtp.error_name(client.error), "ERROR_PROTOCOL")
    same("mails", len(play.server.mails), mails)
    same("link", play.link.is_open, False)


def test_reply_to_a_partly_sent_command_is_a_protocol_error():
    """In a pipelined group each reply counts for a command that was sent."""

    def check(name, keywords, until, said):
        server = Server(keywords, strict=False)
        play = hold(server, until)
        server.out += said
        for _ in range(300):
            play.now += 1
            play.client.tick(play.now)
        play.link.release()
        play.run()
        check_out_of_step(play)
        same("in_doubt", play.client.in_doubt, False)

    cases = []
    for keywords in FLIGHT, ["PIPELINING"], ["CHUNKING"], []:
        for until in b"EHLO", b"MAIL FR", b"RCPT TO:<a", b"RCPT TO:<b", b"RCPT TO:<c@example.com>":
            for said in b"250 ok\r\n", b"550 no\r\n", b"354 go\r\n", b"250-a\r\n250 b\r\n":
                name = "%s, %s, %s" % (keywords, until, said)
                cases.append((name, keywords, until, said))
        until = b"BDAT" if "CHUNKING" in keywords else b"DAT"
        for said in b"250 ok\r\n", b"550 no\r\n", b"354 go\r\n":
            cases.append(("%s, %s, %s" % (keywords, until, said), keywords, until, said))
    check_table(cases, check)


def test_surplus_reply_in_a_pipelined_group_is_a_protocol_error():
    """It would be taken for the next recipient's reply, and the 550 to the text for none."""
    for extra in range(1, 4):
        server = Server(FLIGHT, replies={"TEXT": "550 5.7.1 spam"}, strict=False)
        play = hold(server, b"RCPT TO:<b")
        server.out += b"250 ok\r\n" * extra
        play.run()
        play.link.release()
        play.run()
        check_out_of_step(play)


def test_lines_of_the_text_are_not_counted_as_commands():
    """While the text is sent, replies to earlier commands are valid."""
    for size in 10, 3000, 20000:
        for keywords in FLIGHT, ["CHUNKING"]:
            server = Server(keywords, most_recipients=2)
            play = Play(server, manner={"most_out": 7}).send(mail(TO, text="x\n" * size))
            same("result", hssmtp.event_name(play.client.result), "SENT")
            same("taken", [one[1] for one in server.mails], [TO[:2], TO[2:]])


def test_refusal_after_a_partly_sent_rset_is_a_protocol_error():
    """The reply is unexpected: the mail is sent over another connection, and is not ABORTED."""
    for said in b"451 4.3.0 later\r\n", b"250 ok\r\n", b"550 no\r\n":
        server = Server(replies={"RCPT": ["550 5.1.1 no"]}, strict=False)
        link = HoldingLink(server)
        link.until = b"RSE"
        play = Play(server, link=link, keep_open_ms=60000)
        play.client.send_mail(mail())
        while play.client.result is None:
            play.now += 1
            play.client.tick(play.now)
        same("error", hssmtp.error_name(play.client.error), "ERROR_RECIPIENTS")
        play.client.send_mail(mail())
        for _ in range(300):
            play.now += 1
            play.client.tick(play.now)
        same("held", link.is_held, True)
        server.out += said
        for _ in range(300):
            play.now += 1
            play.client.tick(play.now)
        link.release()
        play.run()
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("connections", len(link.opened), 2)


def test_refused_rset_leads_to_a_new_connection():
    """The connection can't be used for the next mail."""
    for said in "451 4.3.0 later", "550 no", "421 4.3.2 bye", "":
        server = Server(replies={"RCPT": ["550 5.1.1 no"], "RSET": [said]})
        play = Play(server, keep_open_ms=60000)
        play.client.send_mail(mail())
        while play.client.result is None:
            play.now += 1
            play.client.tick(play.now)
        play.send(mail())
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("connections", len(play.link.opened), 2)


def test_reply_to_a_partly_sent_rset_between_transactions():
    """Delivered recipients stay delivered; the others get the mail over another connection."""
    for said in b"451 4.3.0 later\r\n", b"250 ok\r\n":
        server = Server(["LIMITS RCPTMAX=1"], replies={"RCPT": ["250 ok", "550 no"]}, strict=False)
        play = hold(server, b"RSE")
        server.out += said
        for _ in range(10):
            play.now += 1
            play.client.tick(play.now)
        play.link.release()
        play.run()
        client = play.client
        same("result", hssmtp.event_name(client.result), "SENT")
        same("taken", [one[1] for one in server.mails], [TO[:1], TO[2:]])
        same("counts", (client.accepted, client.refused, client.delivered), (2, 1, 2))
        same("connections", len(play.link.opened), 2)


def test_unexpected_multiline_reply_is_a_protocol_error():
    """The reply is read to its end before anything is sent."""

    def check(name, extra, rest):
        server = Server(replies={"EHLO": b"250 hi\r\n" + extra}, strict=False)
        play = Play(server)
        play.client.send_mail(mail())
        for _ in range(100):
            play.now += 1
            play.client.tick(play.now)
        same("MAIL", server.commands[-1][:4], "EHLO")
        server.out += rest
        play.run()
        check_out_of_step(play)

    check_table(
        (
            ("half a line", b"25", b"0 ok\r\n"),
            ("a line of two", b"250-ok\r\n", b"250 ok\r\n"),
            ("a line and a half", b"250-ok\r\n250 o", b"k\r\n"),
        ),
        check,
    )


def test_lines_after_the_ehlo_reply_offer_nothing():
    """Lines after its last one offer nothing, in the same read or in the next."""
    for manner in {}, {"most_in": 1}, {"block": True}:
        said = b"250-hi\r\n250 HELP\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 CHUNKING\r\n"
        server = Server(replies={"EHLO": said}, strict=False)
        options = {"security": "starttls", "username": "boiler", "password": "x"}
        play = Play(server, manner=manner, **options).send(mail())
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("STARTTLS", "STARTTLS" in server.commands, False)
        same("state", state(client), "EHLO")


def test_failing_address_list_after_a_delivered_transaction_is_a_source_error():
    """The file fails, not the network."""
    with open("crew.txt", "w") as file:
        for n in range(200):
            file.write("user%d@example.com\n" % n)
    for keywords in [], ["PIPELINING"], FLIGHT:
        server = Server(keywords + ["LIMITS RCPTMAX=5"])
        play = Play(server)
        message = mail((), bcc=hssmtp.AddressList("crew.txt"))
        play.client.send_mail(message)
        recipients = play.client._session.recipients
        readers = recipients._to_send.lists + recipients._to_answer.lists
        while not server.mails:
            play.now += 1
            play.client.tick(play.now)
        for reader in readers:
            reader._file.close()
            reader._at = reader._end = 0
        play.run()
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
        same("delivered", client.delivered in (5, 10), True)
        same("in_doubt", client.in_doubt, False)


def test_refused_rset_between_transactions_leads_to_a_new_connection():
    """The server still has the old transaction open: the next uses another connection."""
    for said in "554 no", "451 later", "502 what?":
        for keywords in [], ["PIPELINING"], FLIGHT:
            server = Server(keywords + ["LIMITS RCPTMAX=1"], replies={"RSET": [said]})
            server.replies["RCPT a@example.com"] = "550 5.1.1 no"
            play = Play(server).send(mail(TO))
            client = play.client
            same("result", hssmtp.event_name(client.result), "SENT")
            same("taken", [one[1] for one in server.mails], [TO[1:2], TO[2:]])
            same("refused", play.refused, TO[:1])
            same("connections", len(play.link.opened), 2)


def test_recipient_accepted_after_refused_mail_does_not_count():
    """Its transaction is unclear: the text is not ended, so that nobody gets an empty mail."""
    for keywords in ["PIPELINING"], FLIGHT:
        for size in 10, 20000:
            server = Server(keywords, replies={"MAIL": "503 5.5.1 nested"}, strict=False)
            server.replies["RCPT"] = "250 ok"
            server.replies["DATA"] = "354 go"
            play = Play(server, manner={"most_out": 100}).send(mail(TO, text="x" * size))
            client = play.client
            same("error", hssmtp.error_name(client.error), "ERROR_SENDER")
            same("in_doubt", client.in_doubt, False)
            same("texts", [text for text in server.texts if len(text) < 100], [])
            same("mails", [one for one in server.mails if one[0]], [])


def test_code_of_an_incomplete_reply_is_not_used():
    """A line after a 334 is no success."""
    for mechanism in "CRAM-MD5", "PLAIN", "LOGIN":
        said = b"334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n250-one\r\n"
        for behind in b"\r\n", b"\n\n":
            server = Server(["AUTH " + mechanism], users={"boiler": "correct horse"})
            server.strict = False
            server.replies = {"AUTH": said[:-9] + behind, "RESPONSE": "535 5.7.8 no"}
            play = Play(server, username="boiler", password="correct horse", security="tls")
            client = play.send(mail()).client
            same("error", hssmtp.error_name(client.error), "ERROR_AUTH")
            same("READY", "READY" in play.events, False)
        server = Server(["AUTH " + mechanism], replies={"AUTH": said}, strict=False)
        server.users = {"boiler": "correct horse"}
        login = {"username": "boiler", "password": "correct horse", "security": "tls"}
        play = Play(server, timeouts={"command": 5000, "block": 5000}, **login).send(mail())
        same("result", hssmtp.event_name(play.client.result), "FAILED")
        same("READY", "READY" in play.events, False)
        same("MAIL", [line for line in server.commands if line[:4] == "MAIL"], [])


def test_failing_list_after_a_refused_recipient():
    """The refusal is reported and counted before the mail fails for the list."""
    with open("crew.txt", "w") as file:
        for n in range(200):
            file.write("user%d@example.com\n" % n)
    server = Server(["PIPELINING", "LIMITS RCPTMAX=1"], replies={"RCPT": "550 5.1.1 no"})
    play = Play(server, manner={"far": True})
    play.client.send_mail(mail((), bcc=hssmtp.AddressList("crew.txt")))
    while server.commands[-1:] != ["DATA"]:
        play.now += 1
        play.client.tick(play.now)
    for reader in play.client._session.recipients._to_send.lists:
        reader._file.close()
        reader._end = reader._at
    play.run()
    client = play.client
    same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
    same("told", (play.refused, client.refused), (["user0@example.com"], 1))
    same("in_doubt", (client.in_doubt, client.transient), (False, False))


def test_list_failing_while_a_reply_is_handled():
    """The reply is not handled: the server may have the mail. Another try makes no sense."""
    with open("crew.txt", "w") as file:
        for n in range(20):
            file.write("user%d@example.com\n" % n)
    server = Server(FLIGHT, replies={"RCPT": ["451 4.2.1 later"]})
    play = Play(server, manner={"far": True})
    play.client.send_mail(mail((), bcc=hssmtp.AddressList("crew.txt")))
    recipients = play.client._session.recipients
    while not server.mails:
        play.now += 1
        play.client.tick(play.now)
    for reader in recipients._to_answer.lists:
        reader._file.close()
        reader._at = reader._end = 0
    play.run()
    client = play.client
    same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
    same("in_doubt", (client.in_doubt, client.transient), (True, False))
