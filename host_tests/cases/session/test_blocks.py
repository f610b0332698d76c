"""File blocks, which are sent without the dialogue: the same bytes, whatever happens."""

from binascii import a2b_base64

import hssmtp
from scripted import (
    FAR,
    LINK_MANNERS,
    MANNERS,
    Play,
    ScriptedLink,
    Server,
    check_table,
    in_every_manner,
    mail,
    same,
    state,
)

SIZE = 2500
ONE = bytes([(at * at >> 3) & 255 for at in range(SIZE)])
TWO = bytes([(at * 7 >> 2) & 255 for at in range(SIZE)])
BINARY = ["8BITMIME", "CHUNKING", "BINARYMIME"]
# A reply arrives during a block, or between two.
DROPS = tuple([("drops of %d" % n, {"most_in": n, "most_out": -1}) for n in range(1, 9)])
SMALL = {"buffer_size": 512}  # a block has 342 bytes of the file


def two_files():
    for name, octets in (("one", ONE), ("two", TWO)):
        with open(name, "wb") as file:
            file.write(octets)
    return mail(text="As agreed\n.\n", attachments=["one", "two"])


def check_mails(server, count=1):
    same("mails", len(server.mails), count)
    for _, _, text in server.mails:
        enclosed = text.split(b"\r\n--=_mixed")[2:-1]
        same("parts", len(enclosed), 2)
        for part, octets in zip(enclosed, (ONE, TWO)):
            head, body = part[: part.find(b"\r\n\r\n")], part[part.find(b"\r\n\r\n") + 4 :]
            if b"base64" in head:
                body = a2b_base64(body)
            same("octets", body == octets, True)


class Stubborn:
    """An open file with scripted reads: a number of bytes, None, or an exception."""

    def __init__(self, *results):
        self.results = list(results)
        self._at = 0

    def readinto(self, buf):
        result = self.results.pop(0) if self.results else len(buf)
        if isinstance(result, Exception):
            raise result
        if result is None:
            return None
        n = min(result, len(buf), SIZE - self._at)
        buf[:n] = ONE[self._at : self._at + n]
        self._at += n
        return n


def send_stubborn(manner, *results):
    source = hssmtp.Attachment(Stubborn(*results), size=SIZE)
    return Play(Server(), manner=manner, **SMALL), mail(attachments=[source, "two"])


def test_file_blocks_send_the_same_bytes_as_ticks():
    def check(manner, keywords):
        server = Server(keywords)
        play = Play(server, manner=manner, **SMALL).send(two_files())
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("bytes", play.client.bytes_sent, play.client.bytes_total)
        check_mails(server)

    in_every_manner(check, (("base64", []), ("BDAT", ["CHUNKING"]), ("as they are", BINARY)))


def test_file_blocks_send_the_same_bytes_without_on_event():
    """The same mail is sent without a callback."""

    def check(manner, keywords):
        server = Server(keywords)
        link = ScriptedLink(server, **manner)
        client = hssmtp.Client("mail.example.com", security="none", link=link, **SMALL)
        client.send_mail(two_files())
        now = 1000
        while client.tick(now):
            now += client.idle_ms(now) or 1
        same("result", (client.cause, client.result), (None, hssmtp.SENT))
        same("bytes", client.bytes_sent, client.bytes_total)
        check_mails(server)

    ahead = ["PIPELINING", "CHUNKING"]
    cases = (("base64", []), ("ahead", ahead), ("as they are, ahead", ahead + BINARY))
    in_every_manner(check, cases, LINK_MANNERS + FAR + DROPS)


def test_progress_is_reported_for_each_block():
    """Each block is reported, with true numbers."""
    told = []
    play = Play(Server(), on_event=lambda client, event: told.append(client.bytes_sent), **SMALL)
    play.send(two_files())
    blocks = 2 * (SIZE // 342)
    same("told", len(told) > blocks, True)
    same("in order", told, sorted(told))
    same("at last", told[-1], play.client.bytes_total)


def test_progress_follows_the_replies_before_the_text():
    """A small mail is pipelined with its envelope: the replies to that are reported first."""
    refused = {"RCPT b@example.com": "550 Nobody of that name"}
    server = Server(["PIPELINING", "CHUNKING"], replies=refused)
    play = Play(server, manner=FAR[0][1], **SMALL)
    two_files()
    play.send(mail(["a@example.com", "b@example.com"], attachments=["one", "two"]))
    heard = play.heard()
    same(heard, heard.find("RECIPIENT_REFUSED") < heard.find("PROGRESS"), True)
    check_mails(server)


def test_callback_may_pause_and_tick_within_a_file():
    """Leave and resume the sending of blocks at every possible place."""

    def pause(client, event):
        return hssmtp.PAUSE if event == hssmtp.PROGRESS else None

    def resume(client, event):
        if event == hssmtp.PAUSED:
            client.resume()

    def both(client, event):
        resume(client, event)
        return pause(client, event)

    def tick(client, event):
        if event == hssmtp.PROGRESS and not told:
            told.append(event)
            client.tick(plays[-1].now)
            told.pop()

    told = []
    plays = []

    def check(name, on_event, keywords):
        server = Server(keywords, most_recipients=1)
        play = Play(server, on_event=on_event, **SMALL)
        plays.append(play)
        two_files()
        message = mail(["a@example.com", "b@example.com"], attachments=["one", "two"])
        play.client.send_mail(message)
        while play.client.result is None:
            play.client.resume()
            play.client.tick(play.now)
            play.now += 1
        same("error", (play.client.cause, hssmtp.error_name(play.client.error)), (None, "-"))
        check_mails(server, 2)

    cases = []
    for way, on_event in (("pause", pause), ("resume", both), ("tick", tick)):
        for keywords in ([], ["CHUNKING"], BINARY):
            cases.append(("%s %s" % (way, keywords), on_event, keywords))
    check_table(cases, check)


def test_file_that_became_shorter_fails_the_mail():
    """A short read: the bytes are sent, and none twice."""
    two_files()

    def check(name, results, pauses):
        for way, manner in MANNERS:
            play, message = send_stubborn(manner, *results)
            play.client.send_mail(message)
            paused = 0
            while play.client.result is None:
                play.run()
                if play.client.result is None:
                    paused += 1
                    play.client.resume()
            same("result, " + way, hssmtp.event_name(play.client.result), "SENT")
            same("pauses, " + way, paused, pauses)
            check_mails(play.server)

    cases = [
        ("some at a time", [100] * 40, 0),
        ("an octet less than a block", [341], 0),
        ("a whole one, then less", [342, 342, 1, 2, 3], 0),
    ]
    check_table(cases, check)


def test_file_with_nothing_ready_pauses_the_mail():
    """None pauses the mail, at the first block and at later ones."""
    two_files()
    for results in ([None, None], [342, 342, None, None, 5, None, None]):  # it is read twice
        for way, manner in MANNERS:
            play, message = send_stubborn(manner, *results)
            play.client.send_mail(message)
            paused = 0
            while play.client.result is None:
                if not play.client.tick(play.now) or play.events[-1:] == ["PAUSED"]:
                    paused += play.events.pop() == "PAUSED"
                    play.client.resume()
                play.now += 1
            same("result, " + way, hssmtp.event_name(play.client.result), "SENT")
            same("pauses, " + way, paused > 0, True)
            check_mails(play.server)


def test_file_that_raises_fails_the_mail():
    """At every block: no final dot, the connection is closed, ERROR_SOURCE."""
    two_files()

    def check(manner, before, problem):
        play, message = send_stubborn(manner, *([342] * before), problem)
        play.send(message)
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
        same("cause", client.cause, problem)
        same("state", state(client), "TEXT")
        same("doubt", (client.transient, client.in_doubt), (False, False))
        same("texts", play.server.texts, [])
        same("events", play.events.count("FAILED"), 1)
        same("open", play.link.is_open, False)

    cases = []
    for before in (0, 1, 2, 6, 7):
        for problem in (OSError(5), RuntimeError("driver"), MemoryError()):
            cases.append(("%r behind %d" % (problem, before), before, problem))
    in_every_manner(check, cases)


def test_connection_lost_within_a_block_is_reported():
    """If the link fails, the mail fails, and is never taken for complete."""
    two_files()
    whole = Play(Server(), **SMALL).send(two_files()).link.taken

    def check(name, at, how, manner):
        play = Play(Server(), manner=dict(manner, cut=("out", at, how)), **SMALL)
        play.send(two_files())
        same("result", hssmtp.event_name(play.client.result), "FAILED")
        same("doubt", play.client.in_doubt, False)
        same("mails", play.server.mails, [])
        sent = play.client.bytes_sent
        same("bytes", sent <= at, True)

    cases = []
    for at in range(1500, whole - 1000, 401):
        for how in ("reset", "fin", "silence"):
            for way, manner in (("whole", {}), ("short", {"most_out": 100})):
                cases.append(("%s at %d, %s" % (how, at, way), at, how, manner))
    check_table(cases, check)


def test_abort_within_a_file():
    """At every tick of the blocks: the files are closed, and the next mail is sent."""
    two_files()
    for at in range(1, 20):
        server = Server()
        play = Play(server, **SMALL)
        play.client.send_mail(two_files())
        while state(play.client) != "TEXT":
            play.client.tick(play.now)
        for _ in range(at):
            play.client.tick(play.now)
        sent = play.client.bytes_sent
        play.client.abort_mail()
        same("bytes", play.client.bytes_sent, sent)
        same("result", hssmtp.event_name(play.client.result), "ABORTED")
        play.run()
        same("mails", server.mails, [])
        play.send(two_files())
        check_mails(server)


def test_abort_in_the_callback_within_a_file():
    """At every block's event, by abort_mail() and by deinit()."""

    def check(name, at, way):
        seen = []

        def on_event(client, event):
            if event == hssmtp.PROGRESS:
                seen.append(client.bytes_sent)
                if len(seen) == at:
                    getattr(client, way)()

        play = Play(Server(), on_event=on_event, **SMALL).send(two_files())
        same("result", hssmtp.event_name(play.client.result), "ABORTED")
        same("bytes", play.client.bytes_sent, seen[-1])
        same("mails", play.server.mails, [])
        same("open", play.link.is_open, False)

    cases = []
    for at in range(1, 16):
        for way in ("abort_mail", "deinit"):
            cases.append(("%s at %d" % (way, at), at, way))
    check_table(cases, check)


def test_early_reply_within_a_file_is_noticed():
    """A refusal in the middle of a text is noticed before its end."""

    class Full(Server):
        def receive(self, octets):
            Server.receive(self, octets)
            if self.commands[-1] == "DATA" and not self.told:
                self.seen += len(octets)
                if self.seen > 10000:
                    self.told = True
                    self.out.extend(b"452 4.3.1 No room\r\n")

    server = Full()
    server.seen = 0
    server.told = False
    with open("one", "wb") as file:
        for _ in range(480):
            file.write(ONE)
    play = Play(server, **SMALL).send(mail(attachments=["one"]))
    same("result", hssmtp.event_name(play.client.result), "FAILED")
    same("code", play.client.reply_code, 452)
    same("early", play.client.bytes_sent < 500000, True)
    same("texts", server.texts, [])


def test_next_mail_may_use_another_encoding():
    """A server that closes between two transactions, and then offers other extensions."""

    class Changing(Server):
        def connect(self):
            if self.mails:
                self.keywords = []
            Server.connect(self)

    def paused(client, event):
        if event == hssmtp.PAUSED:
            client.resume()
        return hssmtp.PAUSE if event == hssmtp.PROGRESS else None

    for on_event in (None, paused):
        server = Changing(BINARY, replies={"MAIL": ["250 Go on", ""]}, most_recipients=1)
        play = Play(server, on_event=on_event, **SMALL)
        two_files()
        play.send(mail(["a@example.com", "b@example.com"], attachments=["one", "two"]))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("binary", [b"base64" in text for _, _, text in server.mails], [False, True])
        check_mails(server, 2)


def test_block_has_its_own_timeout():
    """The time of earlier blocks is not counted: only 60 s without a byte are too long."""

    class Slow(ScriptedLink):
        stalls = writes = 0

        def write(self, buf, off, n):
            self.writes += 1
            if self.writes % 12 < self.stalls:
                return None
            return ScriptedLink.write(self, buf, off, n)

    for stalls, result in ((3, "SENT"), (6, "FAILED")):
        server = Server()
        link = Slow(server)
        play = Play(server, link=link, **SMALL)
        play.client.send_mail(two_files())
        while state(play.client) != "TEXT":
            play.client.tick(play.now)
        link.stalls = stalls
        while play.client.tick(play.now):
            play.now += 15000
        same("result", hssmtp.event_name(play.client.result), result)


def test_short_read_is_repeated_without_idling():
    """An application that sleeps for idle_ms() between ticks must not wait for its own file."""

    class Slow:
        def __init__(self):
            self.left = 3000

        def readinto(self, buf):
            count = min(1, self.left)
            self.left -= count
            buf[:count] = b"x" * count
            return count

    play = Play(Server())
    begun = play.now
    play.send(mail(attachments=[hssmtp.Attachment(Slow(), "slow.txt", size=3000)]))
    same("result", play.client.result, hssmtp.SENT)
    if play.now - begun > 9000:  # a tick takes 1 ms here
        raise AssertionError("it took %d ms" % (play.now - begun))
