"""8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531): text and addresses beyond ASCII."""

import hssmtp
from scripted import FAR, FEW, MANNERS, Play, Server, check_table, in_every_manner, mail, same

UTF8 = ["8BITMIME", "SMTPUTF8"]
QP = "quoted-printable"
LONG = "x" * 999
EURO = "95 \u00b0C, 3 \u20ac\n"  # bytes of UTF-8: 2 and 3


def encodings(text):
    """The Content-Transfer-Encodings in a mail, in their order."""
    found = []
    for line in text.split(b"\r\n"):
        if line[:27].lower() == b"content-transfer-encoding: ":
            found.append(line[27:].decode())
    return " ".join(found)


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


# name, what the message is made of, encodings with 8BITMIME and without, BODY with 8BITMIME
BODIES = (
    ("ASCII", {"text": "a\n"}, "7bit", "7bit", None),
    ("beyond", {"text": EURO}, "8bit", QP, "8BITMIME"),
    ("beyond, octets", {"text": EURO.encode()}, "8bit", QP, "8BITMIME"),
    ("beyond, dots", {"text": "\u00fc\n.\n..\n"}, "8bit", QP, "8BITMIME"),
    ("no line end", {"text": "\u00fc\n\u00fc"}, "8bit", QP, "8BITMIME"),
    ("998 octets", {"text": "\u00fc" * 499}, "8bit", QP, "8BITMIME"),
    ("1,000 octets", {"text": "\u00fc" * 500}, QP, QP, None),
    ("999 octets", {"text": "\u20ac" * 333}, QP, QP, None),
    ("NUL", {"text": "\u00fc\0\n"}, QP, QP, None),
    ("html", {"html": EURO}, "8bit", QP, "8BITMIME"),
    # RFC 2045 6.4: what holds a part of 8 bits is of 8 bits itself.
    ("both", {"text": "a", "html": EURO}, "8bit 7bit 8bit", "7bit quoted-printable", "8BITMIME"),
    ("one long", {"text": LONG, "html": EURO}, "8bit " + QP + " 8bit", QP + " " + QP, "8BITMIME"),
    ("subject", {"subject": EURO[:-1]}, "7bit", "7bit", None),
)  # fmt: skip


def check_body(manner, parts, offered, encoding, body, keywords):
    keywords = keywords + (["8BITMIME"] if offered else [])
    server = Server(keywords)
    message = {"to": "ops@example.com", "subject": "95 degrees"}
    message.update(parts)
    play = Play(server, manner=manner).send(hssmtp.Message("boiler@example.com", **message))
    same("result", hssmtp.event_name(play.client.result), "SENT")
    same("octets", play.client.bytes_sent, play.client.bytes_total)
    text = server.mails[0][2]
    same("encodings", encodings(text), encoding)
    same("BODY", server.parameters[0][0].get("BODY"), body)
    for part in ("text", "html"):
        found = parts.get(part, "")
        found = found if isinstance(found, str) else found.decode()
        if encoding == "8bit":
            same(part, crlf(found) in text, True)


def test_body_parameter_follows_the_offer():
    for keywords, manners in (([], MANNERS + FAR), (["PIPELINING", "CHUNKING", "SIZE"], FEW)):
        cases = []
        for name, parts, with_it, _, body in BODIES:
            cases.append((name, parts, True, with_it, body, keywords))
        in_every_manner(check_body, cases, manners)
        cases = []
        for name, parts, _, without, _ in BODIES:
            cases.append((name + ", not offered", parts, False, without, None, keywords))
        in_every_manner(check_body, cases, FEW)


def test_mail_is_encoded_for_each_server():
    """As for a second server after the first one failed."""
    message = mail(text=EURO)
    for keywords, encoding in (
        (["8BITMIME"], "8bit"),
        ([], QP),
        (["8bitmime", "SIZE"], "8bit"),
    ):
        server = Server(keywords)
        Play(server).send(message)
        same("encoding", encodings(server.mails[0][2]), encoding)


def test_offer_after_tls_counts():
    for before, behind, encoding in (
        (["8BITMIME"], [], QP),
        ([], ["8BITMIME"], "8bit"),
    ):
        server = Server(["STARTTLS"] + before, behind)
        Play(server, security="starttls").send(mail(text=EURO))
        same("encoding", encodings(server.mails[0][2]), encoding)


# Addresses

SENDER = "kessel@b\u00fccher.example"
PERSON = "j\u00fcrgen@example.com"
CHINESE = "\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a"
# name, sender, to, cc, bcc: one of them beyond ASCII at least
ADDRESSES = (
    ("sender", SENDER, "ops@example.com", (), ()),
    ("to", "boiler@example.com", ["ops@example.com", PERSON], (), ()),
    ("with a name", "K\u00e4the <%s>" % PERSON, "J\u00fcrgen <%s>" % PERSON, (), ()),
    ("cc", "boiler@example.com", "ops@example.com", CHINESE, ()),
    ("bcc", "boiler@example.com", "ops@example.com", (), PERSON),
    ("all", SENDER, PERSON, CHINESE, [PERSON, "ops@example.com"]),
)


def plain(address):
    return address[address.find("<") + 1 :].rstrip(">")


def listed(who):
    return [plain(one) for one in ([who] if isinstance(who, str) else who)]


def check_addresses(manner, sender, to, cc, bcc, keywords):
    message = hssmtp.Message(sender, to=to, cc=cc, bcc=bcc, subject="95", text="It boils.")
    server = Server(keywords)
    play = Play(server, manner=manner).send(message)
    client = play.client
    if "SMTPUTF8" not in keywords or "8BITMIME" not in keywords:
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_UNSUPPORTED")
        same("transient", client.transient, False)
        same("MAIL", [line for line in server.commands if line[:4] == "MAIL"], [])
        return
    same("result", hssmtp.event_name(client.result), "SENT")
    same("sender", server.mails[0][0], plain(sender))
    wanted = []
    for address in listed(to) + listed(cc) + listed(bcc):
        if address not in wanted:  # equal addresses get one copy
            wanted.append(address)
    same("envelope", server.mails[0][1], wanted)
    same("SMTPUTF8", "SMTPUTF8" in server.parameters[0][0], True)
    text = server.mails[0][2]
    same("octets", client.bytes_total, len(text))
    for address in [plain(sender)] + listed(to) + listed(cc):
        same("in a header: %s" % address, address.encode() in text, True)


def test_non_ascii_addresses_use_smtputf8():
    cases = []
    for case in ADDRESSES:
        for keywords in (
            UTF8,
            UTF8 + ["PIPELINING", "SIZE 100000", "CHUNKING", "DSN"],
            [],
            ["8BITMIME", "PIPELINING"],
            ["SMTPUTF8"],
        ):
            cases.append(("%s, %s" % (case[0], keywords),) + case[1:] + (keywords,))
    in_every_manner(check_addresses, cases)


def test_ascii_addresses_do_not_request_smtputf8():
    """RFC 6531 3.4: request SMTPUTF8 only if needed, or a relay without it returns the mail."""
    server = Server(UTF8)
    Play(server).send(mail("J\u00fcrgen <j@example.com>", text=EURO))
    same("SMTPUTF8", "SMTPUTF8" in server.parameters[0][0], False)


def test_refused_non_ascii_recipient_is_reported_as_given():
    server = Server(UTF8, replies={"RCPT " + PERSON: "550 5.1.1 unknown"})
    play = Play(server).send(mail(["ops@example.com", PERSON]))
    same("refused", play.refused, [PERSON])
    same("envelope", server.mails[0][1], ["ops@example.com"])


def test_smtputf8_is_decided_for_each_mail():
    server = Server(UTF8)
    play = Play(server, keep_open_ms=1000)
    for to in PERSON, "ops@example.com", CHINESE:
        play.send(mail(to))
    needed = ["SMTPUTF8" in of_mail for of_mail, _ in server.parameters]
    same("SMTPUTF8", needed, [True, False, True])
    same("connections", len(play.link.opened), 1)


def test_non_ascii_address_in_a_list_is_a_bad_line():
    with open("list", "wb") as file:
        file.write(("a@example.com\n%s\nb@example.com\n" % PERSON).encode())
    server = Server(UTF8)
    crew = hssmtp.AddressList("list")
    play = Play(server).send(mail(crew))
    same("envelope", server.mails[0][1], ["a@example.com", "b@example.com"])
    same("bad", (crew.bad, crew.bad_line), (1, 2))
    same("refused", play.refused, ["list:2"])


def test_invalid_non_ascii_addresses_are_refused():
    def check(name, address):
        for kind in "sender", "to", "cc", "bcc":
            try:
                if kind == "sender":
                    hssmtp.Message(address, to="ops@example.com")
                else:
                    hssmtp.Message("boiler@example.com", **{kind: address})
            except ValueError:
                continue
            raise AssertionError("%s: nobody minded" % kind)

    bad = [
        "\u00fc",
        "\u00fc@",
        "@\u00fc.de",
        "j\u00fcrgen @example.com",
        "j\u00fcrgen@exam ple.com",
    ]
    bad += ["j\u00fc\n@example.com", "j\u00fc\x85@example.com", "\u00fc" * 33 + "@example.com"]
    bad += ["a@" + "\u00fc" * 130 + ".de", "a@b\u00fc..de", "\u00fc..a@example.com"]
    check_table([(repr(address), address) for address in bad], check)
