"""Complete dialogues, also in the smallest fragments and with a full buffer at every tick."""

import hssmtp
from dialogues import EHLO_UNKNOWN, PASSWORD, SENT, TLS_AND_AUTH, TO, USER, play, short
from scripted import MANNERS, Play, Server, check_table, in_every_manner, mail, same, state

LONG = "x" * 3000
BEYOND_ASCII = "Pa\u00dfwort \u96ea"  # UTF-8 of two and of three bytes


def check_sent(done, steps, events="RESOLVED CONNECTED READY PROGRESS SENT", to=TO):
    client = done.client
    same("what was sent", short(done.server.commands), steps)
    same("events", done.heard(), events)
    same("result", (client.result, client.error, state(client)), (hssmtp.SENT, 0, "IDLE"))
    same("reply", (client.reply_code, client.reply_text), (250, "2.0.0 queued"))
    same("recipients", (client.accepted, client.refused), (len(to), 0))
    same("doubt", (client.transient, client.in_doubt, client.cause), (False, False, None))
    same("octets", client.bytes_sent, client.bytes_total)
    same("link", done.link.is_open, False)
    for sender, recipients, text in done.server.mails:
        same("sender", sender, "boiler@example.com")
        same("envelope", recipients, to)
        same("its length", len(text), client.bytes_total)
    return done


GREETING = {"GREETING": "220-mail.example.com\r\n220-No spam.\r\n220 ESMTP"}
BARE_CODES = {
    "GREETING": "220",
    "EHLO": "250",
    "MAIL": "250",
    "RCPT": ["250", "251 elsewhere", "252 who knows"],
    "DATA": "354",
}
SMALL_LETTERS = ["pipelining", "size 1000", "x-unknown", "8bitmime", "help"]
# name, server, client, steps
WELL = (
    ("plain", {}, {}, SENT),
    ("PIPELINING", {"keywords": ["PIPELINING"]}, {}, SENT),
    ("keywords in small letters", {"keywords": SMALL_LETTERS}, {}, SENT),
    ("a word that begins like one", {"keywords": ["PIPELININGS", "STARTTLSX"]}, {}, SENT),
    ("a greeting of three lines", {"replies": GREETING}, {}, SENT),
    ("codes without text", {"replies": BARE_CODES}, {}, SENT),
    ("HELO", {"replies": EHLO_UNKNOWN}, {}, SENT.replace("EHLO", "EHLO HELO")),
    ("tls", {}, {"security": "tls"}, SENT.replace("open", "open TLS")),
    (
        "starttls",
        {"keywords": ["STARTTLS"]},
        {"security": "starttls"},
        SENT.replace("EHLO", "EHLO STARTTLS TLS EHLO"),
    ),
    (
        "starttls and PIPELINING",
        {"keywords": ["PIPELINING", "STARTTLS"]},
        {"security": "starttls"},
        SENT.replace("EHLO", "EHLO STARTTLS TLS EHLO"),
    ),
)


def check_well(manner, server, options, steps):
    events = "RESOLVED CONNECTED READY PROGRESS SENT"
    if "security" in options:
        events = events.replace("READY", "SECURED READY")
    done = check_sent(play(manner, server, **options), steps, events)
    same("texts", len(done.server.mails), 1)
    if "security" in options:
        same("TLS", done.link.secured_by[0][1], "mail.example.com")
        same("one TLS", len(done.link.secured_by), 1)


def test_mail_is_sent_in_every_dialogue():
    in_every_manner(check_well, WELL)


LOGINS = (
    # name, keyword, mechanism, user, password, the steps of AUTH
    ("PLAIN", "AUTH PLAIN", "PLAIN", USER, PASSWORD, 0),
    ("LOGIN", "AUTH LOGIN", "LOGIN", USER, PASSWORD, 2),
    ("both", "AUTH GSSAPI LOGIN PLAIN", "PLAIN", USER, PASSWORD, 0),
    ("small letters", "auth gssapi login", "LOGIN", USER, PASSWORD, 2),
    ("PLAIN, long", "AUTH PLAIN", "PLAIN", USER, LONG, 1),
    ("LOGIN, long", "AUTH LOGIN", "LOGIN", USER, LONG, 2),
    ("LOGIN, both long", "AUTH LOGIN", "LOGIN", LONG, LONG, 2),
    ("PLAIN, UTF-8", "AUTH PLAIN", "PLAIN", BEYOND_ASCII, BEYOND_ASCII, 0),
    ("LOGIN, UTF-8", "AUTH LOGIN", "LOGIN", BEYOND_ASCII, BEYOND_ASCII, 2),
    ("PLAIN, empty", "AUTH PLAIN", "PLAIN", USER, "", 0),
    ("LOGIN, empty", "AUTH LOGIN", "LOGIN", USER, "", 2),
    ("LOGIN, no name", "AUTH LOGIN", "LOGIN", "", PASSWORD, 2),
)


def check_login(manner, keyword, mechanism, user, password, responses):
    server = {"keywords": [keyword, "PIPELINING"], "users": {user: password}}
    done = play(
        manner,
        server,
        username=user,
        password=password,
        security="none",
        allow_plaintext_auth=True,
    )
    same("logins", done.server.logins, [(mechanism, user, password)])
    commands = done.server.commands
    same("AUTH", commands[2].split(" ")[:2], ["AUTH", mechanism])
    commands[2] = "AUTH"
    steps = "EHLO AUTH" + " response" * responses
    check_sent(done, SENT.replace("EHLO", steps))


def test_each_mechanism_logs_in():
    in_every_manner(check_login, LOGINS)


def test_passwords_of_every_length_log_in():
    """Around the length above which the response waits for the server's 334."""

    def check(name, length, mechanism):
        password = "x" * length
        server = {"keywords": ["AUTH " + mechanism], "users": {USER: password}}
        done = play({}, server, username=USER, password=password, allow_plaintext_auth=True)
        same("logins", done.server.logins, [(mechanism, USER, password)])
        same("result", done.client.result, hssmtp.SENT)

    cases = []
    for length in list(range(9)) + list(range(340, 380)) + list(range(720, 800)):
        for mechanism in "PLAIN", "LOGIN":
            cases.append(("%s, %d octets" % (mechanism, length), length, mechanism))
    check_table(cases, check)


def test_login_ignores_the_words_of_the_prompts():
    """The text after 334 is for people: no RFC defines it for LOGIN."""
    for prompt in "334", "334 ", "334 UGFzc3dvcmQ6", "334 gibberish", "334-two\r\n334 lines":
        server = {
            "keywords": ["AUTH LOGIN"],
            "users": {USER: PASSWORD},
            "replies": {"AUTH": prompt, "RESPONSE": []},
        }
        done = play({}, server, username=USER, password=PASSWORD, allow_plaintext_auth=True)
        same("logins", done.server.logins, [("LOGIN", USER, PASSWORD)])
        same("result", done.client.result, hssmtp.SENT)


def test_refused_recipient_is_reported_and_others_continue():
    """Refused recipients are reported one by one, the others get the mail."""

    def check(manner, keywords, refused):
        replies = {}
        for address in refused:
            replies["RCPT " + address] = "550 5.1.1 unknown: " + address
        heard = []

        def on_event(client, event):
            if event == hssmtp.RECIPIENT_REFUSED:
                heard.append((client.recipient, client.reply_code, client.reply_text))

        done = play(manner, {"keywords": keywords, "replies": replies}, on_event=on_event)
        same("heard", heard, [(who, 550, "5.1.1 unknown: " + who) for who in refused])
        same("what was sent", short(done.server.commands), SENT)
        same("result", done.client.result, hssmtp.SENT)
        same(
            "counts", (done.client.accepted, done.client.refused), (3 - len(refused), len(refused))
        )
        same("envelope", done.server.mails[0][1], [who for who in TO if who not in refused])
        same("reply", done.client.reply_code, 250)

    cases = []
    for keywords in [], ["PIPELINING"]:
        for refused in TO[:1], TO[1:2], TO[2:], TO[:2], TO[1:], TO[:1] + TO[2:]:
            cases.append(("%s %s" % (keywords, refused), keywords, refused))
    in_every_manner(check, cases)


def test_to_cc_and_bcc_become_recipients():
    for keywords in [], ["PIPELINING"]:
        done = Play(Server(keywords=keywords))
        done.send(mail(TO[0], cc=TO[1], bcc=TO[2]))
        check_sent(done, SENT)
        text = done.server.mails[0][2]
        same("Cc", b"\r\nCc: b@example.com\r\n" in text, True)
        # The sender's domain is in the Message-ID, after a digit that may be a "c".
        same("Bcc", b" c@example.com" in text or b"<c@example.com" in text, False)


def test_each_of_many_recipients_gets_an_rcpt():
    for count in 50, 300:
        to = ["user%d@example.com" % n for n in range(count)]
        for keywords in [], ["PIPELINING"]:
            for _, manner in MANNERS[:3]:
                done = play(manner, {"keywords": keywords}, to=to)
                same("result", done.client.result, hssmtp.SENT)
                same("envelope", done.server.mails[0][1], to)
                same("counts", (done.client.accepted, done.client.refused), (count, 0))


def test_all_of_many_recipients_refused():
    """Every third one is refused: with PIPELINING replies arrive long after their commands."""
    to = ["user%d@example.com" % n for n in range(300)]
    replies = {}
    for who in to[::3]:
        replies["RCPT " + who] = "550 5.1.1 unknown"
    for keywords in [], ["PIPELINING"]:
        for _, manner in MANNERS[:3]:
            done = play(manner, {"keywords": keywords, "replies": replies}, to=to)
            same("refused", done.refused, to[::3])
            same("envelope", done.server.mails[0][1], [who for who in to if who not in to[::3]])
            same("counts", (done.client.accepted, done.client.refused), (200, 100))


def test_reply_421_ends_the_mail_at_each_command():
    """RFC 5321 3.8: a server may close the connection at any step, with 421."""
    steps = ("GREETING", "EHLO", "STARTTLS", "AUTH", "RESPONSE", "MAIL", "RCPT", "DATA", "TEXT")

    def check(manner, step, keywords):
        replies = {step: "421 4.3.2 shutting down"}
        server = {
            "keywords": ["STARTTLS"],
            "tls_keywords": keywords + ["AUTH LOGIN"],
            "replies": replies,
            "users": {USER: PASSWORD},
        }
        done = play(manner, server, **TLS_AND_AUTH)
        client = done.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_CLOSED")
        same("state", state(client), step)
        same("reply", (client.reply_code, client.enhanced_code), (421, "4.3.2"))
        same("doubt", (client.transient, client.in_doubt), (True, False))
        same("link", done.link.is_open, False)
        same("opened", len(done.link.opened), 1)

    cases = []
    for step in steps:
        for keywords in [], ["PIPELINING"]:
            cases.append(("%s %s" % (step, keywords), step, keywords))
    in_every_manner(check, cases)


def test_result_stays_whatever_answers_quit():
    """The mail is sent: whatever follows QUIT, the result stays."""

    def check(manner, said):
        done = play(manner, {"replies": {"QUIT": said}})
        same("result", (done.client.result, done.client.error), (hssmtp.SENT, 0))
        same("reply", (done.client.reply_code, done.client.reply_text), (250, "2.0.0 queued"))
        same("cause", done.client.cause, None)
        same("events", done.heard(), "RESOLVED CONNECTED READY PROGRESS SENT")
        same("link", done.link.is_open, False)

    in_every_manner(
        check,
        (
            ("silence", None),
            ("hangs up", ""),
            ("refused", "500 5.5.1 stay"),
            ("421", "421 bye"),
            ("no reply", b"\xff\n"),
        ),
    )
