"""A refusal that has arrived is the result, whatever happens to the connection afterwards."""

import hssmtp
from scripted import Play, Server, check_table, mail, same, state

TO = ["a@example.com", "b@example.com"]
TIMEOUTS = dict.fromkeys(("command", "data", "block", "text"), 2000)
WAYS = (("plain", []), ("PIPELINING", ["PIPELINING"]), ("both", ["PIPELINING", "CHUNKING"]))

# What follows the refusal: the server's reply, and whether it closes the connection.
THEN = (
    ("hangs up", b"", True),
    ("silence", b"", False),
    ("421", b"421 4.3.2 bye\r\n", True),
    ("rubbish", b"rubbish\r\n", False),
    ("half a reply", b"25", True),
    ("another refusal", b"554 5.5.1 no\r\n", True),
)


class LeavingServer(Server):
    """Refuses one step, replies `then`, and nothing after that."""

    step = ""
    refusal = b""
    then = b""
    hangs_up = False
    has_refused = False

    def _say(self, step, good, key=None):
        if self.has_refused:
            self.replies[step] = None
            if key:
                self.replies[key] = None
        elif self.step in (step, key):
            self.replies[self.step] = self.refusal + b"\r\n" + self.then
            self.has_refused = True
        code = Server._say(self, step, good, key)
        self.gone = self.gone or self.has_refused and self.hangs_up
        return code


def check_refused(name, keywords, to, step, refusal, error, then, hangs_up):
    server = LeavingServer(keywords, strict=False)
    server.step = step
    server.refusal = refusal
    server.then = then
    server.hangs_up = hangs_up
    client = Play(server, timeouts=TIMEOUTS).send(mail(to)).client
    same("result", hssmtp.event_name(client.result), "FAILED")
    same("error", hssmtp.error_name(client.error), error)
    same("transient", client.transient, refusal[:1] == b"4")
    same("in_doubt", client.in_doubt, False)
    same("reply", client.reply_code, int(refusal[:3]))
    same("state", state(client), "BDAT" if step == "TEXT" and server.chunks else step)
    same("mails", server.mails, [])


def test_refusal_is_kept_when_the_connection_ends():
    cases = []
    for way, keywords in WAYS:
        for step, error in (
            ("MAIL", "ERROR_SENDER"),
            ("RCPT", "ERROR_RECIPIENTS"),
            ("DATA", "ERROR_REJECTED"),
            ("TEXT", "ERROR_REJECTED"),
        ):
            if step == "DATA" and "CHUNKING" in keywords:
                continue
            to = TO[:1] if step == "RCPT" else TO
            for refusal in b"550 5.7.1 not you", b"451 4.7.1 not now", b"550":
                for then, said, hangs_up in THEN:
                    name = "%s, %s, %s, %s" % (way, step, refusal, then)
                    cases.append((name, keywords, to, step, refusal, error, said, hangs_up))
    check_table(cases, check_refused)


def test_refusal_of_the_last_recipient_is_kept_and_the_mail_is_sent():
    """The last recipient is refused, and then the connection ends: SENT, to the others."""
    for then, said, hangs_up in THEN:
        for keywords in [], ["PIPELINING"]:
            server = LeavingServer(keywords + ["LIMITS RCPTMAX=1"], strict=False)
            server.step = "RCPT b@example.com"
            server.refusal = b"550 5.1.1 no"
            server.then = said
            server.hangs_up = hangs_up
            client = Play(server, timeouts=TIMEOUTS).send(mail(TO)).client
            same(then, hssmtp.event_name(client.result), "SENT")
            same("error", (client.error, client.cause, client.transient), (0, None, False))
            same("counts", (client.accepted, client.refused, client.delivered), (1, 1, 1))
            same("reply", (client.reply_code, client.reply_text), (250, ""))
            same("in_doubt", (client.in_doubt, state(client)), (False, "IDLE"))


def test_refused_mail_command_of_a_later_transaction_is_the_result():
    """Its reply is reported, although others have the mail and RCPT is accepted after it."""
    for keywords in (
        ["PIPELINING", "LIMITS RCPTMAX=1"],
        ["PIPELINING", "CHUNKING", "LIMITS RCPTMAX=1"],
    ):
        server = Server(keywords, replies={"MAIL": ["250 ok", "450 4.3.0 later"]}, strict=False)
        server.replies["RCPT b@example.com"] = "250 ok"
        client = Play(server, timeouts=TIMEOUTS).send(mail(TO)).client
        same("error", hssmtp.error_name(client.error), "ERROR_SENDER")
        same("reply", (client.reply_code, client.reply_text), (450, "4.3.0 later"))
        same("result", (client.transient, client.delivered, state(client)), (True, 1, "MAIL"))


def test_refused_mail_command_is_not_in_doubt():
    """It arrives while BDAT is sent, and then the connection ends."""
    for how in "reset", "fin", "silence":
        for octet in range(40, 700, 17):
            server = Server(
                ["PIPELINING", "CHUNKING"], replies={"MAIL": "550 5.7.1 no"}, strict=False
            )
            play = Play(server, manner={"cut": ("out", octet, how)}, timeouts=TIMEOUTS)
            client = play.send(mail(TO)).client
            same("in_doubt at %d" % octet, client.in_doubt, False)
            if client.reply_code == 550:
                same("error at %d" % octet, hssmtp.error_name(client.error), "ERROR_SENDER")


def test_reply_421_is_not_in_doubt():
    """In place of the reply to the text: the server says that it does not have it."""
    for _, keywords in WAYS:
        server = Server(keywords, replies={"TEXT": "421 4.3.2 bye"})
        client = Play(server).send(mail(TO)).client
        same("error", hssmtp.error_name(client.error), "ERROR_CLOSED")
        same("in_doubt", (client.in_doubt, client.transient), (False, True))


class HastyServer(Server):
    """Answers BDAT before its chunk has come."""

    def _bdat(self, words):
        Server._bdat(self, words)
        if not self._recipients:
            self._say("BDAT", "554 5.5.1 no valid recipients")
            self.step_said = True

    def _end_chunk(self):
        if self._recipients:
            Server._end_chunk(self)


def test_early_reply_to_bdat_without_recipients_is_the_recipients_error():
    """Without an accepted recipient, that is the reason."""

    def check(name, said, keywords, manner):
        server = HastyServer(keywords, replies={"RCPT": said}, strict=False)
        client = Play(server, manner=manner).send(mail(TO, text="x" * 900)).client
        same("error", hssmtp.error_name(client.error), "ERROR_RECIPIENTS")
        same("transient", client.transient, "450" in said[-1])
        same("state", state(client), "RCPT")
        same("in_doubt", client.in_doubt, False)

    cases = []
    for said in ["550 5.1.1 no"] * 2, ["450 4.2.1 no"] * 2, ["550 no", "450 grey"]:
        for keywords in ["PIPELINING", "CHUNKING"], ["PIPELINING", "CHUNKING", "LIMITS RCPTMAX=2"]:
            for manner in {}, {"most_out": 20}, {"most_in": 1, "most_out": 1}:
                cases.append(("%s %s %s" % (said, keywords, manner), said, keywords, manner))
    check_table(cases, check)


def test_early_reply_to_bdat_leaves_later_recipients_to_a_new_connection():
    """They get the mail over another connection; the refused one is not tried again."""
    for manner in {}, {"most_out": 20}, {"most_in": 1, "most_out": 1}:
        server = HastyServer(
            ["PIPELINING", "CHUNKING", "LIMITS RCPTMAX=1"],
            replies={"RCPT a@example.com": "550 5.1.1 no", "RCPT c@example.com": "550 5.1.1 no"},
            strict=False,
        )
        to = TO + ["c@example.com"]
        play = Play(server, manner=manner).send(mail(to, text="x" * 900))
        client = play.client
        same("result", hssmtp.event_name(client.result), "SENT")
        same("taken", [one[1] for one in server.mails], [["b@example.com"]])
        same("counts", (client.accepted, client.refused, client.delivered), (1, 2, 1))
        same("refused", play.refused, ["a@example.com", "c@example.com"])
        same("link", play.link.is_open, False)


def test_state_is_the_step_that_failed():
    """Not the last command of the group, nor one of the previous mail."""

    def check(name, keywords, replies, step):
        server = Server(keywords)
        play = Play(server, keep_open_ms=60000).send(mail(TO))
        server.replies.update(replies)
        client = play.send(mail(TO)).client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("state", state(client), step)
        same("explained", " in %s: " % step in hssmtp.explain(client), True)

    cases = []
    for way, keywords in WAYS:
        for step in "MAIL", "RCPT", "DATA", "TEXT":
            if step == "DATA" and "CHUNKING" in keywords:
                continue
            said = "BDAT" if step == "TEXT" and "CHUNKING" in keywords else step
            cases.append(("%s, %s" % (way, step), keywords, {step: "550 no"}, said))
    check_table(cases, check)


def test_state_of_a_mail_that_the_server_cannot_take():
    """MAIL can't be sent, also on a kept connection."""
    for keywords, text in (["SIZE 900"], "x" * 900), ([], "x"):
        server = Server(keywords)
        sender = "boiler@example.com" if keywords else "k\u00e4ltepumpe@example.com"
        play = Play(server, keep_open_ms=60000)
        for _ in range(2):
            client = play.send(hssmtp.Message(sender, to=TO, text=text)).client
            same("result", hssmtp.event_name(client.result), "FAILED")
            same("state", state(client), "MAIL")
            play.send(mail(TO))
            same("next mail", hssmtp.event_name(client.result), "SENT")


def test_reply_530_is_an_auth_error():
    """530 (RFC 4954 6) is not about the sender's address."""
    for _, keywords in WAYS:
        for said in "530 5.7.0 Authentication required", "530 5.7.1 log in", "530 no":
            client = Play(Server(keywords, replies={"MAIL": said})).send(mail()).client
            same("error", hssmtp.error_name(client.error), "ERROR_AUTH")
            same("result", (client.transient, state(client)), (False, "MAIL"))


def test_reply_530_is_not_in_doubt():
    """MAIL is refused with 530 while BDAT is sent, then the server is silent."""
    server = LeavingServer(["PIPELINING", "CHUNKING"], strict=False)
    server.step = "MAIL"
    server.refusal = b"530 5.7.0 log in"
    client = Play(server, timeouts=TIMEOUTS).send(mail(TO)).client
    same("error", hssmtp.error_name(client.error), "ERROR_AUTH")
    same("in_doubt", client.in_doubt, False)
