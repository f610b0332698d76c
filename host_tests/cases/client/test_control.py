"""abort_mail, resume, PAUSE, deinit and the timeouts, at every turn, also from the callback."""

from binascii import a2b_base64

import hssmtp
from scripted import MANNERS, Files, Play, ScriptedLink, Server, check_table, mail, same, state

TO = ["a@example.com", "b@example.com"]
TLS_AND_LOGIN: dict = {"security": "starttls", "username": "boiler", "password": "correct horse"}
SERVER = {
    "keywords": ["STARTTLS"],
    "tls_keywords": ["AUTH PLAIN", "PIPELINING"],
    "users": {"boiler": "correct horse"},
}
# Each of them is heard of at least once in the dialogue below.
EVENTS = ("RESOLVED", "CONNECTED", "SECURED", "READY", "RECIPIENT_REFUSED", "PROGRESS", "SENT")
UNDER_WAY = EVENTS[:-1]
HOUR = 3600000


def number(event):
    return getattr(hssmtp, event)


def play(at=None, do=None, once=True, replies=None, **options):
    """A client that calls do(client) when `at` is heard."""
    done = []

    def on_event(client, event):
        if do and event == number(at) and not (once and done):
            done.append(event)
            return do(client)

    if replies is None:
        replies = {"RCPT b@example.com": "550 5.1.1 unknown"}
    found = dict(TLS_AND_LOGIN)
    found.update(options)
    return Play(Server(replies=replies, **SERVER), on_event, **found)


def letter():
    with open("log", "wb") as file:
        file.write(b"x" * 3000)
    return mail(TO, attachments=["log"])


GIVE_UP = (("abort_mail", hssmtp.Client.abort_mail), ("deinit", hssmtp.Client.deinit))


def give_up_at(check):
    """check(name, event, how) for both ways to give up, at each event."""
    cases = []
    for name, how in GIVE_UP:
        for event in UNDER_WAY:
            cases.append((name + " at " + event, event, how))
    check_table(cases, lambda *case: Files().watch(check, *case))


def check_next_mail(played):
    """Whatever was done before: the next mail goes out."""
    mails = len(played.server.mails)
    played.send(letter())
    same("next mail", hssmtp.event_name(played.client.result), "SENT")
    same("mails", len(played.server.mails), mails + 1)


# Giving up


def check_given_up(played):
    client = played.client
    same("result", client.result, hssmtp.ABORTED)
    same("error", (client.error, client.transient, client.cause), (0, False, None))
    same("in_doubt", client.in_doubt, False)
    same("link", played.link.is_open, False)
    same("tick", client.tick(played.now), False)
    same("to sleep", client.idle_ms(played.now), HOUR)
    same("ABORTED", played.events.count("ABORTED"), 1)
    same("mails", played.server.mails, [])
    check_next_mail(played)


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
    """In every state of the connection and of the dialogue, at every single turn."""
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


# Pauses


class CountingLink(ScriptedLink):
    """Counts what is asked of it."""

    calls = 0

    def step(self, now):
        self.calls += 1
        return ScriptedLink.step(self, now)

    def write(self, buf, off, n):
        self.calls += 1
        return ScriptedLink.write(self, buf, off, n)

    def readinto(self, buf, n):
        self.calls += 1
        return ScriptedLink.readinto(self, buf, n)


def pause(client):
    return hssmtp.PAUSE


def until_paused(played):
    client = played.client
    for _ in range(10000):
        played.now += 1
        client.tick(played.now)
        if played.events and played.events[-1] == "PAUSED":
            return
    raise AssertionError("no pause")


def test_pause_stops_all_work_until_resume():
    """Nothing moves and no time passes until resume()."""

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
    """Nothing is sent while paused, also where the file's blocks go the fast way."""

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
    """Of the very event that paused, and of PAUSED itself."""

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
    """Nothing is left that could wait."""
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


# What else the callback may do


def test_second_send_mail_raises_and_the_first_goes_on():
    """RuntimeError at every turn of the first, and the first goes on as if nothing were."""

    def try_it(client):
        try:
            client.send_mail(mail("c@example.com"))
        except RuntimeError:
            return
        raise AssertionError("no RuntimeError")

    for event in UNDER_WAY:
        played = play(event, try_it, once=False).send(letter())
        same("result", played.client.result, hssmtp.SENT)
        same("mails", [found[1] for found in played.server.mails], [TO[:1]])


def test_next_mail_from_the_callback():
    """Of SENT, FAILED and ABORTED, whatever the first one ended by."""

    def check(name, event, replies, manner, keep):
        def again(client):
            client.send_mail(mail("c@example.com"))

        played = play(event, again, replies=replies, manner=manner, keep_open_ms=keep)
        client = played.client
        client.send_mail(mail("b@example.com"))
        if event == "ABORTED":
            client.tick(played.now)
            client.abort_mail()
        played.run()
        same("result", hssmtp.event_name(client.result), "SENT")
        same("recipients", played.server.mails[-1][1], ["c@example.com"])
        same("counts", (client.accepted, client.refused), (1, 0))
        same("error", (client.error, client.transient, client.in_doubt), (0, False, False))
        same("octets", client.bytes_sent, client.bytes_total)
        same("reply", client.reply_text, "2.0.0 queued")

    said = ["554 5.0.0 no"]
    cases = []
    for name, event, replies in (
        ("SENT", "SENT", {}),
        ("ABORTED", "ABORTED", {}),
        ("greeting", "FAILED", {"GREETING": said}),
        ("password", "FAILED", {"AUTH": said}),
        ("MAIL", "FAILED", {"MAIL": said}),
        ("RCPT", "FAILED", {"RCPT b@example.com": said}),
        ("RCPT, DATA granted", "FAILED", {"RCPT b@example.com": said, "DATA": ["354 go"]}),
        ("DATA", "FAILED", {"DATA": said}),
        ("text", "FAILED", {"TEXT": said}),
        ("421", "FAILED", {"MAIL": ["421 no"]}),
        ("rubbish", "FAILED", {"EHLO": [b"rubbish\r\n"]}),
        ("greeting, QUIT unanswered", "FAILED", {"GREETING": said, "QUIT": [None]}),
        ("password, QUIT unanswered", "FAILED", {"AUTH": said, "QUIT": [None]}),
        ("MAIL, QUIT unanswered", "FAILED", {"MAIL": said, "QUIT": [None]}),
        ("SENT, QUIT unanswered", "SENT", {"QUIT": [None]}),
    ):
        for way, manner in MANNERS:
            for keep in 0, HOUR:
                case = "%s, %s, %d" % (name, way, keep)
                cases.append((case, event, dict(replies), manner, keep))
    check_table(cases, check)


def test_tick_within_the_callback():
    def check(event):
        def tick(client):
            client.tick(played.now)

        replies = {"TEXT": "554 no"} if event == "FAILED" else None
        played = play(event, tick, once=False, replies=replies)
        played.send(letter())
        result = "SENT" if event != "FAILED" else "FAILED"
        same("result", hssmtp.event_name(played.client.result), result)
        same("once", played.events.count(result), 1)

    check_table([(event,) for event in EVENTS + ("FAILED",)], check)


def test_exception_of_the_callback_is_raised_from_tick():
    """It comes out of tick(), once; the client goes on as if it had returned."""

    class Mistake(Exception):
        pass

    def mistake(client):
        raise Mistake

    for event in EVENTS:
        played = play(event, mistake)
        played.client.send_mail(letter())
        raised = 0
        for _ in range(10000):
            played.now += 1
            try:
                if not played.client.tick(played.now):
                    break
            except Mistake:
                raised += 1
        same("raised at " + event, raised, 1)
        same("result", played.client.result, hssmtp.SENT)
        same("mails", len(played.server.mails), 1)
        check_next_mail(played)


def test_attributes_can_be_read_at_any_time():
    """What an application can ask for, before a mail, under way and behind it."""

    def ask(client):
        return (
            state(client),
            client.bytes_sent,
            client.bytes_total,
            client.recipient + "",
            client.reply_code + 0,
            client.reply_text + "",
            client.enhanced_code + "",
            client.accepted + client.refused,
            client.idle_ms(0),
            hssmtp.explain(client),
        )

    played = play()
    ask(played.client)
    played.client.send_mail(letter())
    while played.client.tick(played.now):
        played.now += 1
        ask(played.client)
    ask(played.client)
    played.client.deinit()
    ask(played.client)


def test_recipient_is_an_address_or_empty():
    """`recipient` is an address or empty, also behind the last one and from a list."""
    with open("list", "w") as file:
        for who in TO:
            file.write(who + "\n")
    for to in TO, hssmtp.AddressList("list"):
        played = play()
        found = []
        played.client.send_mail(mail(to))
        while played.client.tick(played.now):
            played.now += 1
            if played.client.recipient not in found:
                found.append(played.client.recipient)
        same("recipients", [who for who in found if who and who not in TO], [])


def test_bytes_sent_counts_the_text():
    """PROGRESS is told while the text goes out, and not of RSET or QUIT."""
    played = play(replies={"GREETING": "554 no"})
    played.send(letter())
    same("events", played.heard(), "RESOLVED CONNECTED FAILED")

    def again(client):
        client.send_mail(mail("c@example.com"))

    played = play("FAILED", again, replies={"AUTH": ["535 no"]}).send(letter())
    at = played.events.index("FAILED")
    same("behind it", played.events[at : at + 3], ["FAILED", "RESOLVED", "CONNECTED"])


# Sources


def pieces(*of):
    for piece in of:
        if isinstance(piece, Exception):
            raise piece
        yield piece


def sent_source(source, size=None, **options):
    played = Play(Server(), **options)
    played.client.send_mail(mail(attachments=[hssmtp.Attachment(source, name="x", size=size)]))
    return played


def test_iterator_with_nothing_ready_pauses_the_mail():
    for of in (
        (None, b"abc"),
        (b"abc", None),
        (None, None, b"abc", None, None),
        (b"a" * 3000, None, b"", None, b"b"),
    ):
        played = sent_source(pieces(*of))
        client = played.client
        paused = 0
        for _ in range(10000):
            played.now += 1
            if not client.tick(played.now):
                break
            if played.events and played.events[-1] == "PAUSED":
                paused += 1
                for _ in range(5):  # nothing is asked of the iterator meanwhile
                    played.now += HOUR
                    same("tick", client.tick(played.now), True)
                same("PAUSED", played.events.count("PAUSED"), paused)
                client.resume()
                played.events.append("resumed")
        same("pauses of %s" % (of,), paused, of.count(None))
        same("result", client.result, hssmtp.SENT)


def test_paused_is_reported_once_for_an_iterator():
    """Also where the callback answers PAUSED with PAUSE."""

    def on_event(client, event):
        return hssmtp.PAUSE if event == hssmtp.PAUSED else None

    played = sent_source(pieces(None, b"abc"), on_event=on_event)
    until_paused(played)
    same("PAUSED", played.events.count("PAUSED"), 1)
    played.client.resume()
    same("result", played.run().client.result, hssmtp.SENT)


def test_iterator_that_never_has_anything_keeps_pausing():
    """An iterator of empty pieces, or one that nobody resumes: neither hangs tick()."""

    def empty():
        while True:
            yield b""

    played = sent_source(empty(), timeouts={"block": 2000})
    played.run(10000)
    same("error", hssmtp.error_name(played.client.error), "ERROR_TIMEOUT")
    same("texts", played.server.texts, [])


class BadFile:
    """An open file whose reads go wrong."""

    def __init__(self, *results):
        self.results = list(results)

    def readinto(self, buf):
        result = self.results.pop(0) if self.results else 0
        if isinstance(result, Exception):
            raise result
        return min(result, len(buf))


def test_failing_sources_are_source_errors():
    """Not a half mail: no dot, the connection is dropped, ERROR_SOURCE."""

    def check(name, source, size, manner):
        played = sent_source(source(), size, manner=manner).run()
        client = played.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
        same("state", state(client), "TEXT")
        same("doubt", (client.transient, client.in_doubt), (False, False))
        same("cause", isinstance(client.cause, Exception), True)
        same("link", played.link.is_open, False)
        same("texts", played.server.texts, [])
        same("last command", played.server.commands[-1], "DATA")

    cases = []
    for name, source, size in (
        ("raises at once", lambda: pieces(ValueError("sensor")), None),
        ("raises later", lambda: pieces(b"x" * 5000, KeyError("sensor")), None),
        ("raises OSError", lambda: pieces(b"x" * 5000, OSError(5)), None),
        ("raises MemoryError", lambda: pieces(b"x", MemoryError()), None),
        ("gives a str", lambda: pieces(b"x" * 100, "text"), None),
        ("gives an int", lambda: pieces(5), None),
        ("shorter", lambda: pieces(b"x" * 99), 100),
        ("shorter, none at all", lambda: pieces(), 100),
        ("longer", lambda: pieces(b"x" * 101), 100),
        ("longer, by a piece", lambda: pieces(b"x" * 100, b"y"), 100),
        ("longer than nothing", lambda: pieces(b"y"), 0),
        ("file raises", lambda: BadFile(OSError(5)), None),
        ("file raises later", lambda: BadFile(100, 100, OSError(5)), None),
        ("file raises another", lambda: BadFile(100, RuntimeError("driver")), None),
        ("file shorter", lambda: BadFile(100, 99), 200),
        ("file longer", lambda: BadFile(100, 101), 200),
    ):
        for way, manner in MANNERS:
            cases.append((name + ", " + way, source, size, manner))
    check_table(cases, check)


def test_file_that_changes_size_is_a_source_error():
    """A file whose path was given, cut short behind send_mail's back."""
    with open("log", "wb") as file:
        file.write(b"x" * 50000)
    played = Play(Server())
    played.client.send_mail(mail(attachments=["log"]))
    with open("log", "wb") as file:
        file.write(b"x" * 10)
    played.run()
    same("error", hssmtp.error_name(played.client.error), "ERROR_SOURCE")
    same("texts", played.server.texts, [])


def test_file_that_grows_is_sent_up_to_its_first_size():
    """What the main loop writes into it meanwhile stays behind: the mail has what was there."""
    for size in (0, 1, 740, 741, 742, 50000):
        with open("log", "wb") as file:
            file.write(b"x" * size)
        played = Play(Server())
        played.client.send_mail(mail(attachments=["log"]))
        with open("log", "ab") as file:
            file.write(b"later" * 1000)
        played.run()
        same("result, %d octets" % size, played.client.result, hssmtp.SENT)
        encoded = played.server.mails[0][2].split(b"base64\r\n\r\n")[1].split(b"--=_")[0]
        same("octets of %d" % size, a2b_base64(encoded), b"x" * size)


def test_removed_address_list_is_a_source_error():
    """Where a kept connection is opened anew, the list is read anew: it may be gone."""
    with open("list", "w") as file:
        file.write("a@example.com\n")
    played = Play(Server(), keep_open_ms=HOUR).send(mail())
    who = hssmtp.AddressList("list")
    played.client.send_mail(mail(who))
    who.path = "gone"
    played.server.gone = True
    played.run()
    same("over", played.client.result in (hssmtp.SENT, hssmtp.FAILED), True)
    same("link", played.link.is_open, played.client.result == hssmtp.SENT)
    check_next_mail(played)


# Time


class StuckLink(ScriptedLink):
    """One that comes as far as a phase, and no further; handshake: as far as TLS."""

    phase = 3
    handshake = False

    def step(self, now):
        return ScriptedLink.step(self, now) if self._phase < self.phase else self._phase

    def write(self, buf, off, n):
        return (
            None if self.handshake and self.secured_by else ScriptedLink.write(self, buf, off, n)
        )

    def readinto(self, buf, n):
        return None if self.handshake and self.secured_by else ScriptedLink.readinto(self, buf, n)


def stuck(phase=3, handshake=False, cut=None):
    link = StuckLink(Server(["STARTTLS"], ["AUTH LOGIN"], users={"boiler": "x"}), cut=cut)
    link.phase = phase
    link.handshake = handshake
    return link


def test_each_phase_has_its_timeout():
    """The server is silent in one phase: it is that phase's timeout that counts."""
    phases = [
        "resolve",
        "connect",
        "secure",
        "greeting",
        "command",
        "data",
        "block",
        "text",
        "quit",
    ]

    def check(name, phase, where, link, replies, security):
        timeouts = dict.fromkeys(phases, 50000)
        timeouts[phase] = 700
        link.server.replies = replies
        options = {"security": security}
        if security != "none":
            options.update({"username": "boiler", "password": "x"})
        else:
            link.server.users = None
        played = Play(link.server, link=link, timeouts=timeouts, **options)
        began = played.now
        played.send(mail(attachments=[hssmtp.Attachment(bytes(3000))]), 5000)
        client = played.client
        same("error", hssmtp.error_name(client.error), "ERROR_TIMEOUT")
        same("state", state(client), where)
        same("transient", client.transient, True)
        same("in_doubt", client.in_doubt, phase == "text")
        same("link", link.is_open, False)
        same("%d ms" % (played.now - began), 700 <= played.now - began < 900, True)

    check_table(
        (
            ("resolve", "resolve", "RESOLVING", stuck(1), {}, "none"),
            ("connect", "connect", "CONNECTING", stuck(2), {}, "none"),
            ("tls", "secure", "SECURING", stuck(handshake=True), {}, "tls"),
            ("starttls", "secure", "SECURING", stuck(handshake=True), {}, "starttls"),
            ("greeting", "greeting", "GREETING", stuck(), {"GREETING": None}, "none"),
            ("EHLO", "command", "EHLO", stuck(), {"EHLO": None}, "none"),
            ("HELO", "command", "HELO", stuck(), {"EHLO": "500", "HELO": None}, "none"),
            ("STARTTLS", "command", "STARTTLS", stuck(), {"STARTTLS": None}, "starttls"),
            ("AUTH", "command", "AUTH", stuck(), {"AUTH": None}, "starttls"),
            ("RESPONSE", "command", "RESPONSE", stuck(), {"RESPONSE": None}, "starttls"),
            ("MAIL", "command", "MAIL", stuck(), {"MAIL": None}, "none"),
            ("RCPT", "command", "RCPT", stuck(), {"RCPT": None}, "none"),
            ("DATA", "data", "DATA", stuck(), {"DATA": None}, "none"),
            ("block", "block", "TEXT", stuck(cut=("out", 1500, "silence")), {}, "none"),
            ("text", "text", "TEXT", stuck(), {"TEXT": None}, "none"),
        ),
        check,
    )


def test_quit_has_its_timeout():
    played = Play(Server(replies={"QUIT": None}), timeouts={"quit": 700}).send(mail())
    same("result", (played.client.result, played.client.error), (hssmtp.SENT, 0))
    same("%d ms" % played.now, 1700 <= played.now < 1900, True)
    same("link", played.link.is_open, False)


def test_idle_ms_tells_how_long_to_sleep():
    played = Play(Server(replies={"TEXT": [None]}), keep_open_ms=5000)
    client = played.client
    same("before", client.idle_ms(0), HOUR)
    client.send_mail(mail())
    same("a mail waits", client.idle_ms(0), 0)
    while state(client) != "TEXT" or client.idle_ms(played.now) == 0:
        played.now += 1
        client.tick(played.now)
    same("silence", 0 < client.idle_ms(played.now) <= 100, True)
    played.server.out += b"250 ok\r\n"
    replied = played.now
    client.tick(replied)
    same("result", client.result, hssmtp.SENT)
    played.run()
    same("kept", client.idle_ms(replied), 5000)
    same("kept, later", client.idle_ms(replied + 3000), 2000)
    same("kept, too late", client.idle_ms(replied + 6000), 0)
    client.deinit()
    same("behind", client.idle_ms(played.now), HOUR)


def test_tick_does_one_read_and_one_write():
    """One read and one write at the most; one more read where STARTTLS is granted."""

    class Link(CountingLink):
        most = 0

    link = Link(Server(**SERVER))
    played = Play(link.server, link=link, **TLS_AND_LOGIN)
    played.client.send_mail(letter())
    more = True
    while more:
        link.calls = 0
        before = state(played.client)
        more = played.client.tick(played.now)
        played.now += 1
        same("calls", link.calls <= (3 if before == "STARTTLS" else 2), True)
