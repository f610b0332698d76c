"""AUTH (RFC 4954): each mechanism, the strongest first, and what is sent without TLS."""

import hssmtp
from logins import (
    EVERY,
    LOGIN,
    PASSWORD,
    TOKEN,
    USER,
    WITH_PASSWORD,
    WITH_TOKEN,
    check_failed,
    check_sent,
    play,
    tried,
)
from scripted import (
    FAR,
    MANNERS,
    Play,
    Server,
    check_table,
    in_every_manner,
    mail,
    same,
)

BEYOND_ASCII = "Pa\u00dfwort \u96ea"
NAMES = (
    ("plain", USER, PASSWORD),
    ("one letter", "a", "b"),
    ("comma and equals sign", "a=b,c==,,d=2C", "p=,q"),
    ("beyond ASCII", BEYOND_ASCII, BEYOND_ASCII),
    ("64 octets", "u" * 64, "p" * 64),
    ("65 octets", "u" * 65, "p" * 65),
    ("long", "u" * 200, "p" * 600),
    ("spaces", "two words", " p  w "),
    ("quotes", 'a"b\\', "%s{}\"'"),
)


def test_each_password_mechanism_logs_in():
    def check(manner, mechanism, user, password):
        played = play(
            ["AUTH " + mechanism, "PIPELINING"],
            {user: password},
            manner,
            username=user,
            password=password,
        )
        check_sent(played, mechanism, user, password)

    for mechanism in WITH_PASSWORD:
        cases = []
        for name, user, password in NAMES:
            cases.append(("%s, %s" % (mechanism, name), mechanism, user, password))
        if mechanism != "SCRAM-SHA-256":
            in_every_manner(check, cases)
        else:  # fewer links: the rounds are slow
            in_every_manner(check, cases, MANNERS[:1])
            in_every_manner(check, cases[:1], MANNERS[-1:] + FAR[1:2])


def test_each_token_mechanism_logs_in():
    def check(manner, mechanism, user, token):
        keywords = ["AUTH " + mechanism, "PIPELINING"]
        played = play(keywords, {user: token}, manner, username=user, token=token)
        check_sent(played, mechanism, user, token)

    cases = []
    for mechanism in WITH_TOKEN:
        for name, user, token in (
            ("plain", USER, TOKEN),
            ("long", USER, "x" * 2000 + "=="),
            ("very long", USER, "-._~+/" * 900),
            ("no ASCII name", BEYOND_ASCII, TOKEN),
            ("comma and equals sign", "a=b,c", TOKEN),
        ):
            cases.append(("%s, %s" % (mechanism, name), mechanism, user, token))
    in_every_manner(check, cases)


def test_token_without_a_username_uses_oauthbearer():
    """RFC 7628 3.1: the token may identify the user. XOAUTH2 always has a name."""
    played = play(["AUTH XOAUTH2 OAUTHBEARER"], {"": TOKEN}, token=TOKEN)
    check_sent(played, "OAUTHBEARER", "", TOKEN)


def test_strongest_offered_mechanism_is_used():
    def check(name, keywords, mechanism, options):
        played = play(keywords, {USER: options.get("token", PASSWORD)}, username=USER, **options)
        same("tried", tried(played), [mechanism])
        same("result", hssmtp.event_name(played.client.result), "SENT")

    cases = []
    for options, order in (
        ({"password": PASSWORD}, WITH_PASSWORD),
        ({"token": TOKEN}, WITH_TOKEN),
    ):
        for n in range(len(order)):
            offered = order[n:]
            for words in offered, offered[::-1], ["GSSAPI"] + offered + ["NTLM"]:
                for frame in "AUTH %s", "AUTH=%s", "auth %s":
                    keyword = frame % " ".join(words)
                    cases.append((keyword, [keyword], order[n], options))
                keyword = "AUTH " + " ".join(words).lower()
                # RFC 4422 3.1 has capitals only; other servers mean the same.
                cases.append((keyword, [keyword], order[n], options))
            # Old and new form, on two lines.
            lines = ["AUTH=" + offered[0]] + ["AUTH " + word for word in offered[1:]]
            cases.append(("%s" % lines, lines, order[n], options))
            cases.append(("%s" % lines[::-1], lines[::-1], order[n], options))
    cases.append(("all, a password", [EVERY], WITH_PASSWORD[0], {"password": PASSWORD}))
    cases.append(("all, a token", [EVERY], WITH_TOKEN[0], {"token": TOKEN}))
    check_table(cases, check)


def test_unknown_mechanisms_are_unsupported():
    def check(name, keywords, options):
        check_failed(play(keywords, **options), "ERROR_UNSUPPORTED", False)

    token = {"username": USER, "token": TOKEN}
    named = {"username": USER, "password": PASSWORD, "auth": "SCRAM-SHA-256"}
    check_table(
        (
            ("no AUTH", [], LOGIN),
            ("an empty AUTH", ["AUTH"], LOGIN),
            ("AUTH=", ["AUTH="], LOGIN),
            ("others", ["AUTH GSSAPI NTLM SCRAM-SHA-1 XPLAIN LOGINS"], LOGIN),
            ("SCRAM with channel binding only", ["AUTH SCRAM-SHA-256-PLUS"], LOGIN),
            ("tokens only", ["AUTH XOAUTH2 OAUTHBEARER"], LOGIN),
            ("passwords only", ["AUTH " + " ".join(WITH_PASSWORD)], token),
            ("named", ["AUTH PLAIN LOGIN CRAM-MD5"], named),
            ("another keyword", ["XAUTH PLAIN", "AUTHX PLAIN", "AUTH-PLAIN"], LOGIN),
        ),
        check,
    )


def test_auth_names_the_only_mechanism():
    for mechanism in WITH_PASSWORD:
        check_sent(play([EVERY], auth=mechanism, **LOGIN), mechanism)
    for mechanism in WITH_TOKEN:
        options = {"username": USER, "token": TOKEN, "auth": mechanism}
        check_sent(play([EVERY], {USER: TOKEN}, **options), mechanism, USER, TOKEN)


def test_invalid_arguments_raise():
    def check(name, options):
        try:
            hssmtp.Client("mail.example.com", insecure=True, **options)
        except ValueError:
            return
        raise AssertionError("nobody minded")

    none = {"security": "none"}
    token = {"username": USER, "token": TOKEN}
    cases = [
        ("another mechanism", {"auth": "GSSAPI"}, LOGIN),
        ("nothing", {"auth": ""}, LOGIN),
        ("XOAUTH2 without a name", {"token": TOKEN, "auth": "XOAUTH2"}),
        ("SCRAM without a password", {"auth": "SCRAM-SHA-256"}, token),
        ("XOAUTH2 without a token", {"auth": "XOAUTH2"}, LOGIN),
        ("a mechanism and nobody", {"auth": "PLAIN"}),
        ("in the clear", none, LOGIN),
        ("a token in the clear", none, token),
        ("PLAIN in the clear", none, LOGIN, {"auth": "PLAIN"}),
        ("LOGIN in the clear", none, LOGIN, {"auth": "LOGIN"}),
        ("XOAUTH2 in the clear", none, token, {"auth": "XOAUTH2"}),
        ("a line end in a token", {"username": USER, "token": "a\r\nb"}),
        ("a control in a token", {"username": USER, "token": "a\1auth=b"}),
        ("a control in a name", {"username": "a\1b", "token": TOKEN}),
    ]
    table = []
    for case in cases:
        options = {}
        for some in case[1:]:
            options.update(some)
        table.append((case[0], options))
    check_table(table, check)


def test_scram_and_cram_md5_log_in_without_tls():
    """Neither reveals the password."""
    for mechanism in "SCRAM-SHA-256", "CRAM-MD5":
        check_sent(play([EVERY], security="none", auth=mechanism, **LOGIN), mechanism)


def test_nothing_is_sent_in_the_clear_before_starttls():
    server = Server(["STARTTLS", EVERY], ["AUTH PLAIN"], users={USER: PASSWORD})
    played = Play(server, security="starttls", **LOGIN).send(mail())
    same("commands", played.server.commands[1:4], ["EHLO [127.0.0.1]", "STARTTLS", "<TLS>"])
    same("tried", tried(played), ["PLAIN"])
