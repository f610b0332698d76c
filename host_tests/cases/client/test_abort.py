"""abort_mail() at every event and every tick, and on a kept connection."""

import hssmtp
from control import GIVE_UP, HOUR, TO, check_given_up, check_next_mail, give_up_at, letter, play
from scripted import mail, same, state


def test_abort_in_the_callback_at_each_event():
    def check(name, event, how):
        check_given_up(play(event, how).send(letter()))

    give_up_at(check)


def test_abort_between_ticks():
    def check(name, event, how):
        played = play()
        client = played.client
        client.send_mail(letter())
        while event not in played.events:
            played.now += 1
            same("more to do", client.tick(played.now), True)
        how(client)
        check_given_up(played)

    give_up_at(check)


def test_abort_at_every_tick():
    """In every state of connection and dialogue, at every tick."""
    seen = []
    for _, how in GIVE_UP:
        turn = 0
        while True:
            played = play(manner={"block": True})
            played.server.tls_keywords = ["AUTH LOGIN"]
            client = played.client
            client.send_mail(mail(TO))
            for _ in range(turn):
                played.now += 1
                client.tick(played.now)
            if client.result:
                break
            turn += 1
            taken = len(played.server.texts)
            if state(client) not in seen:
                seen.append(state(client))
            how(client)
            same("result", client.result, hssmtp.ABORTED)
            same("in_doubt", client.in_doubt, bool(taken))
            same("link", played.link.is_open, False)
            same("tick", client.tick(played.now), False)
    same(
        "states",
        " ".join(seen),
        "IDLE RESOLVING CONNECTING GREETING EHLO STARTTLS SECURING"
        " AUTH RESPONSE MAIL RCPT DATA TEXT",
    )


def test_abort_without_a_mail_does_nothing():
    for how in hssmtp.Client.abort_mail, hssmtp.Client.deinit, hssmtp.Client.resume:
        played = play()
        how(played.client)
        same("events", played.events, [])
        same("result", played.client.result, None)
        same("tick", played.client.tick(0), False)
        check_next_mail(played)
        how(played.client)
        same("result", played.client.result, hssmtp.SENT)
        same("ABORTED", "ABORTED" in played.events, False)
        how(played.client)
        check_next_mail(played)


def test_abort_on_a_kept_connection():
    played = play(keep_open_ms=HOUR).send(letter())
    same("link", played.link.is_open, True)
    played.client.abort_mail()
    same("link", played.link.is_open, True)
    played.client.deinit()
    same("link", played.link.is_open, False)
    same("result", played.client.result, hssmtp.SENT)
    same("tick", played.client.tick(played.now), False)
