"""Iterators, files and address lists that have nothing ready, fail or change."""

from binascii import a2b_base64

import hssmtp
from control import HOUR, check_next_mail, until_paused
from scripted import MANNERS, Play, Server, check_table, mail, same, state


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
                for _ in range(5):  # the iterator is not read meanwhile
                    played.now += HOUR
                    same("tick", client.tick(played.now), True)
                same("PAUSED", played.events.count("PAUSED"), paused)
                client.resume()
                played.events.append("resumed")
        same("pauses of %s" % (of,), paused, of.count(None))
        same("result", client.result, hssmtp.SENT)


def test_paused_is_reported_once_for_an_iterator():
    """Also if the callback returns PAUSE for PAUSED."""

    def on_event(client, event):
        return hssmtp.PAUSE if event == hssmtp.PAUSED else None

    played = sent_source(pieces(None, b"abc"), on_event=on_event)
    until_paused(played)
    same("PAUSED", played.events.count("PAUSED"), 1)
    played.client.resume()
    same("result", played.run().client.result, hssmtp.SENT)


def test_iterator_that_never_has_anything_keeps_pausing():
    """An iterator of empty pieces, or one without resume(): tick() does not hang."""

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
    """No incomplete mail: no final dot, the connection is closed, ERROR_SOURCE."""

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
    """A file that is shortened after send_mail()."""
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
    """Bytes that the main loop appends meanwhile are not sent."""
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
    """If a kept connection is reopened, the list is read again: it may have been removed."""
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
