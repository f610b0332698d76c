"""Each phase has its timeout; idle_ms() and the work of a tick."""

import hssmtp
from control import HOUR, SERVER, TLS_AND_LOGIN, CountingLink, letter
from scripted import Play, ScriptedLink, Server, check_table, mail, same, state


# Time
class StuckLink(ScriptedLink):
    """A link that gets stuck in a phase; handshake: in the TLS handshake."""

    phase = 3
    handshake = False

    def step(self, now):
        return ScriptedLink.step(self, now) if self._phase < self.phase else self._phase

    def write(self, buf, off, n):
        return (
            None if self.handshake and self.secured_by else ScriptedLink.write(self, buf, off, n)
        )

    def readinto(self, buf, n):
        return None if self.handshake and self.secured_by else ScriptedLink.readinto(self, buf, n)


def stuck(phase=3, handshake=False, cut=None):
    link = StuckLink(Server(["STARTTLS"], ["AUTH LOGIN"], users={"boiler": "x"}), cut=cut)
    link.phase = phase
    link.handshake = handshake
    return link


def test_each_phase_has_its_timeout():
    """The server is silent in one phase: the timeout of that phase counts."""
    phases = [
        "resolve",
        "connect",
        "secure",
        "greeting",
        "command",
        "data",
        "block",
        "text",
        "quit",
    ]

    def check(name, phase, where, link, replies, security):
        timeouts = dict.fromkeys(phases, 50000)
        timeouts[phase] = 700
        link.server.replies = replies
        options = {"security": security}
        if security != "none":
            options.update({"username": "boiler", "password": "x"})
        else:
            link.server.users = None
        played = Play(link.server, link=link, timeouts=timeouts, **options)
        began = played.now
        played.send(mail(attachments=[hssmtp.Attachment(bytes(3000))]), 5000)
        client = played.client
        same("error", hssmtp.error_name(client.error), "ERROR_TIMEOUT")
        same("state", state(client), where)
        same("transient", client.transient, True)
        same("in_doubt", client.in_doubt, phase == "text")
        same("link", link.is_open, False)
        same("%d ms" % (played.now - began), 700 <= played.now - began < 900, True)

    check_table(
        (
            ("resolve", "resolve", "RESOLVING", stuck(1), {}, "none"),
            ("connect", "connect", "CONNECTING", stuck(2), {}, "none"),
            ("tls", "secure", "SECURING", stuck(handshake=True), {}, "tls"),
            ("starttls", "secure", "SECURING", stuck(handshake=True), {}, "starttls"),
            ("greeting", "greeting", "GREETING", stuck(), {"GREETING": None}, "none"),
            ("EHLO", "command", "EHLO", stuck(), {"EHLO": None}, "none"),
            ("HELO", "command", "HELO", stuck(), {"EHLO": "500", "HELO": None}, "none"),
            ("STARTTLS", "command", "STARTTLS", stuck(), {"STARTTLS": None}, "starttls"),
            ("AUTH", "command", "AUTH", stuck(), {"AUTH": None}, "starttls"),
            ("RESPONSE", "command", "RESPONSE", stuck(), {"RESPONSE": None}, "starttls"),
            ("MAIL", "command", "MAIL", stuck(), {"MAIL": None}, "none"),
            ("RCPT", "command", "RCPT", stuck(), {"RCPT": None}, "none"),
            ("DATA", "data", "DATA", stuck(), {"DATA": None}, "none"),
            ("block", "block", "TEXT", stuck(cut=("out", 1500, "silence")), {}, "none"),
            ("text", "text", "TEXT", stuck(), {"TEXT": None}, "none"),
        ),
        check,
    )


def test_quit_has_its_timeout():
    played = Play(Server(replies={"QUIT": None}), timeouts={"quit": 700}).send(mail())
    same("result", (played.client.result, played.client.error), (hssmtp.SENT, 0))
    same("%d ms" % played.now, 1700 <= played.now < 1900, True)
    same("link", played.link.is_open, False)


def test_idle_ms_tells_how_long_to_sleep():
    played = Play(Server(replies={"TEXT": [None]}), keep_open_ms=5000)
    client = played.client
    same("before", client.idle_ms(0), HOUR)
    client.send_mail(mail())
    same("a mail waits", client.idle_ms(0), 0)
    while state(client) != "TEXT" or client.idle_ms(played.now) == 0:
        played.now += 1
        client.tick(played.now)
    same("silence", 0 < client.idle_ms(played.now) <= 100, True)
    played.server.out += b"250 ok\r\n"
    replied = played.now
    client.tick(replied)
    same("result", client.result, hssmtp.SENT)
    played.run()
    same("kept", client.idle_ms(replied), 5000)
    same("kept, later", client.idle_ms(replied + 3000), 2000)
    same("kept, too late", client.idle_ms(replied + 6000), 0)
    client.deinit()
    same("behind", client.idle_ms(played.now), HOUR)


def test_tick_does_one_read_and_one_write():
    """At most one read and one write; one more read after STARTTLS is accepted."""

    class Link(CountingLink):
        most = 0

    link = Link(Server(**SERVER))
    played = Play(link.server, link=link, **TLS_AND_LOGIN)
    played.client.send_mail(letter())
    more = True
    while more:
        link.calls = 0
        before = state(played.client)
        more = played.client.tick(played.now)
        played.now += 1
        same("calls", link.calls <= (3 if before == "STARTTLS" else 2), True)
