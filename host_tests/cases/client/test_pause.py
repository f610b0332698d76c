"""PAUSE and resume(): nothing happens in between, at any point of a mail."""

import hssmtp
from control import (
    EVENTS,
    HOUR,
    SERVER,
    TLS_AND_LOGIN,
    CountingLink,
    check_given_up,
    check_next_mail,
    give_up_at,
    letter,
    play,
    until_paused,
)
from scripted import Files, Play, Server, check_table, mail, same


def pause(client):
    return hssmtp.PAUSE


def test_pause_stops_all_work_until_resume():
    """Nothing happens and no timeout runs until resume()."""

    def check(event):
        link = CountingLink(Server(**SERVER))
        link.server.replies = {"RCPT b@example.com": "550 5.1.1 unknown"}
        played = play(event, pause, link=link, keep_open_ms=1000)
        played.server = link.server
        client = played.client
        client.send_mail(letter())
        until_paused(played)
        same("PAUSED", played.events[-2:], [event, "PAUSED"])
        calls = link.calls
        heard = len(played.events)
        for _ in range(20):
            same("to sleep", client.idle_ms(played.now), HOUR)
            same("tick", client.tick(played.now), True)
            played.now += HOUR
        same("calls", link.calls, calls)
        same("events", len(played.events), heard)
        client.resume()
        same("to sleep", client.idle_ms(played.now) < HOUR, True)
        played.run()
        same("result", client.result, hssmtp.SENT)
        same("PAUSED", played.events.count("PAUSED"), 1)
        played.now += 1000
        client.tick(played.now)
        played.run()
        same("link", link.is_open, False)

    check_table([(event,) for event in EVENTS], lambda event: Files().watch(check, event))


def test_pause_within_a_file():
    """Nothing is sent while paused, also within the blocks of a file."""

    def check():
        link = CountingLink(Server())
        bytes_sent = []

        def on_event(client, event):
            if event == hssmtp.PROGRESS:
                bytes_sent.append(client.bytes_sent)
                return hssmtp.PAUSE

        played = Play(link.server, on_event, link=link)
        client = played.client
        with open("log", "wb") as file:
            file.write(b"x" * 10000)
        client.send_mail(mail(attachments=["log"]))
        while client.result is None:
            heard = len(bytes_sent)
            played.now += 1
            client.tick(played.now)
            if len(bytes_sent) > heard:
                calls, heard = link.calls, len(bytes_sent)
                for _ in range(3):
                    same("tick", client.tick(played.now), True)
                same("while paused", (link.calls, len(bytes_sent)), (calls, heard))
                client.resume()
        same("result", client.result, hssmtp.SENT)
        same("more with each", bytes_sent, sorted(set(bytes_sent)))
        same("pauses", len(bytes_sent) > 10, True)
        same("all of it", link.server.mails[0][2].count(b"eHh4") > 3000, True)

    Files().watch(check)


def test_pause_at_every_event():
    def pause_all(client, event):
        return hssmtp.PAUSE

    played = Play(Server(**SERVER), pause_all, **TLS_AND_LOGIN)
    client = played.client
    client.send_mail(letter())
    for _ in range(10000):
        played.now += 1
        if not client.tick(played.now):
            break
        client.resume()
    same("result", client.result, hssmtp.SENT)
    for n in range(len(played.events)):
        wanted = "PAUSED" if n % 2 else "no other"
        same("event %d" % n, (played.events[n] == "PAUSED"), wanted == "PAUSED")


def test_resume_in_the_callback():
    """In the callback of the event that paused, and of PAUSED."""

    def resume(client):
        client.resume()
        return hssmtp.PAUSE

    for event in EVENTS:
        played = play(event, resume)
        played.client.send_mail(letter())
        until_paused(played)
        played.client.resume()
        same("result", played.run().client.result, hssmtp.SENT)

    def on_event(client, event):
        if event == hssmtp.PAUSED:
            return client.resume()
        return hssmtp.PAUSE

    played = Play(Server(**SERVER), on_event, **TLS_AND_LOGIN).send(letter())
    same("result", played.client.result, hssmtp.SENT)


def test_abort_during_a_pause():
    def check(name, event, how):
        played = play(event, pause)
        played.client.send_mail(letter())
        until_paused(played)
        how(played.client)
        check_given_up(played)

    give_up_at(check)


def test_deinit_during_a_pause_after_the_mail():
    for options in {}, {"keep_open_ms": 1000}:
        played = play("SENT", pause, **options)
        played.client.send_mail(letter())
        until_paused(played)
        played.client.deinit()
        same("link", played.link.is_open, False)
        same("tick", played.client.tick(played.now), False)
        check_next_mail(played)


def test_pause_after_the_last_event_does_nothing():
    """Nothing is left to pause."""
    for replies in {"TEXT": "421 no"}, {"GREETING": "421 no"}:
        played = play("FAILED", pause, replies=replies).send(letter())
        same("PAUSED", "PAUSED" in played.events, False)
        played.server.replies = {}
        check_next_mail(played)
    played = play("ABORTED", pause)
    played.client.send_mail(letter())
    played.client.abort_mail()
    same("PAUSED", "PAUSED" in played.events, False)
    check_next_mail(played)
