"""A mechanism that is refused or gets a bad challenge: the next one, or an error."""

from binascii import b2a_base64

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
    FEW,
    Play,
    Server,
    check_table,
    in_every_manner,
    mail,
    same,
    state,
)
from scripted_sasl import Exchange

CLEAR = {"allow_plaintext_auth": True}
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
    """The only offered mechanism."""

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
    """After the first response, and after the second."""
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
    """RFC 4954 6: 535 5.7.8 means a wrong password, and accounts get locked."""

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


def test_login_that_may_not_try_another_mechanism_fails():
    """Not after a wrong password, not with `auth`, not without TLS."""

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
    """LOGIN reveals no more than PLAIN did."""
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
    """A server that ignores an initial response."""

    def answer(self, line, initial):
        return self.begin() if initial else Exchange.answer(self, line, initial)


class StrictExchange(Exchange):
    """A server that refuses an initial response."""

    def answer(self, line, initial):
        return "501 5.5.4 no argument" if initial else Exchange.answer(self, line, initial)


def test_server_without_initial_response_support():
    """LOGIN has no initial response: the password never answers the prompt for the name."""

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
    """A server that asks for the name twice does not get the password."""
    for prompt in "Username:", "User Name\0", "username", "User":
        said = "334 " + b2a_base64(prompt.encode()).decode().strip()
        server = Server(["AUTH LOGIN"], users={USER: PASSWORD}, replies={"RESPONSE": [said]})
        played = Play(server, security="tls", **LOGIN).send(mail())
        check_failed(played, "ERROR_PROTOCOL", False, 501)
        same("logins", server.logins, [])
        same("commands", server.commands[-3:], ["<response>", "<cancel>", "QUIT"])


def test_invalid_challenge_is_cancelled():
    """RFC 4954 4: cancelled with "*"; over TLS the next mechanism follows."""

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
    """Other replies than a refusal are errors."""
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
