"""Every dialogue, played whole, in the smallest pieces, and with a would-block at every turn."""

import hssmtp
from scripted import MANNERS, Play, Server, check_table, in_every_manner, mail, same, state

TO = ["a@example.com", "b@example.com", "c@example.com"]
USER = "boiler"
PASSWORD = "correct horse"
LONG = "x" * 3000
BEYOND_ASCII = "Pa\u00dfwort \u96ea"  # UTF-8 of two and of three octets

EXACT = {
    "<open>": "open",
    "<TLS>": "TLS",
    "<text>": "text",
    "<response>": "response",
    "EHLO [127.0.0.1]": "EHLO",
    "HELO [127.0.0.1]": "HELO",
    "MAIL FROM:<boiler@example.com>": "MAIL",
    "AUTH LOGIN": "AUTH_LOGIN",
    "RCPT TO:<a@example.com>": "a",
    "RCPT TO:<b@example.com>": "b",
    "RCPT TO:<c@example.com>": "c",
}

SENT = "open EHLO MAIL a b c DATA text QUIT"


def short(commands):
    """The commands in a line; what is not one of the exact ones stands there as it came."""
    return " ".join([EXACT.get(command.split(" SIZE=")[0], command) for command in commands])


def play(manner, server, mails=1, to=TO, **options):
    done = Play(Server(**server), manner=manner, **options)
    for n in range(mails):
        done.send(mail(to, text="It boils, %d." % n))
    return done


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


# What goes well

EHLO_UNKNOWN = {"EHLO": "502 5.5.1 what?"}
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


# Logging in

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
    """Around the length from which on the response waits for the server's 334."""

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
    """What stands behind 334 is for people: RFC 4954 has no text for LOGIN at all."""
    for prompt in "334", "334 ", "334 UGFzc3dvcmQ6", "334 gibberish", "334-two\r\n334 lines":
        server = {
            "keywords": ["AUTH LOGIN"],
            "users": {USER: PASSWORD},
            "replies": {"AUTH": prompt, "RESPONSE": []},
        }
        done = play({}, server, username=USER, password=PASSWORD, allow_plaintext_auth=True)
        same("logins", done.server.logins, [("LOGIN", USER, PASSWORD)])
        same("result", done.client.result, hssmtp.SENT)


# What is refused

TLS_AND_AUTH: dict = {"security": "starttls", "username": USER, "password": PASSWORD}
OFFERS = ["STARTTLS", "AUTH PLAIN"]
EHLO_TLS = "open EHLO STARTTLS TLS EHLO"

# name, replies, steps, steps with PIPELINING, error, transient, code, enhanced code
REFUSED = (
    (
        "greeting",
        {"GREETING": "554 5.3.2 no mail here"},
        "open QUIT",
        "",
        "REJECTED",
        False,
        554,
        "5.3.2",
    ),
    (
        "greeting, later",
        {"GREETING": "450 4.3.2 busy"},
        "open QUIT",
        "",
        "REJECTED",
        True,
        450,
        "4.3.2",
    ),
    (
        "EHLO, later",
        {"EHLO": "451 4.3.0 busy"},
        "open EHLO QUIT",
        "",
        "REJECTED",
        True,
        451,
        "4.3.0",
    ),
    (
        "EHLO and HELO",
        {"EHLO": "500 what?", "HELO": "550 5.7.1 not you"},
        "open EHLO HELO QUIT",
        "",
        "REJECTED",
        False,
        550,
        "5.7.1",
    ),
    (
        "MAIL",
        {"MAIL": "550 5.1.8 not this sender"},
        "open EHLO MAIL QUIT",
        "open EHLO MAIL a b c DATA QUIT",
        "SENDER",
        False,
        550,
        "5.1.8",
    ),
    (
        "MAIL, later",
        {"MAIL": "451 4.3.0 later"},
        "open EHLO MAIL QUIT",
        "open EHLO MAIL a b c DATA QUIT",
        "SENDER",
        True,
        451,
        "4.3.0",
    ),
    (
        "MAIL, size",
        {"MAIL": "552 5.3.4 too large"},
        "open EHLO MAIL QUIT",
        "open EHLO MAIL a b c DATA QUIT",
        "TOO_LARGE",
        False,
        552,
        "5.3.4",
    ),
    (
        "all recipients",
        {"RCPT": "550 5.1.1 unknown"},
        "open EHLO MAIL a b c QUIT",
        "open EHLO MAIL a b c DATA QUIT",
        "RECIPIENTS",
        False,
        550,
        "5.1.1",
    ),
    (
        "all recipients, one of them for now",
        {"RCPT": ["550 5.1.1 unknown", "451 4.2.1 later", "550 5.1.1 unknown"]},
        "open EHLO MAIL a b c QUIT",
        "open EHLO MAIL a b c DATA QUIT",
        "RECIPIENTS",
        True,
        550,
        "5.1.1",
    ),
    (
        "all recipients, but DATA granted",  # RFC 2920 3.1: then there is a text to end
        {"RCPT": "550 5.1.1 unknown", "DATA": "354 go", "TEXT": "554 5.5.1 no valid recipients"},
        "open EHLO MAIL a b c QUIT",
        "open EHLO MAIL a b c DATA text QUIT",
        "RECIPIENTS",
        False,
        550,
        "5.1.1",
    ),
    (
        "DATA",
        {"DATA": "554 5.5.0 no"},
        "open EHLO MAIL a b c DATA QUIT",
        "",
        "REJECTED",
        False,
        554,
        "5.5.0",
    ),
    (
        "DATA, later",
        {"DATA": "451 4.3.0 later"},
        "open EHLO MAIL a b c DATA QUIT",
        "",
        "REJECTED",
        True,
        451,
        "4.3.0",
    ),
    ("text", {"TEXT": "554 5.7.1 spam"}, SENT, "", "REJECTED", False, 554, "5.7.1"),
    ("text, later", {"TEXT": "451 4.7.1 grey"}, SENT, "", "REJECTED", True, 451, "4.7.1"),
    ("text, size", {"TEXT": "552 5.3.4 too large"}, SENT, "", "TOO_LARGE", False, 552, "5.3.4"),
    (
        "text, in two lines",
        {"TEXT": "554-5.7.1 spam\r\n554 5.7.1 and more"},
        SENT,
        "",
        "REJECTED",
        False,
        554,
        "5.7.1",
    ),
)


def check_failed(done, steps, error, transient, code, enhanced):
    client = done.client
    same("what was sent", short(done.server.commands), steps)
    same("result", hssmtp.event_name(client.result), "FAILED")
    same("error", hssmtp.error_name(client.error), "ERROR_" + error)
    same("reply", (client.reply_code, client.enhanced_code), (code, enhanced))
    same("transient", client.transient, transient)
    same("doubt", (client.in_doubt, client.cause), (False, None))
    same("mails", done.server.mails, [])
    same("link", done.link.is_open, False)
    same("FAILED", done.events.count("FAILED"), 1)
    same("last event", done.events[-1], "FAILED")


def check_refused(manner, keywords, replies, steps, *expected):
    done = play(manner, {"keywords": keywords, "replies": replies})
    check_failed(done, steps, *expected)


def test_each_refused_command_has_its_error():
    cases = []
    for case in REFUSED:
        cases.append(case[:1] + ([],) + case[1:3] + case[4:])
        if "EHLO" not in case[1]:
            steps = case[3] or case[2]
            cases.append((case[0] + ", PIPELINING", ["PIPELINING"], case[1], steps) + case[4:])
    in_every_manner(check_refused, cases)


# name, keywords before and behind TLS, replies, steps, error, transient, code, enhanced code
INSECURE = (
    ("no STARTTLS", [], [], {}, "open EHLO QUIT", "UNSUPPORTED", False, 250, ""),
    (
        "EHLO unknown",
        [],
        [],
        EHLO_UNKNOWN,
        "open EHLO QUIT",
        "REJECTED",
        False,
        502,
        "5.5.1",
    ),
    (
        "STARTTLS refused",
        OFFERS,
        [],
        {"STARTTLS": "454 4.7.0 no TLS now"},
        "open EHLO STARTTLS QUIT",
        "TLS",
        True,
        454,
        "4.7.0",
    ),
    ("no AUTH", OFFERS, [], {}, EHLO_TLS + " QUIT", "UNSUPPORTED", False, 250, ""),
    (
        "AUTH of other kinds",
        OFFERS,
        ["AUTH GSSAPI XPLAIN LOGINS"],
        {},
        EHLO_TLS + " QUIT",
        "UNSUPPORTED",
        False,
        250,
        "",
    ),
    (
        "password",
        OFFERS,
        None,
        {"AUTH": "535 5.7.8 wrong"},
        EHLO_TLS + " AUTH QUIT",
        "AUTH",
        False,
        535,
        "5.7.8",
    ),
    (
        "password, later",
        OFFERS,
        None,
        {"AUTH": "454 4.7.0 later"},
        EHLO_TLS + " AUTH QUIT",
        "AUTH",
        True,
        454,
        "4.7.0",
    ),
    (
        "LOGIN, the name",
        OFFERS,
        ["AUTH LOGIN"],
        {"RESPONSE": "535 5.7.8 unknown"},
        EHLO_TLS + " AUTH_LOGIN response QUIT",
        "AUTH",
        False,
        535,
        "5.7.8",
    ),
    (
        "LOGIN, the password",
        OFFERS,
        ["AUTH LOGIN"],
        {"RESPONSE": ["334 UGFzc3dvcmQ6", "535 5.7.8 wrong"]},
        EHLO_TLS + " AUTH_LOGIN response response QUIT",
        "AUTH",
        False,
        535,
        "5.7.8",
    ),
    (
        "EHLO behind TLS",
        OFFERS,
        None,
        {"EHLO": ["250-here\r\n250 STARTTLS", "550 5.7.1 go away"]},
        EHLO_TLS + " QUIT",
        "REJECTED",
        False,
        550,
        "5.7.1",
    ),
)


def check_insecure(manner, keywords, tls_keywords, replies, steps, *expected):
    server = {
        "keywords": keywords,
        "tls_keywords": tls_keywords,
        "replies": replies,
        "users": {USER: PASSWORD},
    }
    done = play(manner, server, **TLS_AND_AUTH)
    commands = done.server.commands
    for at in range(len(commands)):
        if commands[at].startswith("AUTH PLAIN "):
            commands[at] = "AUTH"
    check_failed(done, steps, *expected)
    if "TLS" not in steps.split():
        same("logins in the clear", done.server.logins, [])


def test_starttls_that_is_not_offered_fails_the_mail():
    in_every_manner(check_insecure, INSECURE)


def test_refused_recipient_is_reported_and_others_continue():
    """Some are refused: told one by one, and the others get the mail."""

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
        # The sender's domain stands in the Message-ID, behind a digit that may be a "c".
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
    """Every third one is: with PIPELINING the replies come long behind the commands."""
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
    """RFC 5321 3.8: a server may leave at any step, and says so."""
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
    """The mail was taken before; who doesn't answer QUIT is left, and the result stays."""

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


# Several mails over one connection

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
    """The next mail begins with a clean slate, whether ticks came in between or not."""

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
    """RSET, or QUIT, is work too: tick() is True until it is done."""
    for replies, steps in (
        ({"RCPT": "550 no"}, "open EHLO MAIL a b c RSET"),
        ({"DATA": "550 no"}, "open EHLO MAIL a b c DATA RSET"),
        ({"GREETING": "554 no"}, "open QUIT"),
    ):
        done = play({}, {"replies": replies}, **KEEP)
        same("what was sent", short(done.server.commands), steps)


def test_kept_connection_that_the_server_closed_is_replaced_silently():
    """A kept connection that the server has left: another is opened, and nobody hears of it."""

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
    """The same, but the application goes on ticking: the result of the last mail stays."""
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
    """Without keep_open_ms too: as long as the connection is good it is used."""

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


# The text

TEXTS = (
    # name, text, what is received
    ("empty", "", b""),
    ("no line end", "a", b"a\r\n"),
    ("a dot", ".", b".\r\n"),
    ("two dots", "..", b"..\r\n"),
    ("dots alone", ".\r\n.\r\n.\r\n", b".\r\n.\r\n.\r\n"),
    ("dots within", "a.b\n.c\n..d\n. e\nf.\n", b"a.b\r\n.c\r\n..d\r\n. e\r\nf.\r\n"),
    ("the end in it", "a\r\n.\r\nMAIL FROM:<x@y.z>\r\n", b"a\r\n.\r\nMAIL FROM:<x@y.z>\r\n"),
    ("the end with bare LF", "a\n.\nb", b"a\r\n.\r\nb\r\n"),
    ("the end with bare CR", "a\r.\rb", b"a\r\n.\r\nb\r\n"),
    ("the end, mixed", "a\n.\r\nb\r\n.\nc\r.\r\nd", b"a\r\n.\r\nb\r\n.\r\nc\r\n.\r\nd\r\n"),
    ("CR CR LF", "a\r\r\n.\r\r\nb", b"a\r\n\r\n.\r\n\r\nb\r\n"),
    ("LF CR", "a\n\r.\n\rb", b"a\r\n\r\n.\r\n\r\nb\r\n"),
    ("a CR at the end", "a\r", b"a\r\n"),
)


def check_text(manner, text, received):
    done = play_text(manner, text)
    same("text", body(done), received)


def play_text(manner, text, to=TO, **options):
    done = Play(Server(), manner=manner, **options).send(mail(to, text=text))
    same("result", done.client.result, hssmtp.SENT)
    same("mails", len(done.server.mails), 1)
    same("octets", done.client.bytes_sent, done.client.bytes_total)
    return done


def body(done):
    text = done.server.mails[0][2]
    return text[text.find(b"\r\n\r\n") + 4 :]


def test_text_lines_are_sent_as_crlf_with_dots_stuffed():
    in_every_manner(check_text, TEXTS)


def test_dots_are_stuffed_at_every_place_of_the_buffer():
    """Wherever in the buffer a line of a dot falls."""
    for pad in range(0, 1100, 7):
        for line in ".\n", "..\n", ".x\n":
            text = "x" * (pad % 90) + "\n" + "y" * 10 + "\n"
            text = text * (pad // 90 + 1) + line * 400
            done = play_text({}, text, buffer_size=512)
            same("pad %d" % pad, body(done), text.replace("\n", "\r\n").encode())


def test_dots_are_stuffed_after_an_address_list():
    """The list's header is a part of its own, and may end anywhere in the buffer."""
    text = "a\r\n.\r\nMAIL FROM:<spy@example.com>\r\n..\r\n.b\r\n"
    for count in range(1, 120, 3):
        with open("list", "w") as file:
            for n in range(count):
                file.write("user%d@example.com\n" % n)
        done = Play(Server()).send(mail(hssmtp.AddressList("list"), text=text))
        same("mails, %d recipients" % count, len(done.server.mails), 1)
        same("text, %d recipients" % count, body(done), text.encode())


def test_dots_are_stuffed_after_an_attachment():
    for size in range(0, 1200, 13):
        done = Play(Server())
        done.send(
            mail(
                text=".\r\n.a\r\n",
                html=".\r\n<p>.\r\n",
                attachments=[hssmtp.Attachment(b"x" * size, name="x")] * 2,
            )
        )
        same("result", done.client.result, hssmtp.SENT)
        same("octets", done.client.bytes_sent, done.client.bytes_total)
        same("mails", len(done.server.mails), 1)
        same("received", len(done.server.mails[0][2]), done.client.bytes_total)
