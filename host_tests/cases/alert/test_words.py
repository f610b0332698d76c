"""What the alert application shows: printable, one line an entry, in the terms of config.py."""

import sys

import hssmtp
from alert_play import Config, Play
from fake_board import same

from alert import log, mail, output, seldom, terms
from alert.nearest import nearest, suggestion

HOSTILE = "evil\r\n2026-01-01 \x1b[2J\x00\x9b\u202etxt\u200b\u2028é"
SHOWN = "evil??2026-01-01 ?[2J???txt??é"


def test_text_becomes_one_printable_line():
    same("hostile", output.one_line(HOSTILE), SHOWN)
    for text in ("", "plain", "95 °C", "“quoted”"):
        same("as it is", output.one_line(text), text)


def test_log_entry_is_one_line():
    printed = []
    log.print = printed.append
    try:
        play = Play()
        play.app.say(HOSTILE)
        play.app._log.flush()
    finally:
        del log.print
    same("printed", printed[-1].split("  ", 1)[1], SHOWN)
    with open("log/log.txt") as file:
        same("in the log", file.read().split("\n"), printed + [""])


def test_wifi_name_is_shown_printable():
    class Hostile(Config):
        WIFI_NAME = HOSTILE

    printed = []
    log.print = printed.append
    try:
        Play(config=Hostile, connected=False).run(1)
    finally:
        del log.print
    same("said", printed[-1].split("  ", 1)[1], "connecting to Wi-Fi " + SHOWN)


def test_replies_are_shown_printable():
    printed = []
    log.print = printed.append
    try:
        play = Play({"MAIL": ["550 5.7.1 no \x1b[31mred \u202etxt"]})
        play.press()
    finally:
        del log.print
    lines = [line for line in printed if "550" in line]
    same("said in %s" % lines, "no ?[31mred ?txt" in lines[0], True)


def test_arguments_become_settings():
    for text, wanted in (
        ("ca: neither a PEM nor a DER", "CA: neither a PEM nor a DER"),
        ("check `ca`, and that `host` is in it", "check CA, and that SERVER is in it"),
        ('pass security="starttls"', 'set SECURITY = "starttls"'),
        ("pass hostname=, a full name", "set HOSTNAME, a full name"),
        ("pass username= and password=", "set USER and PASSWORD"),
        ("or allow_plaintext_auth=True", "or ALLOW_PLAINTEXT_AUTH = True"),
        ('write host="a", port=25', 'write SERVER = "a", PORT = 25'),
        ("on a bench, insecure=True", "on a bench, INSECURE = True"),
        ("the port is closed: to whom?", "the port is closed: to whom?"),
        ("x_port=5 report=5", "x_port=5 report=5"),
        ("host=", "SERVER"),
    ):
        same(text, terms.in_settings(text), wanted)


def test_words_of_the_server_are_not_changed():
    text = "`ca` (535 5.7.8 password= is `wrong`, port=25): pass username="
    same(
        "text",
        terms.in_settings(text, "5.7.8 password= is `wrong`, port=25"),
        "CA (535 5.7.8 password= is `wrong`, port=25): set USER",
    )


class Ended:
    """A client whose mail failed."""

    result = hssmtp.FAILED
    reply_text = ""


def test_failed_mail_is_explained_with_settings():
    explain = hssmtp.explain
    hssmtp.explain = lambda client: "ERROR_TLS: check `ca`, `host`, security= and hostname="
    try:
        told = mail.outcome(Ended)
    finally:
        hssmtp.explain = explain
    same("told", told, "ERROR_TLS: check CA, SERVER, SECURITY and HOSTNAME")


def test_every_failure_is_explained_without_arguments():
    for replies in (
        {"GREETING": ["554 no"]},
        {"EHLO": ["550 5.5.2 no"] * 3, "HELO": ["550 no"] * 3},
        {"MAIL": ["530 5.7.0 log in first"]},
        {"RCPT": ["530 5.7.0 log in first"]},
        {"MAIL": ["550 5.7.1 no"]},
        {"TEXT": ["554 5.7.1 no"]},
        {"GREETING": ["HTTP/1.1 400 Bad Request"]},
    ):
        printed = []
        log.print = printed.append
        try:
            play = Play(replies)
            play.press()
            play.run(3)
        finally:
            del log.print
        lines = [line for line in printed if "ERROR" in line]
        same("failed in %s" % printed, len(lines) > 0, True)
        for argument in terms.SETTINGS:
            for form in ("`%s`" % argument, " %s=" % argument):
                same("%s in %s" % (form, lines), form in lines[0], False)


def test_nearest_word_is_found():
    known = ("digital", "analogue", "every_minutes", "quiet_minutes", "RECIPIENTS", "CA", "tls")
    for word, wanted in (
        ("digtal", "digital"),
        ("digitla", "digital"),
        ("Digital", "digital"),
        ("RECIPIENST", "RECIPIENTS"),
        ("recipient", "RECIPIENTS"),
        ("quiet", "quiet_minutes"),
        ("CAS", "CA"),
        ("analog", "analogue"),
        ("smtp", None),
        ("temperature", None),
        ("", None),
        ("x" * 10000, None),
    ):
        same("meant by " + word[:20], nearest(word, known), wanted)
    same("words", suggestion("digtal", known), ': did you mean "digital"?')
    same("no words", suggestion("temperature", known), "")


def test_modules_that_are_needed_seldom_are_freed():
    names = ("terms", "nearest", "checks", "server_checks", "input_options")
    kept = {name: sys.modules.pop("alert." + name, None) for name in names}
    try:
        same("result", seldom.call("terms", "in_settings", "`ca`"), "CA")
        left = [name for name in sys.modules if name[6:] in names and name[:6] == "alert."]
        same("left", left, [])
    finally:
        for name in names:
            if kept[name]:
                sys.modules["alert." + name] = kept[name]
                setattr(sys.modules["alert"], name, kept[name])
