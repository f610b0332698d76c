"""Tokens: error challenges, and functions that fetch a token."""

import hssmtp
from logins import EVERY, TOKEN, USER, WITH_TOKEN, check_failed, play, tried
from scripted import (
    Play,
    Server,
    check_table,
    in_every_manner,
    mail,
    same,
    state,
)


def test_error_challenge_of_a_token_is_answered():
    """RFC 7628 3.2.3: the client sends an empty response, and the server replies 535."""

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
    """A server that continues gets no more responses."""
    for mechanism in WITH_TOKEN:
        replies = {"AUTH": "334 e30=", "RESPONSE": "334 e30="}
        server = Server(["AUTH " + mechanism], users={}, replies=replies, strict=False)
        played = Play(server, security="tls", username=USER, token="x").send(mail())
        same("result", hssmtp.event_name(played.client.result), "FAILED")
        same("responses", server.commands.count("<response>") < 3, True)


def test_missing_token_pauses_the_mail():
    """None pauses the mail; resume() calls the function again."""

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
            for _ in range(50):  # nothing happens
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
    """The token may have changed."""
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
