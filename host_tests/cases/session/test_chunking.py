"""CHUNKING and BINARYMIME (RFC 3030): the text as a chunk, attachments without base64."""

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

AHEAD = ["PIPELINING", "CHUNKING"]
WAYS = (("CHUNKING", ["CHUNKING"]), ("PIPELINING", AHEAD))
DOTS = ".\n..\n.x\r\nMAIL FROM:<a@b.c>\r\n.\r\nQUIT\n"
TO = ["a@example.com", "b@example.com", "c@example.com"]
ALMOST_LARGE = 31000  # a text of up to 32,768 bytes may be pipelined with the envelope
LARGE = 34000


def lines(size):
    return "x" * 78 + "\n" + ("y" * 78 + "\n") * (size // 80)


def body(play):
    text = play.server.mails[0][2]
    return text[text.find(b"\r\n\r\n") + 4 :]


def verbs(play):
    """Return the verbs of the commands after EHLO."""
    return " ".join([command.split(" ")[0] for command in play.server.commands[2:]])


def test_mail_is_sent_as_one_chunk():
    """Exactly the announced bytes: no stuffed dots, no final dot."""

    def check(manner, keywords, text):
        server = Server(keywords)
        play = Play(server, manner=manner).send(mail(TO, text=text))
        client = play.client
        same("result", hssmtp.event_name(client.result), "SENT")
        same("commands", verbs(play), "MAIL RCPT RCPT RCPT BDAT <text> QUIT")
        same("text", body(play), text.replace("\r\n", "\n").replace("\n", "\r\n").encode())
        size = len(server.mails[0][2])
        same("chunks", server.chunks, [size])
        same("octets", (client.bytes_sent, client.bytes_total), (size, size))
        same("reply", (client.reply_code, client.reply_text), (250, "2.0.0 queued"))

    large = (lines(ALMOST_LARGE), lines(LARGE))
    for texts, manners in ((("\n", DOTS), MANNERS + FAR), (large, FEW)):
        cases = []
        for way, keywords in WAYS:
            for text in texts:
                cases.append(("%s, %d octets" % (way, len(text)), keywords, text))
        in_every_manner(check, cases, manners)


def test_chunk_needs_no_final_line_end():
    """RFC 5321 2.3.8: a missing final line end is added, and counted."""
    for text in "", "x", "x\ny":
        server = Server(AHEAD + ["SIZE"])
        play = Play(server).send(mail(text=text))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        wanted = text.replace("\n", "\r\n").encode() + (b"\r\n" if text else b"")
        same("text", body(play), wanted)


def test_mail_of_unknown_size_uses_data():
    """It is sent by DATA."""
    for keywords in ["CHUNKING"], AHEAD, AHEAD + ["BINARYMIME", "8BITMIME"]:
        attachments = [hssmtp.Attachment(iter([b"x" * 100, b"y"]), name="x")]
        for message in mail(text=iter([b".\r\n"])), mail(attachments=attachments):
            play = Play(Server(keywords)).send(message)
            same("result", hssmtp.event_name(play.client.result), "SENT")
            same("commands", verbs(play), "MAIL RCPT DATA <text> QUIT")


def test_only_small_chunks_are_pipelined_with_the_envelope():
    """A larger mail waits for the recipients' replies: all may be refused."""
    for size, waits in ((10, 1), (ALMOST_LARGE, 1), (LARGE, 2), (100000, 2)):
        for count in 1, 100:
            to = ["user%d@example.com" % n for n in range(count)]
            play = Play(Server(AHEAD), manner={"far": True})
            play.send(mail((), bcc=to, text=lines(size)))
            # There are also waits for the greeting, EHLO and QUIT.
            same("%d octets: waits %s" % (size, play.link.waits), len(play.link.waits) - 3, waits)
            same("last wait", play.link.waits[-1], "QUIT")


# name, replies, error, transient, is a small text sent ahead, is a large one sent
REFUSED = (
    ("MAIL", {"MAIL": "550 5.1.8 no"}, "SENDER", False, False),
    ("MAIL, later", {"MAIL": "451 4.3.0 no"}, "SENDER", True, False),
    ("RCPTs", {"RCPT": "550 5.1.1 no"}, "RECIPIENTS", False, False),
    ("RCPTs, later", {"RCPT": "450 4.2.1 no"}, "RECIPIENTS", True, False),
    ("RCPTs, text taken", {"RCPT": "550 no", "TEXT": "250 ok"}, "RECIPIENTS", False, False),
    ("text", {"TEXT": "554 5.7.1 spam"}, "REJECTED", False, True),
    ("text, later", {"TEXT": "451 4.7.1 grey"}, "REJECTED", True, True),
    ("text, size", {"TEXT": "552 5.3.4 too large"}, "TOO_LARGE", False, True),
)


def test_refused_chunk_fails_the_mail():
    """Nobody gets the mail, and the connection can be used for another one."""

    def check(manner, keywords, size, replies, error, transient, sent):
        server = Server(keywords, replies=replies)
        play = Play(server, manner=manner, keep_open_ms=1000)
        client = play.client
        play.send(mail(TO, text=lines(size)))
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_" + error)
        same("transient", (client.transient, client.in_doubt), (transient, False))
        if size > ALMOST_LARGE or "PIPELINING" not in keywords:
            same("chunks", len(server.chunks), 1 if sent else 0)
        given = [one for one in server.mails if one[1]]
        same("mails", given, [])
        server.replies.clear()
        play.send(mail(TO, text=lines(size)))
        same("next mail", hssmtp.event_name(client.result), "SENT")
        same("envelope", server.mails[-1][1], TO)
        # A BDAT refused as too large is tried again as DATA, over another connection.
        same("connections", len(play.link.opened), 2 if error == "TOO_LARGE" else 1)

    for size, manners in ((100, MANNERS + FAR), (LARGE, FEW)):
        cases = []
        for way, keywords in WAYS:
            for case in REFUSED:
                name = "%s, %s, %d octets" % (case[0], way, size)
                cases.append((name, keywords, size) + case[1:])
        in_every_manner(check, cases, manners)


def test_chunk_is_sent_to_accepted_recipients():
    def check(manner, keywords, size, refused):
        replies = {}
        for who in refused:
            replies["RCPT " + who] = "550 5.1.1 unknown"
        server = Server(keywords, replies=replies)
        play = Play(server, manner=manner).send(mail(TO, text=lines(size)))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("refused", play.refused, refused)
        same("envelope", server.mails[0][1], [who for who in TO if who not in refused])
        same("reply", play.client.reply_code, 250)

    for size, manners in ((100, MANNERS + FAR), (LARGE, FEW)):
        cases = []
        for way, keywords in WAYS:
            for refused in TO[:1], TO[2:], TO[:2], TO[1:]:
                name = "%s, %d octets, %s" % (way, size, refused)
                cases.append((name, keywords, size, refused))
        in_every_manner(check, cases, manners)


def test_refusal_during_the_chunk_fails_the_mail():
    """A reply before the end of the chunk ends it: the rest would be wasted."""

    def check(name, keywords, said, error, transient):
        server = Server(keywords, strict=False)
        play = Play(server)
        play.client.send_mail(mail(text=lines(300000)))
        while not server.chunks:
            play.now += 1
            play.client.tick(play.now)
        server.out += said
        play.run()
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), error)
        if transient is not None:
            same("transient", client.transient, transient)
        same("in_doubt", client.in_doubt, False)
        same("mails", server.mails, [])
        same("link", play.link.is_open, False)

    cases = []
    for way, keywords in WAYS:
        for said, error, transient in (
            (b"554 5.7.1 spam\r\n", "ERROR_REJECTED", False),
            (b"451 4.3.0 disk full\r\n", "ERROR_REJECTED", True),
            (b"421 4.3.2 bye\r\n", "ERROR_CLOSED", True),
            (b"250 2.0.0 already?\r\n", "ERROR_PROTOCOL", None),
            (b"rubbish\r\n", "ERROR_PROTOCOL", None),
        ):
            name = "%s, %s" % (way, said)
            cases.append((name, keywords, said, error, transient))
    check_table(cases, check)


def broken(size, given):
    """An attachment that says `size` bytes, gives `given` and then fails."""

    def pieces():
        for _ in range(given // 100):
            yield b"x" * 100
        if given < size:
            raise OSError(5)

    return hssmtp.Attachment(pieces(), name="x", size=size)


def test_failing_source_ends_the_chunk():
    """The announced bytes can't be sent: the connection is closed, and nobody gets a mail."""

    def check(manner, keywords, attachment):
        server = Server(keywords)
        play = Play(server, manner=manner, keep_open_ms=1000)
        play.send(mail(attachments=[attachment()]))
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
        same("in_doubt", client.in_doubt, False)
        same("mails", server.mails, [])
        same("link", play.link.is_open, False)
        play.send(mail())
        same("next mail", hssmtp.event_name(client.result), "SENT")

    cases = []
    for way, keywords in WAYS + (("BINARYMIME", AHEAD + ["BINARYMIME"]),):
        for name, size, given in (
            ("fails at once", 5000, 0),
            ("fails in the middle", 5000, 2000),
            ("fails, large", 20000, 3000),
            ("too long", 1000, 1100),
            ("too long by far", 1000, 5000),
        ):
            one = "%s, %s" % (name, way)
            cases.append((one, keywords, lambda size=size, given=given: broken(size, given)))
    in_every_manner(check, cases, FEW + MANNERS[2:3])


def test_attachment_that_is_shortened_meanwhile_fails_the_mail():
    """A bytearray that grows is sent with its first length; one that shrinks is ERROR_SOURCE."""

    def check(name, keywords, change, result):
        data = bytearray(b"x" * 5000)
        server = Server(keywords)
        play = Play(server)
        play.client.send_mail(mail(attachments=[hssmtp.Attachment(data, name="x")]))
        change(data)
        play.run()
        client = play.client
        same("result", hssmtp.event_name(client.result), result)
        error = "-" if result == "SENT" else "ERROR_SOURCE"
        same("error", hssmtp.error_name(client.error), error)
        same("mails", len(server.mails), 1 if result == "SENT" else 0)
        if server.mails:
            text = server.mails[0][2]
            same("all of it", text.count(b"x" * 5000) + text.count(b"eHg=") == 1, True)

    def shorten(data):
        data[2000:] = b""

    cases = []
    for way, keywords in WAYS + (("BINARYMIME", AHEAD + ["CHUNKING", "BINARYMIME"]),):
        cases.append(("shorter, " + way, keywords, shorten, "FAILED"))
        cases.append(("longer, " + way, keywords, lambda data: data.extend(b"y" * 999), "SENT"))
    check_table(cases, check)


def test_connection_lost_within_the_chunk():
    """in_doubt once the server may have all of the chunk."""

    def check(name, keywords, how, size):
        whole = Play(Server(keywords)).send(mail(text=lines(size)))
        sent = whole.link.taken - len("QUIT\r\n")
        for octet in range(max(0, sent - 300), sent + 1, 31):
            server = Server(keywords)
            play = Play(server, manner={"cut": ("out", octet, how)})
            play.send(mail(text=lines(size)))
            client = play.client
            if client.result == hssmtp.SENT:
                same("mails", len(server.mails), 1)
                continue
            same("transient", client.transient, True)
            if server.mails:
                same("in_doubt at %d" % octet, client.in_doubt, True)

    cases = []
    for way, keywords in WAYS:
        for how in "reset", "fin", "silence":
            for size in 100, LARGE:
                cases.append(("%s, %s, %d" % (way, how, size), keywords, how, size))
    check_table(cases, check)


def test_missing_reply_to_the_chunk_is_a_timeout():
    """The chunk is sent and no reply comes: the server may have the mail."""
    for keywords in ["CHUNKING"], AHEAD:
        server = Server(keywords, replies={"TEXT": None})
        play = Play(server, keep_open_ms=1000).send(mail())
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_TIMEOUT")
        same("in_doubt", (client.in_doubt, client.transient), (True, True))
        # DATA has been tried too.
        same("state", state(client), "TEXT")
        same("connections", len(play.link.opened), 2)


def test_offer_before_tls_does_not_count():
    server = Server(["STARTTLS", "CHUNKING", "BINARYMIME"], ["HELP"])
    play = Play(server, security="starttls").send(mail())
    same("result", hssmtp.event_name(play.client.result), "SENT")
    same("chunks", server.chunks, [])


def test_chunking_on_a_kept_connection():
    """The server may have closed the connection: wait for the reply to MAIL first."""

    def check(manner, keywords, size):
        server = Server(keywords)
        play = Play(server, manner=manner, keep_open_ms=60000)
        play.send(mail(TO))
        server.replies["MAIL"] = ["421 4.4.2 idle"]
        chunks = len(server.chunks)
        play.send(mail(TO, text=lines(size)))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("mails", len(server.mails), 2)
        same("connections", len(play.link.opened), 2)
        same("chunks", len(server.chunks) - chunks, 1)

    cases = []
    for way, keywords in WAYS:
        for size in 100, LARGE:
            cases.append(("%s, %d octets" % (way, size), keywords, size))
    in_every_manner(check, cases, FEW)


# BINARYMIME

BINARY = AHEAD + ["BINARYMIME", "8BITMIME", "SIZE"]
OCTETS = bytes(range(256)) + b"\r\n.\r\n\n\r\0.\n" + b"\xff" * 700  # and no line end


def test_binarymime_sends_attachments_without_base64():
    def check(manner, keywords, source, count):
        with open("log", "wb") as file:
            file.write(OCTETS)
        file = open("log", "rb")
        what = {"path": "log", "octets": OCTETS, "file": file}[source]
        attachments = [hssmtp.Attachment(what, name="%d.bin" % n) for n in range(count)]
        server = Server(keywords)
        message = mail(text="\u20ac\n.\n", html="<p>\u20ac</p>", attachments=attachments)
        play = Play(server, manner=manner).send(message)
        file.close()
        same("result", hssmtp.event_name(play.client.result), "SENT")
        of_mail = server.parameters[0][0]
        text = server.mails[0][2]
        same("BODY", of_mail.get("BODY"), "BINARYMIME")
        same("chunks", server.chunks, [len(text)])
        same("base64", b"base64" in text, False)
        same("attachments", text.count(b"\r\n\r\n" + OCTETS + b"\r\n--"), count)
        same("octets", (play.client.bytes_sent, play.client.bytes_total), (len(text), len(text)))

    cases = []
    for source in "path", "octets", "file":
        for count in (1,) if source == "file" else (1, 3):
            for keywords in BINARY, ["CHUNKING", "BINARYMIME"]:
                name = "%d by %s, %s" % (count, source, keywords)
                cases.append((name, keywords, source, count))
    in_every_manner(check, cases, FEW)
    in_every_manner(check, cases[:1])


def test_empty_attachment_with_binarymime():
    server = Server(BINARY)
    attachments = [hssmtp.Attachment(b"", name="a"), hssmtp.Attachment(b"", name="b")]
    Play(server).send(mail(attachments=attachments))
    same("attachments", server.mails[0][2].count(b"\r\n\r\n\r\n--"), 2)


def test_attachment_is_base64_without_chunking_and_binarymime():
    def check(name, keywords, body):
        server = Server(keywords)
        Play(server).send(mail(text="\u20ac", attachments=[hssmtp.Attachment(OCTETS, name="a")]))
        same("BODY", server.parameters[0][0].get("BODY"), body)
        text = server.mails[0][2]
        same("base64", text.count(b"\r\nContent-Transfer-Encoding: base64\r\n"), 1)
        same("binary", b"Transfer-Encoding: binary" in text, False)

    check_table(
        (
            ("neither", [], None),
            ("CHUNKING", AHEAD, None),
            ("BINARYMIME alone", ["PIPELINING", "BINARYMIME"], None),
            ("8BITMIME too", ["BINARYMIME", "8BITMIME"], "8BITMIME"),
            ("CHUNKING and 8BITMIME", AHEAD + ["8BITMIME"], "8BITMIME"),
        ),
        check,
    )


def test_mail_without_attachments_is_not_sent_as_binarymime():
    """The next relay may lack BINARYMIME: use it only if needed."""
    server = Server(BINARY)
    Play(server).send(mail())
    same("BODY", server.parameters[0][0].get("BODY"), None)


def test_mail_is_encoded_for_each_server():
    with open("log", "wb") as file:
        file.write(OCTETS)
    message = mail(attachments=["log"])
    for keywords, count in (BINARY, 1), ([], 0), (BINARY, 1):
        server = Server(keywords)
        play = Play(server).send(message)
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("binary", server.mails[0][2].count(OCTETS), count)


def test_waits_of_chunks_with_attachments():
    """With PIPELINING a small mail is sent in one group, a large one after the recipients."""
    for size, waits in ((1000, 1), (40000, 2)):
        play = Play(Server(BINARY), manner=FAR[0][1])
        play.send(mail(attachments=[hssmtp.Attachment(b"\0" * size, name="x")]))
        same("waits %s" % play.link.waits, len(play.link.waits) - 3, waits)
        same("last wait", play.link.waits[-1], "QUIT")


def test_chunk_is_not_pipelined_with_mail_on_a_kept_connection():
    """The connection may have ended: wait for the reply to MAIL before BDAT."""
    server = Server(["PIPELINING", "CHUNKING"])
    play = Play(server, manner={"far": True}, keep_open_ms=60000).send(mail())
    first = len(play.link.waits)
    play.send(mail())
    same("result", play.client.result, hssmtp.SENT)
    same("waits %s" % play.link.waits[first:], len(play.link.waits) - first, 2)
    same("waits of the first", first, 3)  # the greeting, EHLO, and all the rest at once
