"""Connections over the boards' sockets, imitated by scripted_ports.py."""

import gc

import hssmtp
from scripted import Play, ScriptedLink, Server, check_table, mail, same, state
from scripted_ports import Esp32, Rp2, trouble

SIZE = 60000
KINDS = (("RP2", Rp2), ("ESP32", Esp32))
SECURITY = (("plain", {}), ("TLS", {"security": "tls"}), ("STARTTLS", {"security": "starttls"}))
# lwIP's heap taken by a stuck connection: room for a new connection, but for no write.
STUCK = 7500
NO_PROBE = {"has_ipv6": False, "has_loopback": True, "may_lie": True}


def server(**more):
    return Server(["STARTTLS"], **more)


def play(kind, where=None, network=None, **options):
    """A client over a port's sockets; options named in `where` are the port's."""
    there = where or server()
    found = {}
    for name in (
        "held",
        "has_ipv6",
        "has_loopback",
        "may_lie",
        "refused",
        "addresses",
        "handshakes",
    ):
        if name in options:
            found[name] = options.pop(name)
    return Play(there, port=kind(network or ScriptedLink(there), **found), **options)


def attachment(size=SIZE):
    with open("readings.csv", "wb") as file:
        for n in range(size // 10):
            file.write(b"%09d\n" % n)
    return mail(attachments=["readings.csv"])


def ended(played, result, error="-"):
    client = played.client
    same(
        "end (%s)" % hssmtp.explain(client),
        (hssmtp.event_name(client.result), hssmtp.error_name(client.error)),
        (result, error),
    )
    if not played.link.is_open:
        same("open sockets", played.port.open_sockets, [])


def check_ports(cases, check):
    """Call check(kind, options, *case) for each port, security and case."""
    table = []
    for port, kind in KINDS:
        for name, options in SECURITY:
            for case in cases:
                table.append(("%s, %s, %s" % (port, name, case[0]), kind, options, case[1:]))
    check_table(table, lambda name, kind, options, rest: check(kind, dict(options), *rest))


# Writes that can wait, or return a wrong count


def test_large_mail_is_complete_and_no_write_waits():
    whole = Play(Server()).send(attachment()).server.mails[0][2]

    def check(kind, options, callback):
        played = play(kind, on_event=callback, **options).send(attachment())
        ended(played, "SENT")
        text = played.server.mails[0][2]
        same("bytes", len(text), len(whole))
        same(
            "body", text.split(b"readings.csv")[-1][:2000], whole.split(b"readings.csv")[-1][:2000]
        )

    check_ports((("PROGRESS", lambda client, event: None), ("no callback", None)), check)


def test_write_returns_none_until_lwip_has_room():
    """After a connection that was closed with unsent bytes, which lwIP frees after 10 s."""

    def check(name, options):
        played = play(Rp2, held=STUCK, **options)
        played.client.send_mail(attachment())
        begun = played.now
        for _ in range(400):
            played.client.tick(played.now)
            played.now += 20
        same("commands", [word for word in played.server.commands if word[0] != "<"], [])
        played.port.held = 0
        played.run()
        ended(played, "SENT")
        same("waited", played.now - begun >= 8000, True)

    cases = []
    for name, options in SECURITY:
        cases.append((name, options))
        # MicroPython 1.23 has no IPv6 there: the probe uses the loopback interface.
        cases.append((name + ", no IPv6", dict(options, has_ipv6=False)))
    check_table(cases, check)


def test_server_that_stops_reading_ends_in_a_timeout():
    """Nothing is acknowledged any more: the heap stays full until the timeout `block`."""

    def check(name, options):
        played = play(Rp2, timeouts={"block": 7000}, **options)
        client = played.client
        client.send_mail(attachment())
        while client.bytes_sent < SIZE // 2:
            client.tick(played.now)
            played.now += 1
        played.port.held = STUCK
        begun = played.now
        played.run()
        ended(played, "FAILED", "ERROR_TIMEOUT")
        same("in doubt", client.in_doubt, False)
        same("time", 7000 <= played.now - begun < 8000, True)
        same("mails", played.server.mails, [])

    check_table(SECURITY, check)


def lying(position, text, **options):
    """A mail with a wrong count of a write after `position` bytes, without the probe."""
    played = play(Rp2, **NO_PROBE, **options)
    client = played.client
    client.send_mail(text)
    while client.bytes_sent < position:
        client.tick(played.now)
        played.now += 1
    played.port.held = STUCK
    return played.run()


def test_write_with_a_wrong_count_is_a_lost_connection():
    """Without a probe: all UDP sockets are in use, or the firmware refuses no datagram."""
    played = lying(SIZE // 2, attachment())
    ended(played, "FAILED", "ERROR_CLOSED")
    same("lies", played.port.lies, 1)
    same("in doubt", played.client.in_doubt, False)
    same("transient", played.client.transient, True)
    same("mails", played.server.mails, [])
    same("cause", str(played.client.cause), "lwIP has lost what was written")


class LateReply(ScriptedLink):
    """A server that replies to the text although its end was never queued."""

    is_late = False

    def readinto(self, buf, n):
        if self.is_late:
            raise AssertionError("what comes behind a lie is not to be believed")
        return ScriptedLink.readinto(self, buf, n)


def test_wrong_count_at_the_end_of_the_text_is_in_doubt():
    there = server(replies={"TEXT": [None]})
    network = LateReply(there)
    played = play(Rp2, there, network, **NO_PROBE)
    client = played.client
    client.send_mail(mail())
    while "DATA" not in there.commands:
        client.tick(played.now)
    played.port.held = STUCK
    while not played.port.lies:
        client.tick(played.now)
    network.is_late = True
    played.run()
    ended(played, "FAILED", "ERROR_CLOSED")
    same("in doubt", client.in_doubt, True)


def test_writes_are_one_segment_without_a_udp_socket():
    """All sockets are in use: the mail is sent without the probe."""

    class Narrow(ScriptedLink):
        largest = 0

        def write(self, buf, off, n):
            self.largest = max(self.largest, n)
            return ScriptedLink.write(self, buf, off, n)

    there = server()
    network = Narrow(there)
    played = play(Rp2, there, network)
    played.port.most_sockets = 1
    ended(played.send(attachment()), "SENT")
    same("largest", network.largest, 771)


def test_connection_waits_for_memory_of_lwip():
    played = play(Rp2, held=7650)
    played.client.send_mail(mail())
    for _ in range(500):
        played.client.tick(played.now)
        played.now += 20
    same("state", state(played.client), "CONNECTING")
    played.port.held = 0
    ended(played.run(), "SENT")


def test_missing_memory_of_lwip_ends_in_an_error():
    played = play(Rp2, held=7650).send(mail())
    ended(played, "FAILED", "ERROR_CONNECT")
    same("transient", played.client.transient, True)
    said = hssmtp.explain(played.client)
    same("said so: " + said, "(no memory for another connection)" in said, True)


def test_probe_is_closed_with_its_connection():
    """lwIP has five UDP sockets: an open one is missing for DNS."""

    def check(name, options, result):
        played = play(Rp2, **options).send(mail())
        same("result", hssmtp.event_name(played.client.result), result)
        same("open sockets", played.port.open_sockets, [])

    check_table(
        (
            ("sent", {}, "SENT"),
            ("refused", {"refused": 1}, "FAILED"),
            (
                "the second address",
                {"refused": 1, "addresses": ("192.0.2.1", "192.0.2.2")},
                "SENT",
            ),
            ("a handshake", {"security": "tls", "handshakes": [trouble(-1)]}, "FAILED"),
        ),
        check,
    )


# Connecting


def test_second_address_is_tried():
    """ESP32 reports a refused connection as writable, and HUP only on request."""

    def check(kind, options):
        addresses = ("192.0.2.1", "192.0.2.2")
        played = play(kind, refused=1, addresses=addresses, **options).send(mail())
        ended(played, "SENT")
        same("tried", played.port.tried, list(addresses))

    check_ports((("",),), check)


def test_refused_connection_is_an_error():
    def check(kind, options):
        played = play(kind, refused=9, addresses=("192.0.2.1", "2001:db8::1"), **options)
        played.send(mail())
        ended(played, "FAILED", "ERROR_CONNECT")
        same("refused", "(connection refused)" in hssmtp.explain(played.client), True)

    check_ports((("",),), check)


def test_ipv6_address_is_connected_to():
    """ESP32's getaddrinfo() gives None as the socket address of one."""

    def check(kind, options):
        played = play(kind, addresses=("2001:db8::1",), **options).send(mail())
        ended(played, "SENT")
        same("tried", played.port.tried, ["2001:db8::1"])

    check_ports((("",),), check)


def test_literal_address_is_not_resolved():
    for host, address in (
        ("192.0.2.9", "192.0.2.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "127.0.0.1"),
    ):
        link = hssmtp.Link()
        link.open(host, 25)
        same("step", link.step(0), 2)
        same("addresses", link._addresses, [address])
        link.close()


def test_literal_host_that_fails_at_once_is_error_connect():
    class Unreachable(Rp2):
        def getaddrinfo(self, host, port):
            raise trouble(118)

    for security in ("none", "tls"):
        played = Play(server(), port=Unreachable(ScriptedLink(server())), security=security)
        played.client.host = "192.0.2.9"
        played.send(mail())
        ended(played, "FAILED", "ERROR_CONNECT")
        same("state", state(played.client), "CONNECTING")


# Replies before a reset

TEXT_REPLIES = (
    ("552", "552 5.3.4 too large", "FAILED", "ERROR_TOO_LARGE", False),
    ("550", "550 5.7.1 no", "FAILED", "ERROR_REJECTED", False),
    ("250", "250 2.0.0 kept", "SENT", "-", False),
)


class ResetBehind(ScriptedLink):
    """The server replies, and then resets the connection."""

    said = b""  # beginning of the reply

    def readinto(self, buf, n):
        out = self.server.out
        if self.said and self.said in bytes(out) and self.cut is None:
            self.cut = ("in", self.given + self.server.unread(), "reset")
        return ScriptedLink.readinto(self, buf, n)


def test_reply_before_a_reset_is_read():
    """readinto() continues until its buffer is full: if that raises, the count is lost."""

    def check(kind, options, said, result, error, transient):
        there = server(replies={"TEXT": said})
        network = ResetBehind(there)
        network.said = said[:3].encode() + b" "
        if said[:3] == "250":
            network.said = b"2.0.0 kept"
        played = play(kind, there, network, **options).send(mail())
        client = played.client
        ended(played, result, error)
        same("reply", client.reply_code, int(said[:3]))
        same("in doubt", client.in_doubt, False)
        same("transient", client.transient, transient)

    check_ports(TEXT_REPLIES, check)


def test_greeting_before_a_reset_is_read_completely():
    """The connection is reset before the first poll."""

    def check(name, kind, at_once):
        there = server(replies={"GREETING": "421 4.3.2 too busy"})
        network = ScriptedLink(there, cut=("in", len("421 4.3.2 too busy\r\n"), "reset"))
        # At the first poll the reply and the reset have both arrived.
        network.is_reset = lambda: True
        played = play(kind, there, network)
        played.port.is_reset_at_once = at_once
        played.send(mail())
        ended(played, "FAILED", "ERROR_CLOSED")
        client = played.client
        same("reply", (client.reply_code, client.reply_text), (421, "4.3.2 too busy"))

    cases = (("RP2", Rp2, False), ("RP2, within connect()", Rp2, True), ("ESP32", Esp32, False))
    check_table(cases, check)


def test_refusal_during_the_text_is_read_before_the_next_write():
    """After a failed TLS write nothing can be read: read before writing."""

    class Refusing(ScriptedLink):
        """The server refuses the text in the middle, and reads no more."""

        has_refused = False

        def write(self, buf, off, n):
            if self.has_refused:
                raise trouble(104)
            taken = ScriptedLink.write(self, buf, off, n)
            if self.taken > SIZE // 2:
                self.has_refused = True
                self.server.out += b"552 5.3.4 too large\r\n"
            return taken

    def check(kind, options):
        there = server()
        played = play(kind, there, Refusing(there), **options).send(attachment())
        ended(played, "FAILED", "ERROR_TOO_LARGE")
        same("reply", played.client.reply_code, 552)

    check_ports((("",),), check)


def test_tls_that_cannot_be_read_any_more_is_explained():
    """The reset arrives between poll and write."""

    class ResetByWrite(ScriptedLink):
        def write(self, buf, off, n):
            if self.server.commands[-1] == "DATA":
                self.cut = ("out", 0, "reset")
            return ScriptedLink.write(self, buf, off, n)

        def has_input(self):
            return False

    def check(kind, options):
        there = server()
        played = play(kind, there, ResetByWrite(there), **options).send(mail())
        ended(played, "FAILED", "ERROR_CLOSED")
        said = "can't be read any more" in hssmtp.explain(played.client)
        same("said so", said, bool(options))

    check_ports((("",),), check)


def test_reply_truncated_by_a_reset_does_not_count():
    """The reset is reported, not the errors of later reads."""

    def check(name, kind):
        there = server(replies={"TEXT": b"250 ke"})
        network = ResetBehind(there)
        network.said = b"250 ke"
        played = play(kind, there, network).send(mail())
        ended(played, "FAILED", "ERROR_CLOSED")
        same("in doubt", played.client.in_doubt, True)
        same("cause", played.client.cause.args[0], 104)

    check_table(KINDS, check)


# TLS


def test_failed_handshakes_leave_no_socket_open():
    """14 in a row: RP2 has five sockets, ESP32 ten; TLS's own close() closes none."""

    def check(kind, options):
        if not options:
            return
        bad = ValueError("The certificate is not correctly signed by the trusted CA")
        played = play(kind, handshakes=[bad] * 14, **options)
        for _ in range(14):
            played.send(mail())
            ended(played, "FAILED", "ERROR_CERTIFICATE")
        ended(played.send(mail()), "SENT")

    check_ports((("",),), check)


def test_tls_without_memory_reports_the_free_memory():
    def check(kind, options, failure):
        if not options:
            return
        played = play(kind, handshakes=[failure], **options).send(mail())
        ended(played, "FAILED", "ERROR_TLS")
        same("transient", played.client.transient, True)
        said = hssmtp.explain(played.client)
        same("said so: " + said, "no memory for TLS with mail.example.com" in said, True)
        if hasattr(gc, "mem_free"):
            same("how much: " + said, " bytes are free, about " in said, True)
        ended(played.send(mail()), "SENT")

    check_ports(
        (
            ("MemoryError", MemoryError("memory allocation failed, allocating 16717 bytes")),
            ("ENOMEM", trouble(12)),
            ("mbedTLS's", OSError(-10368, "MBEDTLS_ERR_X509_ALLOC_FAILED")),
        ),
        check,
    )


def test_largest_free_block_is_found():
    if not hasattr(gc, "mem_free"):
        return
    from hssmtp.net.memory import memory_left

    words = memory_left().split()
    free, piece = int(words[0]), int(words[5])
    same("%s of %s" % (piece, free), 512 < piece <= free, True)
    same("collecting", gc.isenabled(), True)
    bytearray(piece)
