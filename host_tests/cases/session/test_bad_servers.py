"""Servers with wrong offers, replies and numbers of replies: each has a clear result."""

import hssmtp
from scripted import FAR, MANNERS, Play, Server, check_table, in_every_manner, mail, same

TO = ["a@example.com", "b@example.com", "c@example.com"]
USER = "boiler"
LOGIN = {"username": USER, "password": "x", "security": "tls"}
EVERY = ["PIPELINING", "SIZE 100000", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "BINARYMIME"]
EVERY += ["ENHANCEDSTATUSCODES", "LIMITS RCPTMAX=2", "AUTH PLAIN"]


def letter():
    attachments = [hssmtp.Attachment(b"\0\xff" * 500, name="x")]
    return mail(TO, text="\u20ac\n.\n", attachments=attachments, notify="never", envelope_id="7")


# What is offered


def check_offers(manner, keywords):
    server = Server(keywords, users={USER: "x"})
    play = Play(server, manner=manner, **LOGIN).send(letter())
    same("result", hssmtp.event_name(play.client.result), "SENT")
    taken = []
    for _, recipients, _ in server.mails:
        taken += recipients
    same("envelopes", taken, TO)
    same("transactions", len(server.mails), 2)


def test_odd_spellings_of_keywords_are_understood():
    """All keywords at once, in any case and order, with unknown ones between."""
    strange = ["X", "XVERP", "250", "", " ", "-", "=", "SIZE=1", "=SIZE 1", "X-" + "Y" * 80]
    strange += [
        "VRFY",
        "ETRN",
        "HELP",
        "EXPN",
        "BURL imap",
        "REQUIRETLS",
        "DELIVERBY 1000",
        "MT-PRIORITY",
    ]
    strange += [
        "PIPELININGX",
        "XPIPELINING",
        "CHUNKINGS",
        "DSNDSN",
        "SIZES 1",
        "8BITMIMES",
        "LIMITSX RCPTMAX=1",
    ]
    cases = [("in a row", EVERY), ("backwards", EVERY[::-1])]
    cases.append(("in small letters", [word.lower() for word in EVERY]))
    cases.append(("in both", [word[:3].lower() + word[3:] for word in EVERY]))
    cases.append(("doubled", EVERY + EVERY))
    cases.append(("doubled one by one", [word for word in EVERY for _ in range(2)]))
    cases.append(("among others", strange + EVERY + strange))
    cases.append(("a space behind it", [word + " " for word in EVERY]))
    cases.append(("spaces before it", ["  " + word for word in EVERY]))
    cases.append(("more spaces", [" " + word.replace(" ", "   ") + "  " for word in EVERY]))
    in_every_manner(check_offers, cases)


def test_lines_that_are_no_keywords_offer_nothing():
    """A keyword in the first line, or as part of another word, is no offer."""

    def check(name, said):
        server = Server(replies={"EHLO": said})
        play = Play(server).send(letter())
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("parameters", server.parameters, [({}, [{}, {}, {}])])
        same("chunks", server.chunks, [])

    cases = []
    for keyword in EVERY[:7]:
        for said in "250 %s", "250-%s\r\n250 HELP", "250-x\r\n250 X%s", "250-x\r\n250 -%s":
            cases.append((said % keyword, said % keyword))
    check_table(cases, check)


def test_refused_ehlo_leads_to_helo_without_extensions():
    """HELO offers nothing."""
    for said in "500 what?", "502 5.5.1 what?", "504 no", "550 no":
        server = Server(EVERY, replies={"EHLO": said})
        play = Play(server).send(letter())
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("parameters", server.parameters, [({}, [{}, {}, {}])])


def test_offers_are_forgotten_with_the_connection():
    server = Server(EVERY[:7])
    play = Play(server).send(letter())
    server.keywords = server.tls_keywords = []
    play.send(letter())
    same("result", hssmtp.event_name(play.client.result), "SENT")
    same("parameters", server.parameters[-1], ({}, [{}, {}, {}]))


def test_refused_mail_or_rcpt_parameter_fails_the_mail():
    """The server offers an extension and refuses its parameter: that reply is the result."""

    def check(name, said, error):
        client = Play(Server(EVERY[:7], replies={"MAIL": said})).send(letter()).client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_" + error)
        same("reply", client.reply_code, int(said[:3]))

    check_table(
        (
            ("555", "555 5.5.4 unsupported parameter", "SENDER"),
            ("501", "501 5.5.4 syntax", "SENDER"),
            ("552", "552 5.3.4 too large", "TOO_LARGE"),
        ),
        check,
    )


# More replies than commands, and fewer


def test_surplus_reply_is_a_protocol_error():
    """A second reply to a command is not taken for the reply to the next one."""

    def check(name, step, said, keywords, manner):
        server = Server(keywords, replies={step: said}, strict=False)
        play = Play(server, manner=manner, timeouts={"command": 5000, "text": 5000})
        client = play.send(mail(TO)).client
        same("over", client.result in (hssmtp.SENT, hssmtp.FAILED), True)
        if client.result == hssmtp.SENT:
            same("mails", len(server.mails), 1)
        elif server.mails and client.error in (hssmtp.ERROR_PROTOCOL, hssmtp.ERROR_TIMEOUT):
            same("in_doubt", client.in_doubt, True)

    cases = []
    good = {"EHLO": b"250-x\r\n250 PIPELINING\r\n", "DATA": b"354 go\r\n"}
    for keywords in [], ["PIPELINING"], ["PIPELINING", "CHUNKING"]:
        for step in "GREETING", "EHLO", "MAIL", "RCPT", "DATA", "TEXT":
            one = good.get(step, b"220 hi\r\n" if step == "GREETING" else b"250 ok\r\n")
            for extra in b"250 ok\r\n", b"550 no\r\n", b"354 go\r\n", b"250 ok\r\n" * 20:
                for way, manner in (MANNERS + FAR)[:2] + FAR[:1]:
                    name = "%s, %s %s, %s" % (step, extra[:10], keywords, way)
                    cases.append((name, step, one + extra, keywords, manner))
    check_table(cases, check)


def test_surplus_reply_to_rcpt_is_never_taken_for_sent():
    """One reply too many to the RCPTs is not taken for the reply to DATA."""
    for keywords in ["PIPELINING"], ["PIPELINING", "CHUNKING"]:
        replies = {"RCPT": [b"250 ok\r\n250 ok\r\n"], "TEXT": "554 5.7.1 spam"}
        server = Server(keywords, replies=replies, strict=False)
        client = Play(server).send(mail(TO)).client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("mails", server.mails, [])


def test_missing_reply_is_never_taken_for_sent():
    """A missing reply is not assumed: the mail fails, by a timeout or before.

    Silence after BDAT leads to DATA over another connection.
    """

    def check(manner, step, keywords):
        replies = {step: [None]}
        server = Server(keywords, replies=replies, strict=False)
        timeouts = {"command": 5000, "data": 5000, "text": 5000}
        play = Play(server, manner=manner, timeouts=timeouts).send(mail(TO))
        client = play.client
        if "CHUNKING" in keywords and step in ("RCPT", "TEXT"):
            same("result", hssmtp.event_name(client.result), "SENT")
            same("connections", len(play.link.opened), 2)
            same("BDAT", len(server.chunks), 1)
            return
        same("result", hssmtp.event_name(client.result), "FAILED")
        if server.mails:
            same("in_doubt", client.in_doubt, True)

    cases = []
    for keywords in [], ["PIPELINING"], ["PIPELINING", "CHUNKING"]:
        for step in "EHLO", "MAIL", "RCPT", "DATA", "TEXT":
            if step != "DATA" or "CHUNKING" not in keywords:
                cases.append(("%s %s" % (step, keywords), step, keywords))
    in_every_manner(check, cases)


def test_replies_sent_in_advance_fail_the_mail():
    """The server sends all possible replies in advance."""
    said = b"220 hi\r\n" + b"250-x\r\n250 PIPELINING\r\n" + b"250 ok\r\n" * 9
    for keywords in [], ["PIPELINING"]:
        server = Server(keywords, replies={"GREETING": said}, strict=False)
        client = Play(server).send(mail(TO)).client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("mails", server.mails, [])


def test_enhanced_status_code_is_read_from_the_reply():
    """RFC 2034: reported if the reply has one."""

    def check(name, text, wanted):
        replies = {"MAIL": "550 " + text}
        client = Play(Server(["ENHANCEDSTATUSCODES"], replies=replies)).send(mail()).client
        same("enhanced code", client.enhanced_code, wanted)
        same("reply", client.reply_code, 550)

    check_table(
        (
            ("one", "5.1.8 no", "5.1.8"),
            ("three digits", "5.123.456 no", "5.123.456"),
            ("alone", "5.7.1", "5.7.1"),
            ("none", "no", ""),
            ("two numbers", "5.1 no", ""),
            ("four numbers", "5.1.8.9 no", ""),
            ("letters", "5.x.8 no", ""),
            ("empty", "5..8 no", ""),
            ("later", "no 5.1.8", ""),
            ("a version", "10.1.8 server says no", ""),
            ("a class that is none", "3.1.8 no", ""),
            ("an address", "192.168.0 is blocked", ""),
            ("four digits", "5.1234.1 no", ""),
        ),
        check,
    )
