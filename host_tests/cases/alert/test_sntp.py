"""Questions to a time server over real sockets: which replies are accepted."""

import os
import socket

from fake_board import same
from sntp_reply import UNIX, reply

from alert import sntp

AGAIN = 200  # steps until a datagram arrives on this computer


def bound():
    """A UDP socket of 127.0.0.1, and its port."""
    for _ in range(20):
        port = 20000 + int.from_bytes(os.urandom(2), "big") % 20000
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
            return sock, port
        except OSError:
            sock.close()
    raise AssertionError("no port is free")


class Dialogue:
    """A question that has reached its server, and another host that has seen it."""

    def __enter__(self):
        self.server, port = bound()
        self.stranger, _ = bound()
        self.question = sntp.Question("127.0.0.1", port)
        same("the first steps", [self.question.step(0) for _ in range(3)], [None] * 3)
        self.request, self.client = self.server.recvfrom(100)
        return self

    def __exit__(self, *problem):
        self.question.close()
        self.server.close()
        self.stranger.close()

    def answer(self):
        """Return the result of the question: the time, None, or the text of the OSError."""
        for ms in range(AGAIN):
            try:
                found = self.question.step(ms)
            except OSError as exc:
                return str(exc)
            if found is not None:
                return found
        return None


def test_reply_of_the_server_is_accepted():
    with Dialogue() as dialogue:
        dialogue.server.sendto(reply(dialogue.request), dialogue.client)
        same("time", dialogue.answer(), UNIX)


def test_reply_of_another_host_is_ignored():
    with Dialogue() as dialogue:
        dialogue.stranger.sendto(reply(dialogue.request, UNIX + 999), dialogue.client)
        dialogue.stranger.sendto(reply(dialogue.request, stratum=0), dialogue.client)
        same("the stranger's", dialogue.answer(), None)
        dialogue.server.sendto(reply(dialogue.request), dialogue.client)
        same("time", dialogue.answer(), UNIX)


def test_other_packets_are_ignored():
    with Dialogue() as dialogue:
        good = reply(dialogue.request)
        for packet in (b"", b"\xff" * 48, good[:47], b"\xff" * 1000, reply(sntp.request())):
            dialogue.server.sendto(packet, dialogue.client)
        same("nothing", dialogue.answer(), None)
        dialogue.server.sendto(good + b"\0" * 20, dialogue.client)  # with a MAC
        same("time", dialogue.answer(), UNIX)


def test_refusal_is_raised_whatever_its_code():
    for code, words in ((b"RATE", "(RATE)"), (b"\xff\x80\x1b\n", "(????)"), (b"DE\0\0", "(DE)")):
        with Dialogue() as dialogue:
            dialogue.server.sendto(reply(dialogue.request, stratum=0, code=code), dialogue.client)
            text = dialogue.answer()
            same("refusal in %r" % text, isinstance(text, str) and words in text, True)


def test_next_address_is_asked_after_a_refusal():
    class Resolver:
        """Returns two addresses at once."""

        def __init__(self, name):
            pass

        def step(self, now):
            return ["127.0.0.1", "127.0.0.1"]

        def close(self):
            pass

    real = sntp.Resolver
    sntp.Resolver = Resolver
    server, port = bound()
    try:
        question = sntp.Question("time.example.com", port)
        for kiss in (True, False):
            for ms in range(5):
                question.step(ms)
            request, client = server.recvfrom(100)
            server.sendto(reply(request, stratum=0 if kiss else 2), client)
            found = [question.step(ms) for ms in range(AGAIN if not kiss else 5)]
            if not kiss:
                same("time", UNIX in found, True)
    finally:
        sntp.Resolver = real
        server.close()
