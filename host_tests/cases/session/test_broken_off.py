"""The connection lost at every byte, in each direction: always the right result."""

import hssmtp
from scripted import Files, Play, ScriptedLink, Server, check_table, mail, same, state

PHASES = ["resolve", "connect", "secure", "greeting", "command", "data", "block", "text", "quit"]
TIMEOUTS = dict.fromkeys(PHASES, 1000)
LIMIT = 1000 * len(PHASES)

TLS_AND_AUTH = {"security": "starttls", "username": "boiler", "password": "correct horse"}
# name, server, client
DIALOGUES = (
    ("plain", {}, {}),
    ("PIPELINING", {"keywords": ["PIPELINING"]}, {}),
    (
        "STARTTLS and AUTH",
        {
            "keywords": ["STARTTLS"],
            "tls_keywords": ["PIPELINING", "AUTH LOGIN"],
            "users": {"boiler": "correct horse"},
        },
        TLS_AND_AUTH,
    ),
)


def letter():
    with open("log", "wb") as file:
        file.write(b"x" * 20)
    return mail(["a@example.com", "b@example.com"], attachments=["log"])


def measure(server, options, message):
    """Return the bytes sent up to the text's end, received up to its reply, and sent in all."""
    server = Server(**server)
    link = ScriptedLink(server, most_in=1, most_out=1)
    play = Play(server, link=link, **options)
    play.client.send_mail(message)
    dot = reply = 0
    while play.client.tick(play.now):
        play.now += 1
        if server.texts and not dot:
            dot = link.taken
        if play.client.result and not reply:
            reply = link.given
    same("result", play.client.result, hssmtp.SENT)
    return dot, reply, link.taken, link.given


def check_cut(server, options, message, dot, reply, cut):
    server = Server(**server)
    link = ScriptedLink(server, cut=cut)
    play = Play(server, link=link, timeouts=TIMEOUTS, **options)
    play.send(message, LIMIT)
    client = play.client
    sent = link.given >= reply
    # The link has all of the text, and no reply has arrived.
    doubt = link.taken >= dot and not sent
    what = "%s, %s: " % (hssmtp.error_name(client.error), state(client))
    same(what + "result", hssmtp.event_name(client.result), "SENT" if sent else "FAILED")
    same(what + "in_doubt", client.in_doubt, doubt)
    same(what + "last event", play.heard().split()[-1], hssmtp.event_name(client.result))
    same(what + "results", play.events.count("SENT") + play.events.count("FAILED"), 1)
    same(what + "link", link.is_open, False)
    if server.mails and not sent:
        same(what + "in_doubt, for the server has it", client.in_doubt, True)
    if not sent:
        error = "ERROR_TIMEOUT" if cut[2] == "silence" else "ERROR_CLOSED"
        if state(client) == "SECURING" and error == "ERROR_CLOSED":
            error = "ERROR_TLS"
        same(what + "error", hssmtp.error_name(client.error), error)
        same(what + "transient", client.transient, True)
    elif not server.mails:
        raise AssertionError("SENT, and the server doesn't have it")


def break_off(name, server, options):
    message = letter()
    dot, reply, taken, given = measure(server, options, message)
    cases = []
    for direction, end in ("out", taken), ("in", given):
        for octet in range(end + 1):
            for how in "reset", "fin", "silence":
                cut = (direction, octet, how)
                cases.append(("%s, %s %d %s" % ((name,) + cut), cut))

    def check(name, cut):
        Files().watch(check_cut, server, options, message, dot, reply, cut)

    check_table(cases, check)


def test_connection_lost_at_each_byte():
    break_off(*DIALOGUES[0])


def test_connection_lost_at_each_byte_with_pipelining():
    break_off(*DIALOGUES[1])


def test_connection_lost_at_each_byte_with_starttls_and_auth():
    break_off(*DIALOGUES[2])


def test_replies_before_the_connection_is_lost_count():
    """A server that replies and closes in the middle of the text: the reply counts."""

    def check(name, reply, error, transient):
        play = Play(Server())
        link = play.link
        received = link.write

        def write(buf, off, n):
            if link.taken > 8000:
                if not play.server.gone:
                    play.server.out += reply
                    play.server.gone = True
                raise OSError(32)
            return received(buf, off, n)

        link.write = write
        play.send(mail(attachments=[hssmtp.Attachment(bytes(20000))]))
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_" + error)
        same("reply", client.reply_code, int(reply[:3]))
        same("transient", client.transient, transient)
        same("state", state(client), "TEXT")
        same("in_doubt", client.in_doubt, False)

    check_table(
        (
            ("552", b"552 5.3.4 too large\r\n", "TOO_LARGE", False),
            ("554", b"554 5.7.1 spam\r\n", "REJECTED", False),
            ("451", b"451 4.3.1 disk full\r\n", "REJECTED", True),
            ("421", b"421 4.3.2 shutting down\r\n", "CLOSED", True),
        ),
        check,
    )
