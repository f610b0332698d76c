"""Each command refused in each way, and servers without STARTTLS or a login."""

import hssmtp
from dialogues import EHLO_UNKNOWN, PASSWORD, SENT, TLS_AND_AUTH, USER, play, short
from scripted import in_every_manner, same

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
