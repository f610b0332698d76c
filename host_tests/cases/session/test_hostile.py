"""Whatever bytes a server sends: tick() neither raises nor hangs nor grows, and only an accepted
mail is SENT."""

from binascii import b2a_base64

import hssmtp
from scripted import MANNERS, Play, ScriptedLink, Server, check_table, mail, same, state

USER = "boiler@example.com"
PASSWORD = "correct horse battery"
LOGIN = {"username": USER, "password": PASSWORD, "allow_plaintext_auth": True}
TLS_AND_LOGIN = {"username": USER, "password": PASSWORD, "security": "starttls"}

ALL = {"keywords": ["STARTTLS"], "tls_keywords": ["AUTH LOGIN"], "users": {USER: PASSWORD}}
STEPS = ("GREETING", "EHLO", "STARTTLS", "AUTH", "RESPONSE", "MAIL", "RCPT", "DATA", "TEXT")

LONG = 20000  # bytes: far more than a line may have
RUBBISH = (
    ("a word", b"hello\r\n"),
    ("POP3", b"+OK POP3 server ready\r\n"),
    ("IMAP", b"* OK IMAP4rev1 ready\r\n"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    ("TLS", b"\x15\x03\x03\x00\x02\x02\x46"),
    ("two digits", b"25\r\n"),
    ("two digits and a text", b"25 ok\r\n"),
    ("four digits", b"2500 ok\r\n"),
    ("five digits", b"99999 ok\r\n"),
    ("a letter in it", b"25o ok\r\n"),
    ("a sign", b"+250 ok\r\n"),
    ("a minus", b"-250 ok\r\n"),
    ("a space before", b" 250 ok\r\n"),
    ("a tab", b"250\tok\r\n"),
    ("no space", b"250ok\r\n"),
    ("an underscore", b"250_ok\r\n"),
    ("000", b"000 ok\r\n"),
    ("150", b"150 preliminary\r\n"),
    ("199", b"199 ok\r\n"),
    ("600", b"600 ok\r\n"),
    ("999", b"999 ok\r\n"),
    ("NULs", b"\0\0\0\0\0\r\n"),
    ("a NUL behind the code", b"250\0ok\r\n"),
    ("8 bit", bytes(range(128, 256)) + b"\r\n"),
    ("digits beyond ASCII", b"\xd9\xa2\xd9\xa5\xd9\xa0 ok\r\n"),
    ("a byte order mark", b"\xef\xbb\xbf250 ok\r\n"),
    ("two codes", b"250-one\r\n251 two\r\n"),
    ("two codes, good and bad", b"250-one\r\n550 two\r\n"),
    ("two codes, bad and good", b"550-one\r\n250 two\r\n"),
    ("rubbish in the middle", b"250-one\r\nrubbish\r\n250 three\r\n"),
    ("an empty line in the middle", b"250-one\r\n\r\n250 three\r\n"),
    ("no line end", b"x" * LONG),
    ("digits without end", b"2" * LONG),
)


def check_protocol(play, step, in_doubt=False):
    client = play.client
    same("result", hssmtp.event_name(client.result or 0), "FAILED")
    same("error", hssmtp.error_name(client.error), "ERROR_PROTOCOL")
    same("state", state(client), step)
    same("in_doubt", client.in_doubt, in_doubt)
    same("link", play.link.is_open, False)
    same("kept text", len(client.reply_text) <= 256, True)
    if not in_doubt:
        same("mails", play.server.mails, [])


def test_random_replies_never_raise_or_hang():
    def check(name, step, said):
        server = Server(replies={step: said}, **ALL)
        check_protocol(Play(server, **TLS_AND_LOGIN).send(mail()), step, step == "TEXT")

    cases = []
    for step in STEPS:
        for name, said in RUBBISH:
            cases.append((step + ": " + name, step, said))
    check_table(cases, check)


def test_random_replies_in_fragments_never_raise_or_hang():
    def check(name, step, said, manner):
        server = Server(replies={step: said}, **ALL)
        play = Play(server, manner=manner, **TLS_AND_LOGIN)
        check_protocol(play.send(mail()), step, step == "TEXT")

    cases = []
    for step in STEPS:
        for name, said in RUBBISH:
            if len(said) < 1000:
                for way, manner in MANNERS[1:]:
                    cases.append(("%s: %s, %s" % (step, name, way), step, said, manner))
    check_table(cases, check)


SILENCE = (
    ("an empty line", b"\r\n"),
    ("a bare LF", b"\n"),
    ("nothing but empty lines", b"\r\n" * LONG),
    ("a reply without end", b"250 " + b"x" * LONG),
    ("a last line without end", b"250-one\r\n250-" + b"\xff" * LONG),
)


def test_endless_reply_ends_in_an_error():
    """Timeouts end them."""

    def check(name, step, said):
        server = Server(replies={step: said}, strict=False, **ALL)
        client = Play(server, **TLS_AND_LOGIN).send(mail()).client
        same("error", hssmtp.error_name(client.error), "ERROR_TIMEOUT")
        same("state", state(client), step)
        same("in_doubt", client.in_doubt, step == "TEXT")

    cases = []
    for step in STEPS:
        for name, said in SILENCE:
            if step != "STARTTLS" or b"250" not in said:
                cases.append((step + ": " + name, step, said))
    check_table(cases, check)


# Valid codes, but not for that step.
NO_ANSWERS = {
    "GREETING": (334, 354, 300),
    "EHLO": (334, 354),
    "STARTTLS": (334, 354),
    "AUTH": (354, 300),
    "RESPONSE": (334, 354),
    "MAIL": (334, 354),
    "RCPT": (334, 354),
    "DATA": (250, 200, 221, 235),
    "TEXT": (334, 354),
}


def test_reply_to_another_command_is_an_error():
    def check(name, step, code):
        server = Server(replies={step: b"%d what?\r\n" % code}, **ALL)
        server.strict = False
        check_protocol(Play(server, **TLS_AND_LOGIN).send(mail()), step, step == "TEXT")

    cases = []
    for step in NO_ANSWERS:
        for code in NO_ANSWERS[step]:
            cases.append(("%s %d" % (step, code), step, code))
    check_table(cases, check)


def test_every_reply_code_at_every_step():
    """The mail ends, without endless reconnecting, and SENT means 2yz."""

    def check(name, step, code):
        server = Server(replies={step: "%d as it pleases" % code}, strict=False, **ALL)
        play = Play(server, **TLS_AND_LOGIN).send(mail(), 700000)
        client = play.client
        same("over", client.result in (hssmtp.SENT, hssmtp.FAILED), True)
        same("connections", len(play.link.opened), 1)
        same("SENT", client.result == hssmtp.SENT, len(server.mails) == 1)
        same("link", play.link.is_open, False)

    cases = []
    for step in STEPS:
        for code in 200, 220, 221, 235, 250, 251, 299, 334, 354, 399, 400, 421, 450, 500, 554, 599:
            # A positive code instead of a refusal leaves the server in another state than it says.
            if not (step == "RESPONSE" and code == 334):
                cases.append(("%s %d" % (step, code), step, code))
    check_table(cases, check)


def test_endless_challenges_end_in_an_error():
    for keywords in ["AUTH PLAIN"], ["AUTH LOGIN"]:
        server = Server(keywords, replies={"AUTH": "334 ", "RESPONSE": "334 "}, strict=False)
        play = Play(server, **LOGIN).send(mail())
        same("error", hssmtp.error_name(play.client.error), "ERROR_PROTOCOL")
        same("responses", server.commands.count("<response>") < 3, True)


# Odd but valid replies

STRANGE = (
    ("9,999 lines", b"%d-more of it\r\n" * 9999 + b"%d end\r\n"),
    ("lines end in LF", b"%d-one\n%d two\n"),
    ("CRs in it", b"%d-one\r\r\r\n%d \rtwo\r\r\n"),
    ("NULs", b"%d a\0b\0\0c\r\n"),
    ("8 bit", b"%d " + bytes(range(128, 256)) + b"\r\n"),
    ("controls", b"%d \x1b[2J\x07\x08\r\n"),
    ("2,000 octets", b"%d " + b"x" * 2000 + b"\r\n"),
    ("nothing", b"%d\r\n"),
    ("nothing but a space", b"%d \r\n"),
)
GOOD = {
    "GREETING": b"220",
    "STARTTLS": b"220",
    "AUTH": b"334",
    "RESPONSE": b"235",
    "MAIL": b"250",
    "RCPT": b"250",
    "DATA": b"354",
    "TEXT": b"250",
}


def test_odd_replies_end_in_an_error():
    def check(name, step, said):
        server = Server(replies={step: said.replace(b"%d", GOOD[step])}, **ALL)
        client = Play(server, **TLS_AND_LOGIN).send(mail()).client
        same("result", hssmtp.event_name(client.result), "SENT")
        text = client.reply_text
        same("kept text", len(text) <= 256, True)
        same("printable", [c for c in text if not " " <= c <= "~"], [])

    cases = []
    for step in GOOD:
        for name, said in STRANGE:
            cases.append((step + ": " + name, step, said))
    check_table(cases, check)


def test_endless_ehlo_reply_ends_in_an_error():
    lines = b"250-mail.example.com\r\n" + b"250-X-NOISE 1 2 3\r\n" * 9999 + b"250-" + b"Y" * 2000
    for last in b"\r\n250 PIPELINING\r\n", b"\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n":
        server = Server(["PIPELINING"], replies={"EHLO": lines + last}, strict=False)
        same("result", Play(server).send(mail()).client.result, hssmtp.SENT)


class EndlessLink(ScriptedLink):
    """After a number of bytes the same line is repeated for ever."""

    line = b"250-more\r\n"
    behind = 0

    def readinto(self, buf, n):
        if self.given < self.behind:
            return ScriptedLink.readinto(self, buf, min(n, self.behind - self.given))
        n = n // len(self.line) * len(self.line)
        buf[:n] = self.line * (n // len(self.line))
        self.given += n
        return n


def test_reply_without_line_end_is_a_timeout():
    """A line may have any length, but the time is limited."""
    for said in b"220 ", b"220-", b"220-mail\r\n220-":
        for octet in b"x", b"2", b"\0", b"\xff", b"\r", b"-", b" ":
            link = EndlessLink(Server(replies={"GREETING": said}))
            link.behind = len(said)
            link.line = octet
            play = Play(link.server, link=link, timeouts={"greeting": 1000}).send(mail())
            same("error", hssmtp.error_name(play.client.error), "ERROR_TIMEOUT")
            same("time", play.now < 5000, True)


def test_silence_at_each_step_is_a_timeout():
    """An invalid reply ends without waiting."""
    for said in b"", b"220":
        for octet in b"x", b"2", b"\0", b"\xff", b"-":
            if said or octet not in b"\r-2":
                link = EndlessLink(Server(replies={"GREETING": said}))
                link.behind = len(said)
                link.line = octet
                if said + octet == b"220-":
                    continue
                play = Play(link.server, link=link).send(mail())
                same("error", hssmtp.error_name(play.client.error), "ERROR_PROTOCOL")
                same("%d octets read" % link.given, link.given < 500, True)


def test_endless_line_takes_no_memory():
    """Lines arrive all the time, but never a complete reply."""
    for behind, line, step in (
        (0, b"220-more\r\n", "GREETING"),
        (28, b"250-more\r\n", "EHLO"),
    ):
        link = EndlessLink(Server(strict=False))
        link.behind = behind
        link.line = line
        timeouts = {"greeting": 3000, "command": 3000, "block": 3000}
        play = Play(link.server, link=link, timeouts=timeouts)
        play.send(mail(), 10000)
        same("error", hssmtp.error_name(play.client.error), "ERROR_TIMEOUT")
        same("state", state(play.client), step)


class DrippingLink(ScriptedLink):
    """One byte a minute: never a complete reply in time."""

    play: Play

    def step(self, now):
        self.last = 0
        return ScriptedLink.step(self, now)

    def readinto(self, buf, n):
        now = self.play.now
        if now - self.last < 60000:
            return None
        n = ScriptedLink.readinto(self, buf, 1)
        if n:
            self.last = now
        return n


def test_slow_reply_does_not_extend_the_timeout():
    server = Server()
    link = DrippingLink(server)
    link.play = Play(server, link=link)
    link.play.send(mail(), 200000)
    same("error", hssmtp.error_name(link.play.client.error), "ERROR_TIMEOUT")
    same("state", state(link.play.client), "GREETING")


# Unexpected replies


def test_two_replies_to_one_command_are_an_error():
    """A second reply is not taken for the reply to the next command."""

    def check(name, step, extra):
        said = b"250-x\r\n250 STARTTLS" if step == "EHLO" else GOOD[step] + b" ok"
        server = Server(replies={step: said + b"\r\n" + extra}, strict=False, **ALL)
        check_protocol(Play(server, **TLS_AND_LOGIN).send(mail()), step)

    cases = []
    for step in STEPS[:-1]:
        for extra in b"250 extra\r\n", b"354 extra\r\n", b"220 extra\r\n":
            cases.append(("%s, %s" % (step, extra), step, extra))
    check_table(cases, check)


def test_reply_before_the_text_is_not_its_reply():
    """SENT needs a 2yz after the end of the text."""

    def check(name, size, manner):
        server = Server(replies={"DATA": "354 go\r\n250 got it", "TEXT": "554 no"}, strict=False)
        play = Play(server, manner=manner).send(mail(text="x" * size))
        same("result", hssmtp.event_name(play.client.result), "FAILED")
        same("mails", server.mails, [])

    cases = []
    for size in 10, 900, 5000:
        for name, manner in MANNERS:
            cases.append(("%d octets, %s" % (size, name), size, manner))
    check_table(cases, check)


def test_reply_after_the_last_changes_nothing():
    """The mail is accepted; later replies change nothing."""
    for extra in b"250 again\r\n", b"554 no\r\n", b"rubbish\r\n", b"\0" * 3000:
        for options in {}, {"keep_open_ms": 1000}:
            server = Server(replies={"TEXT": b"250 taken\r\n" + extra}, strict=False)
            play = Play(server, **options).send(mail())
            same("result", (play.client.result, play.client.error), (hssmtp.SENT, 0))
            same("reply", (play.client.reply_code, play.client.reply_text), (250, "taken"))


def test_quit_is_sent_after_the_reply_to_the_text():
    """With PIPELINING too, so that the reply to QUIT is not taken for that to the text."""
    play = Play(Server(["PIPELINING"], replies={"TEXT": [None]}, strict=False)).send(mail())
    same("commands", play.server.commands[-2:], ["DATA", "<text>"])
    same("result", hssmtp.event_name(play.client.result), "FAILED")
    same("in_doubt", play.client.in_doubt, True)


# TLS

INJECTED = b"250-mail.example.com\r\n250 AUTH LOGIN\r\n"


def test_bytes_before_the_tls_handshake_are_an_error():
    """RFC 3207 6: bytes that arrived before the handshake are not read after it."""

    def check(name, said, manner):
        server = Server(replies={"STARTTLS": said}, **ALL)
        play = Play(server, manner=manner, **TLS_AND_LOGIN).send(mail())
        same("error", hssmtp.error_name(play.client.error), "ERROR_PROTOCOL")
        same("state", state(play.client), "STARTTLS")
        same("TLS", play.link.secured_by, [])
        same("last command", server.commands[-1], "STARTTLS")

    check_table(
        (
            ("a reply", b"220 go\r\n" + INJECTED, {}),
            ("an octet", b"220 go\r\n2", {}),
            ("an LF", b"220 go\r\n\n", {}),
            ("behind the buffer", b"220 " + b"x" * 122 + b"\r\n" + INJECTED, {}),
            ("octet by octet", b"220 go\r\n" + INJECTED, {"most_in": 1}),
        ),
        check,
    )


def test_offers_before_tls_are_forgotten():
    """RFC 3207 4.2: offers before TLS are forgotten."""

    def check(name, before, behind, error):
        server = Server(["STARTTLS"] + before, behind, users={USER: PASSWORD})
        play = Play(server, **TLS_AND_LOGIN).send(mail(["a@example.com", "b@example.com"]))
        client = play.client
        same("error", hssmtp.error_name(client.error), error)
        same("TLS", server.commands.count("STARTTLS"), 1)
        if error != "-":
            same("mails and logins", (server.mails, server.logins), ([], []))

    check_table(
        (
            ("no AUTH behind", ["AUTH LOGIN"], [], "ERROR_UNSUPPORTED"),
            ("another AUTH behind", ["AUTH PLAIN"], ["AUTH LOGIN"], "-"),
            ("PIPELINING before", ["PIPELINING"], ["AUTH LOGIN"], "-"),
            ("PIPELINING behind", [], ["AUTH LOGIN", "PIPELINING"], "-"),
            ("STARTTLS again", [], ["AUTH LOGIN", "STARTTLS"], "-"),
        ),
        check,
    )


def test_server_name_in_the_ehlo_reply_is_no_keyword():
    """RFC 5321 4.1.1.1: the first line has a domain and a greeting."""
    for name in "STARTTLS", "starttls hello", "AUTH PLAIN":
        server = {"replies": {"EHLO": "250-%s\r\n250 HELP" % name}, "users": {USER: PASSWORD}}
        play = Play(Server(**server), **TLS_AND_LOGIN).send(mail())
        same("error", hssmtp.error_name(play.client.error), "ERROR_UNSUPPORTED")
        same("commands", play.server.commands.count("STARTTLS"), 0)


# Secrets


def base64(octets):
    return b2a_base64(octets).decode().strip()


def test_secrets_in_replies_are_masked():
    """Some servers repeat what they refuse."""

    def check(name, user, password, mechanism, said):
        server = Server(
            ["AUTH " + mechanism],
            users={},
            replies={"AUTH" if mechanism == "PLAIN" else "RESPONSE": said},
        )
        play = Play(server, username=user, password=password, allow_plaintext_auth=True).send(
            mail()
        )
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_AUTH")
        blob = b"\0" + user.encode() + b"\0" + password.encode()
        for text in client.reply_text, hssmtp.explain(client), repr(client), str(client.cause):
            for secret in password, base64(password.encode()), base64(blob):
                for n in range(len(secret) - 5):
                    same("%r in %r" % (secret[n : n + 6], text), secret[n : n + 6] in text, False)
        return client

    beyond_ascii = "Pa\u00dfwort \u96ea und Eis"
    cases = []
    for mechanism in "PLAIN", "LOGIN":
        for password in PASSWORD, "hunter2secret", beyond_ascii, "x" * 90 + "yz" * 40:
            octets = password.encode()
            blob = b"\0" + USER.encode() + b"\0" + octets
            for name, what in (
                ("password", octets),
                ("its base64", b2a_base64(octets)[:-1]),
                ("the blob's base64", b2a_base64(blob)[:-1]),
            ):
                for frame in b"%s", b"<%s>", b"'%s',", b"bad password: %s.", b"(%s);":
                    said = b"535 5.7.8 " + frame.replace(b"%s", what)
                    case = "%s, %s, %s" % (mechanism, name, said)
                    cases.append((case, USER, password, mechanism, said + b"\r\n"))
                filler = b"535 " + b"n" * (250 - min(len(what), 20)) + b" "
                case = "%s, %s of %s, cut" % (mechanism, name, octets)
                cases.append((case, USER, password, mechanism, filler + what + b"\r\n"))
    check_table(cases, check)


def test_replies_without_secrets_stay_unchanged():
    """An empty password or name is no secret: the reply stays unchanged."""
    for user, password in (USER, ""), ("", PASSWORD), ("", ""):
        for mechanism in "PLAIN", "LOGIN":
            said = "535 5.7.8 authentication failed"
            replies = {"AUTH": said} if mechanism == "PLAIN" else {"RESPONSE": said}
            server = Server(["AUTH " + mechanism], users={}, replies=replies)
            play = Play(server, username=user, password=password, allow_plaintext_auth=True)
            client = play.send(mail()).client
            same("reply", client.reply_text, "5.7.8 authentication failed")
            same("enhanced code", client.enhanced_code, "5.7.8")
