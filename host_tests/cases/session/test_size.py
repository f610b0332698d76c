"""SIZE (RFC 1870): the exact size if it is known; a mail that is too large is not begun."""

import hssmtp
from scripted import FEW, Play, Server, check_table, in_every_manner, mail, same, state


def files():
    with open("log", "wb") as file:
        file.write(bytes(range(256)) * 5)


def plain():
    return mail()


def beyond_ascii():
    return mail(text="95 \u00b0C\n.\n" * 20)


def long_lines():
    return mail(text="x" * 3000)


def no_line_end():
    return mail(text=".\n..\r\n...\rend")


def html():
    return mail(text="a\n", html="<p>\u00b0\n</p>" * 20)


def attached():
    files()
    return mail(attachments=["log", hssmtp.Attachment(b".\r\n" * 99, name="x")])


def sized_pieces():
    pieces = iter([b"x" * 100, b"", b"y" * 23])
    return mail(attachments=[hssmtp.Attachment(pieces, name="x", size=123)])


def to_many():
    return mail(["user%d@example.com" % n for n in range(30)])


def pieces():
    return mail(attachments=[hssmtp.Attachment(iter([b"x" * 100]), name="x")])


def text_of_pieces():
    return mail(text=iter([b"It ", b"boils"]))


KNOWN = (
    plain,
    beyond_ascii,
    long_lines,
    no_line_end,
    html,
    attached,
    sized_pieces,
    to_many,
)
UNKNOWN = (pieces, text_of_pieces)

# One of each way to send the text.
WAYS = (
    ("DATA", []),
    ("8BITMIME", ["8BITMIME"]),
    ("CHUNKING", ["CHUNKING"]),
    ("PIPELINING and CHUNKING", ["PIPELINING", "CHUNKING"]),
    ("BINARYMIME", ["PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME"]),
)


def test_size_is_declared_exactly():
    """To the byte: the server compares it with the received text."""

    def check(manner, make, keywords):
        server = Server(keywords + ["SIZE 1000000"])
        play = Play(server, manner=manner).send(make())
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("SIZE", server.parameters[0][0].get("SIZE"), str(len(server.mails[0][2])))
        same("total", play.client.bytes_total, len(server.mails[0][2]))

    cases = []
    for make in KNOWN:
        for way, keywords in WAYS:
            cases.append(("%s, %s" % (make.__name__, way), make, keywords))
    in_every_manner(check, cases, FEW)
    in_every_manner(check, cases[: len(WAYS)])


def test_unknown_size_is_not_declared():
    """If it can't be known without reading, or the server does not offer SIZE."""

    def check(name, make, keywords):
        server = Server(keywords)
        play = Play(server).send(make())
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("SIZE", server.parameters[0][0].get("SIZE"), None)

    cases = [("not offered", plain, [])]
    for make in UNKNOWN:
        for way, keywords in WAYS:
            cases.append(("%s, %s" % (make.__name__, way), make, keywords + ["SIZE 1000000"]))
    check_table(cases, check)


def text_of(size):
    """A mail of exactly so many bytes."""
    server = Server()
    Play(server).send(mail(text="x\n"))
    return "x" * (size - len(server.mails[0][2]) + 1) + "\n"


def test_mail_above_the_limit_is_not_begun():
    def check(manner, over, keywords):
        server = Server(keywords + ["SIZE 900"])
        play = Play(server, manner=manner, keep_open_ms=1000)
        client = play.client
        play.send(mail(text=text_of(900 + over)))
        same("total", client.bytes_total, 900 + over)
        if not over:
            same("result", hssmtp.event_name(client.result), "SENT")
            return
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_TOO_LARGE")
        same("transient", (client.transient, client.in_doubt), (False, False))
        same("MAIL", [line for line in server.commands if line[:4] == "MAIL"], [])
        play.send(mail(text="x"))
        same("next mail", hssmtp.event_name(client.result), "SENT")
        same("connections", len(play.link.opened), 1)

    cases = []
    for way, keywords in WAYS:
        for over in 0, 1, 50:
            cases.append(("%d too large, %s" % (over, way), over, keywords))
    in_every_manner(check, cases, FEW)


def test_mail_of_unknown_size_stops_at_the_limit():
    """Sending stops at the server's limit."""

    def check(manner, keywords, pieces):
        server = Server(keywords + ["SIZE 9000"])
        play = Play(server, manner=manner).send(mail(text=iter([b"x" * 60 + b"\n"] * pieces)))
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_TOO_LARGE")
        same("reply", (client.reply_code, client.transient, client.in_doubt), (0, False, False))
        same("state", state(client), "TEXT")
        same("it stops in time", client.bytes_sent <= 9000, True)
        same("what the server takes is said", "9000" in hssmtp.explain(client), True)
        same("mails", server.mails, [])

    cases = []
    for keywords in [], ["PIPELINING", "CHUNKING"]:
        for pieces in 146, 160, 20000:
            cases.append(("%s, %d" % (keywords, pieces), keywords, pieces))
    in_every_manner(check, cases, FEW)


def test_attachment_of_unknown_size_stops_at_the_limit():
    """Blocks of a file stop there too."""
    with open("large.bin", "wb") as file:
        for _ in range(800):
            file.write(b"x" * 1000)
    message = mail(text=iter([b"short\n"]), attachments=["large.bin"])
    server = Server(["SIZE 90000"])
    client = Play(server).send(message).client
    same("error", hssmtp.error_name(client.error), "ERROR_TOO_LARGE")
    same("it stops in time", client.bytes_sent <= 90000, True)


def test_mail_of_unknown_size_within_the_limit_is_sent():
    """The size is not known before the last byte."""
    whole = Play(Server()).send(mail(text=iter([b"x" * 60 + b"\n"] * 99))).client.bytes_sent
    for most, result in ((whole, "SENT"), (whole - 1, "FAILED"), (0, "SENT")):
        server = Server(["SIZE %d" % most])
        client = Play(server).send(mail(text=iter([b"x" * 60 + b"\n"] * 99))).client
        same("%d" % most, hssmtp.event_name(client.result), result)


def test_enhanced_status_code_tells_too_large():
    """By the enhanced status code x.3.4; without one by the announced size."""

    def check(name, keywords, step, said, error):
        server = Server(keywords, replies={step: said})
        client = Play(server).send(mail()).client
        same("error", hssmtp.error_name(client.error), "ERROR_" + error)
        same("transient", client.transient, said[0] == "4")

    cases = []
    for step, other in ("MAIL", "SENDER"), ("DATA", "REJECTED"), ("TEXT", "REJECTED"):
        for keywords in [], ["SIZE"], ["SIZE 9000000"]:
            for said in "552 5.3.4 x", "554 5.3.4 x", "550 5.3.4 x", "523 5.2.3 x", "534 5.3.4":
                cases.append(("%s, %s" % (step, said), keywords, step, said, "TOO_LARGE"))
            for said in "552 5.2.2 full", "552 5.7.0 no such file", "554 5.7.1 spam", "550 no":
                cases.append(("%s, %s" % (step, said), keywords, step, said, other))
            # A mail below the announced limit is not refused for its size.
            error = other if len(keywords and keywords[0]) > 4 else "TOO_LARGE"
            for said in "552 too large", "523 too large", "534 too large":
                cases.append(("%s, %s %s" % (step, said, keywords), keywords, step, said, error))
    check_table(cases, check)


def test_recipient_refused_for_size():
    """The recipient is refused, not the mail."""
    client = Play(Server(replies={"RCPT": "552 5.3.4 too large"})).send(mail()).client
    same("error", hssmtp.error_name(client.error), "ERROR_RECIPIENTS")


def test_size_without_a_limit():
    """RFC 1870 4: no number, 0 and invalid numbers mean no limit."""

    def check(name, keywords):
        client = Play(Server(keywords)).send(mail(text="x" * 70 + "\n")).client
        same("result", hssmtp.event_name(client.result), "SENT")

    words = [
        "SIZE",
        "size",
        "SIZE ",
        "SIZE 0",
        "SIZE 00",
        "SIZE abc",
        "SIZE -1",
        "SIZE 1k",
        "SIZE =1",
    ]
    words += ["SIZE 99999999999999999999", "SIZE 18446744073709551616", "SIZE 4294967296"]
    words += ["SIZE 1073741824", "SIZE 2147483648", "SIZE x100", "SIZES 100", "SIZE=100"]
    check_table([(word, [word, "PIPELINING"]) for word in words], check)


def test_limit_after_tls_counts():
    for before, behind, result in (
        ("SIZE 10", "SIZE 100000", "SENT"),
        ("SIZE 100000", "SIZE 10", "FAILED"),
        ("SIZE 10", "HELP", "SENT"),
    ):
        server = Server(["STARTTLS", before], [behind])
        client = Play(server, security="starttls").send(mail()).client
        same("result", hssmtp.event_name(client.result), result)
