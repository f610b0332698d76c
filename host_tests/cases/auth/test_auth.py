"""AUTH (RFC 4954): each mechanism by its RFC, the strongest first, and a server that lies."""

from binascii import b2a_base64

import hssmtp
from scripted import (
    FAR,
    FEW,
    MANNERS,
    Play,
    Server,
    check_table,
    in_every_manner,
    mail,
    same,
    state,
)
from scripted_sasl import Exchange

USER = "boiler@example.com"
PASSWORD = "correct horse battery"
LOGIN = {"username": USER, "password": PASSWORD}
CLEAR = {"allow_plaintext_auth": True}
TOKEN = "ya29.vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg"
BEYOND_ASCII = "Pa\u00dfwort \u96ea"
EVERY = "AUTH LOGIN PLAIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER GSSAPI SCRAM-SHA-1"

# The strongest first.
WITH_PASSWORD = ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"]
WITH_TOKEN = ["OAUTHBEARER", "XOAUTH2"]


def play(keywords, users=None, manner=None, replies=None, scram=None, **options):
    if "security" not in options:
        options["security"] = "tls"
    server = Server(keywords, users=users or {USER: PASSWORD}, replies=replies, scram=scram)
    return Play(server, manner=manner, **options).send(mail())


def tried(played):
    """The mechanisms that were tried, in their order."""
    return [line.split(" ")[1] for line in played.server.commands if line[:5] == "AUTH "]


def check_sent(played, mechanism, user=USER, password=PASSWORD):
    client = played.client
    same("logins", played.server.logins, [(mechanism, user, password)])
    same("result", hssmtp.event_name(client.result), "SENT")
    same("tried", tried(played), [mechanism])


def check_failed(played, error, transient, code=None):
    client = played.client
    same("result", hssmtp.event_name(client.result), "FAILED")
    same("error", hssmtp.error_name(client.error), error)
    same("transient", (client.transient, client.in_doubt), (transient, False))
    same("MAIL", [line for line in played.server.commands if line[:4] == "MAIL"], [])
    same("link", played.link.is_open, False)
    if code:
        same("reply", client.reply_code, code)


# Each by itself

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
        else:  # its rounds take a while
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
    """RFC 7628 3.1: it may tell by itself whose it is. XOAUTH2 always has a name."""
    played = play(["AUTH XOAUTH2 OAUTHBEARER"], {"": TOKEN}, token=TOKEN)
    check_sent(played, "OAUTHBEARER", "", TOKEN)


# Which one


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
                # RFC 4422 3.1 has capitals only, and a server that hasn't means the same.
                cases.append((keyword, [keyword], order[n], options))
            # Of old servers and new ones: on two lines.
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


def test_plaintext_mechanisms_need_tls_or_permission():
    """These two don't show the password."""
    for mechanism in "SCRAM-SHA-256", "CRAM-MD5":
        check_sent(play([EVERY], security="none", auth=mechanism, **LOGIN), mechanism)


def test_nothing_is_sent_in_the_clear_before_starttls():
    server = Server(["STARTTLS", EVERY], ["AUTH PLAIN"], users={USER: PASSWORD})
    played = Play(server, security="starttls", **LOGIN).send(mail())
    same("commands", played.server.commands[1:4], ["EHLO [127.0.0.1]", "STARTTLS", "<TLS>"])
    same("tried", tried(played), ["PLAIN"])


# Refused

REFUSALS = (
    ("535 5.7.8 wrong", False),
    ("534 5.7.9 too weak", False),
    ("538 5.7.11 encrypt first", False),
    ("530 5.7.0 no", False),
    ("454 4.7.0 later", True),
    ("432 4.7.12 a new password is needed", True),
    ("421 4.3.2 bye", True),
)


def test_refused_login_is_an_auth_error():
    """The only one that is offered."""

    def check(manner, mechanism, said, transient):
        options = {"username": USER, "password": PASSWORD}
        if mechanism in WITH_TOKEN:
            options = {"username": USER, "token": TOKEN}
        step = "AUTH" if mechanism in ("PLAIN", "OAUTHBEARER", "XOAUTH2") else "RESPONSE"
        played = play(["AUTH " + mechanism], None, manner, {step: said}, **options)
        error = "ERROR_CLOSED" if said[:3] == "421" else "ERROR_AUTH"
        check_failed(played, error, transient, int(said[:3]))
        same("state", state(played.client), step)
        same("tried", tried(played), [mechanism])

    cases = []
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] + WITH_TOKEN:
        for said, transient in REFUSALS:
            cases.append(("%s, %s" % (mechanism, said), mechanism, said, transient))
    in_every_manner(check, cases)


def test_refused_scram_is_an_auth_error():
    """Behind the first response, and behind the second."""
    for replies in {"AUTH": "%s"}, {"RESPONSE": "%s"}:
        for said, transient in REFUSALS:
            answered = {}
            for step in replies:
                answered[step] = said
            played = play(["AUTH SCRAM-SHA-256"], replies=answered, **LOGIN)
            error = "ERROR_CLOSED" if said[:3] == "421" else "ERROR_AUTH"
            check_failed(played, error, transient, int(said[:3]))


def test_refused_mechanism_leads_to_the_next_over_tls():
    """Some servers offer mechanisms that do not work, or not now, or not for this user."""

    def check(name, said, options, order):
        options = dict(options)
        options["username"] = USER
        for good in range(len(order)):
            users = {USER: options.get("token", PASSWORD)}
            played = play([EVERY], users, replies={"AUTH": [said] * good}, **options)
            same("tried", tried(played), order[: good + 1])
            same("result", hssmtp.event_name(played.client.result), "SENT")
        played = play([EVERY], replies={"AUTH": said}, **options)
        same("tried", tried(played), order)
        check_failed(played, "ERROR_AUTH", said[0] == "4", int(said[:3]))

    cases = []
    for said in (
        "501 5.5.2 no initial response",
        "502 5.5.1 not implemented",
        "504 5.5.4 not known",
        "534 5.7.9 too weak",
        "535 not by this one",
        "454 4.7.0 later",
        "432 4.7.12 a transition is needed",
    ):
        cases.append((said, said, {"password": PASSWORD}, WITH_PASSWORD))
        cases.append((said + ", token", said, {"token": TOKEN}, WITH_TOKEN))
    check_table(cases, check)


def test_wrong_password_is_tried_once_a_mail():
    """RFC 4954 6, 535 5.7.8: it is the password, and accounts get locked."""

    def check(name, said, options, good):
        replies = {"AUTH": ["504 5.5.4 not known"] * good + [said]}
        played = play([EVERY], replies=replies, username=USER, **options)
        same("tried", len(tried(played)), good + 1)
        check_failed(played, "ERROR_AUTH", False, 535)

    cases = []
    for said in "535 5.7.8 wrong", "535 5.7.8", "535-5.7.8 Username and\r\n535 5.7.8 password":
        for good in 0, 1, 2, 3:
            cases.append(("%s, %d" % (said, good), said, {"password": PASSWORD}, good))
        for good in 0, 1:
            cases.append(("%s, token, %d" % (said, good), said, {"token": TOKEN}, good))
    check_table(cases, check)


def test_mechanism_refused_for_now_makes_the_error_transient():
    """Unless the password is wrong."""
    for last, transient in ("504 5.5.4 not known", True), ("535 5.7.8 wrong", False):
        played = play([EVERY], replies={"AUTH": ["454 4.7.0 later"] + [last] * 3}, **LOGIN)
        check_failed(played, "ERROR_AUTH", transient, int(last[:3]))


def test_no_other_mechanism_after_a_wrong_password_or_auth():
    """Not behind a wrong password, not where one was named, not in the clear."""

    def check(name, mechanism, said, options):
        options = dict(options)
        options.setdefault("username", USER)
        options.setdefault("password", PASSWORD)
        played = play([EVERY], replies={"AUTH": said}, **options)
        same("tried", tried(played), [mechanism])
        same("error", hssmtp.error_name(played.client.error), "ERROR_AUTH")

    no = "535 no"
    clear = {"security": "none", "allow_plaintext_auth": True}
    check_table(
        (
            ("the password", "SCRAM-SHA-256", "535 5.7.8 no", {}),
            ("named", "CRAM-MD5", no, {"auth": "CRAM-MD5"}),
            ("named, SCRAM", "SCRAM-SHA-256", no, {"auth": "SCRAM-SHA-256"}),
            ("in the clear", "SCRAM-SHA-256", no, clear),
            ("in the clear, later", "SCRAM-SHA-256", "454 4.7.0 later", clear),
            ("in the clear, not known", "SCRAM-SHA-256", "504 5.5.4 not known", clear),
        ),
        check,
    )


def test_next_mechanism_without_tls_shows_no_more():
    """LOGIN shows what PLAIN has shown already."""
    played = play(
        ["AUTH PLAIN LOGIN"],
        replies={"AUTH": ["504 5.5.4 not known"]},
        security="none",
        allow_plaintext_auth=True,
        **LOGIN,
    )
    same("tried", tried(played), ["PLAIN", "LOGIN"])
    same("result", hssmtp.event_name(played.client.result), "SENT")


# LOGIN and PLAIN as servers have them


class ForgetfulExchange(Exchange):
    """A server that takes no notice of an initial response."""

    def answer(self, line, initial):
        return self.begin() if initial else Exchange.answer(self, line, initial)


class StrictExchange(Exchange):
    """A server that refuses an initial response."""

    def answer(self, line, initial):
        return "501 5.5.4 no argument" if initial else Exchange.answer(self, line, initial)


def test_server_without_initial_response_support():
    """LOGIN has none, so that the password never answers the prompt for the name."""

    def check(manner, mechanism, is_refused):
        exchange = StrictExchange if is_refused else ForgetfulExchange
        server = Server(["AUTH " + mechanism], users={USER: PASSWORD}, exchange=exchange)
        played = Play(server, manner=manner, security="tls", **LOGIN).send(mail())
        check_sent(played, mechanism)

    in_every_manner(
        check,
        (
            ("LOGIN, 501", "LOGIN", True),
            ("LOGIN, asks for the name", "LOGIN", False),
            ("PLAIN, asks for it", "PLAIN", False),
        ),
    )


def test_repeated_username_prompt_never_gets_the_password():
    """A server that asks for the name twice does not get it; another mechanism may follow."""
    for prompt in "Username:", "User Name\0", "username", "User":
        said = "334 " + b2a_base64(prompt.encode()).decode().strip()
        server = Server(["AUTH LOGIN"], users={USER: PASSWORD}, replies={"RESPONSE": [said]})
        played = Play(server, security="tls", **LOGIN).send(mail())
        check_failed(played, "ERROR_PROTOCOL", False, 501)
        same("logins", server.logins, [])
        same("commands", server.commands[-3:], ["<response>", "<cancel>", "QUIT"])


def test_invalid_challenge_is_cancelled():
    """RFC 4954 4: by "*"; the next mechanism follows over TLS."""

    def check(manner, mechanism, replies, following, tls):
        keywords = ["AUTH " + " ".join([mechanism] + following)]
        server = Server(keywords, users={USER: PASSWORD}, replies=replies)
        options = {"security": "tls"} if tls else dict(CLEAR)
        played = Play(server, manner=manner, **options, **LOGIN).send(mail())
        same("cancelled", server.commands.count("<cancel>"), 1)
        if following and tls:
            same("tried", tried(played), [mechanism] + following)
            same("result", hssmtp.event_name(played.client.result), "SENT")
        else:
            check_failed(played, "ERROR_PROTOCOL", False, 501)
            same("tried", tried(played), [mechanism])

    cases = []
    for mechanism, said in ("CRAM-MD5", "334 no!base64"), ("SCRAM-SHA-256", "334 cj0="):
        for following in ["PLAIN"], ["LOGIN"], []:
            for tls in True, False:
                name = "%s, %s, %s" % (mechanism, following, tls)
                # AUTH SCRAM-SHA-256 has an initial response, AUTH CRAM-MD5 has not.
                cases.append((name, mechanism, {"AUTH": [said]}, following, tls))
    in_every_manner(check, cases, FEW)


def test_reply_to_a_cancelled_exchange():
    """All but a refusal is none."""
    for said in "334 ", "235 2.7.0 welcome", "250 ok":
        server = Server(["AUTH CRAM-MD5 PLAIN"], users={USER: PASSWORD}, strict=False)
        server.replies = {"AUTH": ["334 no!base64"], "RESPONSE": said}
        played = Play(server, security="tls", **LOGIN).send(mail())
        check_failed(played, "ERROR_PROTOCOL", False)
        same("tried", tried(played), ["CRAM-MD5"])


def test_each_connection_begins_with_the_strongest():
    server = Server([EVERY], users={USER: PASSWORD}, replies={"AUTH": ["535 no"]})
    played = Play(server, security="tls", **LOGIN).send(mail()).send(mail())
    same("tried", tried(played), ["SCRAM-SHA-256", "CRAM-MD5", "SCRAM-SHA-256"])
    same("mails", len(server.mails), 2)


# Tokens


def test_error_challenge_of_a_token_is_answered():
    """RFC 7628 3.2.3: the server asserts that the right nothing comes, and then says 535."""

    def check(manner, mechanism):
        played = play(["AUTH " + mechanism], None, manner, username=USER, token="old")
        check_failed(played, "ERROR_AUTH", False, 535)
        same("responses", played.server.commands[4:], ["<response>", "QUIT"])
        same("tried", tried(played), [mechanism])

    in_every_manner(check, [(mechanism, mechanism) for mechanism in WITH_TOKEN])


def test_refused_token_without_an_error_challenge():
    for mechanism in WITH_TOKEN:
        replies = {"AUTH": "535 5.7.8 no"}
        played = play(["AUTH " + mechanism], replies=replies, username=USER, token="old")
        check_failed(played, "ERROR_AUTH", False, 535)


def test_endless_error_challenges_end():
    """A server that goes on asking gets no more answers."""
    for mechanism in WITH_TOKEN:
        replies = {"AUTH": "334 e30=", "RESPONSE": "334 e30="}
        server = Server(["AUTH " + mechanism], users={}, replies=replies, strict=False)
        played = Play(server, security="tls", username=USER, token="x").send(mail())
        same("result", hssmtp.event_name(played.client.result), "FAILED")
        same("responses", server.commands.count("<response>") < 3, True)


def test_missing_token_pauses_the_mail():
    """None: the mail is paused, and asked for again behind resume()."""

    def check(manner, mechanism, times):
        asked = []

        def token():
            asked.append(None)
            return TOKEN if len(asked) > times else None

        paused = []

        def on_event(client, event):
            if event == hssmtp.PAUSED:
                paused.append(state(client))

        server = Server(["AUTH " + mechanism], users={USER: TOKEN})
        played = Play(server, on_event, manner=manner, security="tls", username=USER, token=token)
        client = played.client
        client.send_mail(mail())
        for _ in range(times):
            count = len(paused)
            while len(paused) == count:
                played.now += 1
                client.tick(played.now)
            logins = len(server.commands)
            for _ in range(50):  # nothing moves
                played.now += 1000
                same("more to do", client.tick(played.now), True)
            same("commands", len(server.commands), logins)
            client.resume()
        played.run()
        same("result", hssmtp.event_name(client.result), "SENT")
        same("logins", server.logins, [(mechanism, USER, TOKEN)])
        same("asked", len(asked), times + 1)

    cases = []
    for mechanism in WITH_TOKEN:
        for times in 0, 1, 3:
            cases.append(("%s, %d" % (mechanism, times), mechanism, times))
    in_every_manner(check, cases)


def test_token_function_is_called_for_each_connection():
    """It may have become another one meanwhile."""
    tokens = ["second", "first"]
    server = Server([EVERY], users={USER: "first"})
    played = Play(server, security="tls", username=USER, token=lambda: tokens.pop())
    played.send(mail())
    server.users = {USER: "second"}
    played.send(mail())
    found = [("OAUTHBEARER", USER, "first"), ("OAUTHBEARER", USER, "second")]
    same("logins", server.logins, found)


def test_failing_token_function_fails_the_mail():
    def check(name, what, kind):
        def token():
            if isinstance(what, Exception):
                raise what
            return what

        played = play([EVERY], username=USER, token=token)
        check_failed(played, "ERROR_AUTH", False)
        same("cause", isinstance(played.client.cause, kind), True)
        same("tried", tried(played), [])

    check_table(
        (
            ("OSError", OSError(5), OSError),
            ("KeyError", KeyError("x"), KeyError),
            ("ValueError", ValueError("x"), ValueError),
            ("a line end in it", "a\r\nQUIT", ValueError),
            ("a control in it", "a\1b", ValueError),
        ),
        check,
    )


# SCRAM, and a server that lies


def scram(**lies):
    return play(["AUTH SCRAM-SHA-256 PLAIN"], scram=lies, **LOGIN)


def test_invalid_first_scram_message_is_an_auth_error():
    """No proof goes out. The next mechanism follows, but only over TLS."""

    def check(name, first):
        played = play(["AUTH SCRAM-SHA-256"], scram={"first": first}, **LOGIN)
        check_failed(played, "ERROR_PROTOCOL", False)
        same("commands", played.server.commands[-2:], ["<cancel>", "QUIT"])
        same("responses", "<response>" in played.server.commands, False)
        same("logins", played.server.logins, [])
        played = scram(first=first)
        same("tried", tried(played), ["SCRAM-SHA-256", "PLAIN"])
        same("logins", played.server.logins, [("PLAIN", USER, PASSWORD)])

    good = "r={client}{nonce},s={salt},i=4096"
    check_table(
        (
            ("another nonce", "r=x{nonce},s={salt},i=4096"),
            ("a nonce that begins later", "r=x{client}{nonce},s={salt},i=4096"),
            ("the nonce in small letters", "r={nonce}{client},s={salt},i=4096"),
            ("nothing of its own", "r={client},s={salt},i=4096"),
            ("no nonce", "s={salt},i=4096"),
            ("an empty nonce", "r=,s={salt},i=4096"),
            ("no salt", "r={client}{nonce},i=4096"),
            ("an empty salt", "r={client}{nonce},s=,i=4096"),
            ("a salt that is no base64", "r={client}{nonce},s=W22Za_0SNY7s,i=4096"),
            ("a salt that is cut", "r={client}{nonce},s=W22ZaJ0SNY7,i=4096"),
            ("no rounds", "r={client}{nonce},s={salt}"),
            ("rounds of nothing", "r={client}{nonce},s={salt},i="),
            ("0 rounds", "r={client}{nonce},s={salt},i=0"),
            ("1 round", "r={client}{nonce},s={salt},i=1"),
            ("4,095 rounds", "r={client}{nonce},s={salt},i=4095"),
            ("1,000,000 rounds", "r={client}{nonce},s={salt},i=1000000"),
            ("rounds for ever", "r={client}{nonce},s={salt},i=99999999999999999999"),
            ("2**32 + 4096 rounds", "r={client}{nonce},s={salt},i=4294971392"),
            ("negative rounds", "r={client}{nonce},s={salt},i=-4096"),
            ("rounds with a sign", "r={client}{nonce},s={salt},i=+4096"),
            ("rounds with a space", "r={client}{nonce},s={salt},i= 4096"),
            ("rounds with a letter", "r={client}{nonce},s={salt},i=4096x"),
            ("rounds in hexadecimal", "r={client}{nonce},s={salt},i=0x1000"),
            ("another order", "s={salt},r={client}{nonce},i=4096"),
            ("what must be understood", "m=x," + good),  # RFC 5802 5.1
            ("an error", "e=unknown-user"),
            ("nothing", ""),
            ("rubbish", "\x00\x01\x02"),
            ("commas", ",,,,"),
        ),
        check,
    )


def test_invalid_server_signature_is_an_auth_error():
    """Who can't prove that it knows the password isn't the server that is meant."""

    def check(name, final):
        played = scram(final=final)
        client = played.client
        check_failed(played, "ERROR_AUTH", False)
        same("tried", tried(played), ["SCRAM-SHA-256"])
        same("proof", played.server.logins[0], ("SCRAM-SHA-256", USER, PASSWORD))
        same("READY", "READY" in played.events, False)
        same("explained", len(hssmtp.explain(client)) > 20, True)

    signature = b2a_base64(bytes(32))[:-1].decode()
    check_table(
        (
            ("another signature", "v=" + signature),
            ("a short one", "v=AAAA"),
            ("a longer one", "v={signature}AAAA"),
            ("an empty one", "v="),
            ("none, and no word of it", None),
            ("nothing", ""),
            ("without its letter", "{signature}"),
            ("an error", "e=other-error"),
        ),
        check,
    )


def test_invalid_base64_in_the_server_signature():
    """Malformed is malformed, whoever said it."""
    for said in "334 dj0*", "334 !", "334 dj", "334 " + "dj0x" * 200:
        replies = {"RESPONSE": [said]}
        played = play(["AUTH SCRAM-SHA-256 PLAIN"], replies=replies, **LOGIN)
        client = played.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        error = hssmtp.error_name(client.error)
        same("error %s" % error, error in ("ERROR_PROTOCOL", "ERROR_AUTH"), True)
        same("tried", tried(played), ["SCRAM-SHA-256"])


def test_invalid_base64_in_a_challenge():
    """PLAIN and LOGIN have prompts that are for people only; the others have to be read."""

    def check(name, mechanism, said):
        replies = {"AUTH": said}
        played = play(["AUTH %s PLAIN" % mechanism], replies=replies, auth=mechanism, **LOGIN)
        check_failed(played, "ERROR_PROTOCOL", False)
        same("tried", tried(played), [mechanism])
        same("responses", "<response>" in played.server.commands, False)

    cases = []
    for mechanism in "CRAM-MD5", "SCRAM-SHA-256":
        for said in (
            "334 *",
            "334 !!!!",
            "334 PDE4OTYu*Y5",
            "334 PDE4O",
            "334 PDE4OQ",
            "334 PDE4OQ=",
            "334 PDE4OQ===",
            "334 =",
            "334 ====",
            "334 PDE4 OTYu",
            "334 PDE4=OTY",
            "334-PDE4\r\n334 OTYu",
            b"334 \xff\xfe\r\n",
        ):
            cases.append(("%s, %r" % (mechanism, said), mechanism, said))
    check_table(cases, check)


def test_challenge_that_is_too_long():
    """Nothing grows: it ends, one way or the other."""
    for mechanism in "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER":
        options = (
            {"username": USER, "token": "x"} if "B" in mechanism or "X" in mechanism else LOGIN
        )
        replies = {"AUTH": ["334 " + "QUJD" * 450]}
        server = Server(["AUTH " + mechanism], users={}, replies=replies, strict=False)
        played = Play(server, security="tls", auth=mechanism, **options).send(mail())
        same("result", hssmtp.event_name(played.client.result), "FAILED")


def test_surplus_challenge_is_an_error():
    """Behind the last word there is nothing left to say."""
    for mechanism in "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256":
        replies = {"RESPONSE": "334 YQ==", "AUTH": None}
        if mechanism == "PLAIN":
            replies["AUTH"] = "334 YQ=="
        else:
            del replies["AUTH"]
        server = Server(
            ["AUTH " + mechanism], users={USER: PASSWORD}, replies=replies, strict=False
        )
        played = Play(server, security="tls", **LOGIN).send(mail(), 60000)
        same("result", hssmtp.event_name(played.client.result), "FAILED")
        same("responses", server.commands.count("<response>") <= 3, True)


def test_success_without_a_server_proof_is_an_error():
    """A server that lets SCRAM in at once has proved nothing; one that lets CRAM-MD5 in may."""
    played = play(["AUTH SCRAM-SHA-256"], replies={"AUTH": "235 2.7.0 welcome"}, **LOGIN)
    check_failed(played, "ERROR_AUTH", False)


def test_scram_computes_a_few_rounds_a_tick():
    """The rounds are spread: 16 a tick."""
    server = Server(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD}, scram={"iterations": 5000})
    played = Play(server, security="tls", **LOGIN)
    client = played.client
    client.send_mail(mail())
    ticks = 0
    while not client.result:
        played.now += 1
        client.tick(played.now)
        ticks += state(client) in ("AUTH", "RESPONSE")
    same("result", hssmtp.event_name(client.result), "SENT")
    same("%d ticks" % ticks, 5000 // 16 <= ticks < 700, True)


def test_salted_password_is_kept_for_the_next_login():
    """For the next connection; another salt or other rounds make it anew."""
    server = Server(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD})
    played = Play(server, security="tls", **LOGIN)
    client = played.client
    counts = []
    for change in {}, {}, {"iterations": 4097}, {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="}, {}:
        server.scram = dict(server.scram)
        server.scram.update(change)
        client.send_mail(mail())
        ticks = 0
        while not client.result:
            played.now += 1
            client.tick(played.now)
            ticks += 1
        played.run()
        same("result", hssmtp.event_name(client.result), "SENT")
        counts.append(ticks > 256)
    same("computed", counts, [True, False, True, True, False])


def test_abort_during_the_scram_rounds():
    server = Server(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD})
    played = Play(server, security="tls", **LOGIN)
    played.client.send_mail(mail())
    while "AUTH" not in " ".join(server.commands):
        played.now += 1
        played.client.tick(played.now)
    for _ in range(50):
        played.now += 1
        played.client.tick(played.now)
    played.client.abort_mail()
    same("result", hssmtp.event_name(played.client.result), "ABORTED")
    played.send(mail())
    same("next mail", hssmtp.event_name(played.client.result), "SENT")


def test_nonce_differs_each_time():
    first = []

    class Listening(Server):
        def _take_response(self, line, step):
            if step == "AUTH":
                first.append(line)
            Server._take_response(self, line, step)

    server = Listening(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD})
    played = Play(server, security="tls", **LOGIN)
    for _ in range(3):
        played.send(mail())
    same("nonces", len(set(first)), 3)
