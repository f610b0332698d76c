"""Sender and recipients in envelope and header, Message-ID and Date."""

import hssmtp
import hssmtp.mime
from scripted import Play, Server, check_table, mail, same

DATE = "Mon, 23 Nov 2026 22:43:00 +0100"


def header_of(made):
    """Return the values of the mail's header by name, unfolded."""
    buffer = bytearray(4096)
    made.open(buffer)
    head = b""
    while made.part():
        count = made.readinto(buffer, 4000)
        head += bytes(buffer[:count])
    made.close()
    head = head.split(b"\r\n\r\n")[0].decode()
    fields = {}
    for line in head.replace("\r\n ", " ").split("\r\n"):
        name, value = line.split(": ", 1)
        same(name + " is there once", name in fields, False)
        fields[name] = value
    return fields


def commands(made, *keywords):
    """Return MAIL and the RCPTs as the server receives them."""
    play = Play(Server(list(keywords))).send(made)
    same("result", hssmtp.event_name(play.client.result), "SENT")
    return [said for said in play.server.commands if said[:5] in ("MAIL ", "RCPT ")]


def raised(named, **options):
    """Return the text of the ValueError; it names the argument."""
    arguments = {"to": "ops@example.com"}
    arguments.update(options)
    try:
        mail(**arguments)
    except ValueError as problem:
        same("%r names %s" % (str(problem), named), str(problem).startswith(named + ": "), True)
        return str(problem)
    raise AssertionError("%r is taken" % options)


# Recipients


def test_equal_recipients_get_one_rcpt():
    def check(name, to, cc, bcc, wanted):
        made = mail(to, cc=cc, bcc=bcc)
        said = commands(made)
        same("RCPT", said[1:], ["RCPT TO:<%s>" % one for one in wanted])

    check_table(
        (
            ("in one list", ["a@x", "b@x", "a@x"], (), (), ["a@x", "b@x"]),
            ("with and without a name", ["A <a@x>", "a@x", "<a@x>"], (), (), ["a@x"]),
            ("in to and cc", "a@x", ["b@x", "a@x"], (), ["a@x", "b@x"]),
            ("in to and bcc", "a@x", (), "a@x", ["a@x"]),
            ("in cc and bcc", (), ["a@x"], ["a@x", "c@x"], ["a@x", "c@x"]),
            ("a domain's case", ["a@X.example", "a@x.EXAMPLE"], (), (), ["a@X.example"]),
            ("a local part's case", ["a@x", "A@x"], (), (), ["a@x", "A@x"]),
            ("quotes", ['"a"@x', "a@x", '"a b"@x', '"a\\ b"@x'], (), (), ['"a"@x', '"a b"@x']),
            ("one that ends the other", ["aa@x", "a@x", "a@xx"], (), (), ["aa@x", "a@x", "a@xx"]),
            (
                "many",
                ["a%d@x" % (n % 50) for n in range(150)],
                (),
                (),
                ["a%d@x" % n for n in range(50)],
            ),
        ),
        check,
    )


def test_header_names_the_recipients_as_given():
    fields = header_of(mail(["a@x", "A <a@X>"], cc="a@x", bcc="b@x"))
    same("To", fields["To"], "a@x, A <a@X>")
    same("Cc", fields["Cc"], "a@x")
    same("Bcc", "Bcc" in fields, False)


def test_bcc_only_writes_undisclosed_recipients():
    with open("crew.txt", "w") as file:
        file.write("a@x\nb@x\n")
    crew = hssmtp.AddressList("crew.txt")
    nobody = "undisclosed-recipients:;"
    for options, wanted in (
        ({"bcc": "a@x"}, nobody),
        ({"bcc": ["a@x", "b@x"], "to": [], "cc": ()}, nobody),
        ({"bcc": crew}, nobody),
        ({"to": "c@x", "bcc": crew}, "c@x"),
        ({"cc": "c@x", "bcc": crew}, None),
        ({"to": crew}, "a@x, b@x"),
        ({"cc": crew, "bcc": "c@x"}, None),
    ):
        arguments = {"to": ()}
        arguments.update(options)
        same(repr(options), header_of(mail(**arguments)).get("To"), wanted)


def test_several_addresses_in_one_str_ask_for_a_list():
    for text in (
        "a@x, b@x",
        "a@x,b@x",
        "a@x; b@x",
        "a@x;b@x;c@x",
        "A <a@x>, B <b@x>",
        "A <a@x>; b@x",
        "a@x, B <b@x>",
    ):
        for name in ("to", "cc", "bcc"):
            same("list", "list of str" in raised(name, **{name: text}), True)
            same("list", "list of str" in raised(name, **{name: ["a@x", text]}), True)
        for name in ("reply_to", "envelope_sender"):
            same("several", "several" in raised(name, **{name: text}), True)


# The envelope's sender


def test_envelope_sender_is_used_for_mail_from():
    def check(name, given, wanted):
        made = mail(envelope_sender=given)
        same("MAIL", commands(made)[0], "MAIL FROM:<%s>" % wanted)
        same("From", header_of(made)["From"], "boiler@example.com")
        domain = header_of(made)["Message-ID"].split("@")[1]
        same("domain of the id", domain, "example.com>")

    check_table(
        (
            ("none given", None, "boiler@example.com"),
            ("another", "bounces@example.org", "bounces@example.org"),
            ("in brackets", "<bounces@example.org>", "bounces@example.org"),
            ("nobody", "<>", ""),
            ("quoted", '"a b"@example.org', '"a b"@example.org'),
        ),
        check,
    )


def test_invalid_envelope_senders_are_refused():
    for text in (
        "",
        " ",
        "< >",
        "ops",
        "Ops <ops@example.com>",
        "a@b> SIZE=1",
        "a@b\r\nRCPT",
        "<<>>",
    ):
        raised("envelope_sender", envelope_sender=text)
    try:
        mail(envelope_sender=b"<>")
    except TypeError as problem:
        same("named", "envelope_sender" in str(problem), True)
    else:
        raise AssertionError("no TypeError")


def test_non_ascii_envelope_sender_needs_smtputf8():
    made = mail(envelope_sender="kessel@bücher.example")
    same("utf8", made.utf8, True)
    said = commands(made, "SMTPUTF8", "8BITMIME")[0]
    same("MAIL", "<kessel@bücher.example>" in said and "SMTPUTF8" in said, True)


def test_notify_needs_an_envelope_sender():
    """RFC 3461: notifications are sent to the envelope sender."""
    for notify in ("success", "failure delay"):
        raised("notify", envelope_sender="<>", notify=notify)
    said = commands(mail(envelope_sender="<>", notify="never", envelope_id="7"), "DSN")
    same("MAIL", said[0], "MAIL FROM:<> RET=HDRS ENVID=7")
    same("RCPT", said[1], "RCPT TO:<ops@example.com> NOTIFY=NEVER")


# Ids


def test_given_message_id_is_used():
    for given, wanted in (
        ("1.a@example.com", "<1.a@example.com>"),
        ("<1.a@example.com>", "<1.a@example.com>"),
        ("a=?utf-8?q?x?=@b", "<a=?utf-8?q?x?=@b>"),
        ("1@[192.0.2.1]", "<1@[192.0.2.1]>"),
        ("a" * 890 + "@b", "<" + "a" * 890 + "@b>"),
    ):
        made = mail(message_id=given)
        same("id", header_of(made)["Message-ID"], wanted)
        same("boundaries are not made of it", made.id == mail(message_id=given).id, False)
        same("its length", len(made.id), 24)
        for sign in made.id:
            same("hexadecimal", sign in "0123456789abcdef", True)


def test_invalid_message_ids_are_refused():
    for text in (
        "",
        "<>",
        "a",
        "<a>",
        "a@",
        "@b",
        "a b@c",
        "<a@b",
        "a@b>",
        "<a@b> <c@d>",
        "<<a@b>>",
        "a@b@c",
        "ä@b",
        "a..b@c",
        "a@b..c",
        "a@b>\r\nBcc: c@d",
        '"a b"@c',
        "a@[b c]",
        "a@[b]]",
        "a@[b>]",
        "a" * 1000 + "@b",
    ):
        raised("message_id", message_id=text)
    try:
        mail(message_id=5)
    except TypeError as problem:
        same("named", "message_id" in str(problem), True)
    else:
        raise AssertionError("no TypeError")


# Dates


class Clock:
    """Stands in for `time`: the board's clock."""

    def __init__(self, year):
        self.year = year

    def gmtime(self):
        return (self.year, 11, 23, 22, 43, 0, 0, 327, 0)


def test_given_date_is_used():
    time = hssmtp.mime.time
    clock = hssmtp.mime.time = Clock(2000)
    try:
        for year in 2000, 2026:
            clock.year = year
            made = mail(date=DATE)
            for later in year, 2027:
                clock.year = later
                same("date", header_of(made)["Date"], DATE)
    finally:
        hssmtp.mime.time = time


def test_valid_dates_are_accepted():
    for date in (
        DATE,
        "23 Nov 2026 22:43:00 +0100",
        "Mon, 23 Nov 2026 22:43 -0000",
        "Sun, 2 Jan 2000 03:04:05 +0000",
        "Sun, 02 Jan 2000 03:04:05 -1130",
        "Thu, 29 Feb 2024 00:00:00 +0000",
        "Tue, 29 Feb 2000 23:59:60 +0000",
        "Fri, 31 Dec 2100 00:00:00 +1400",
        "mon, 23 nov 2026 22:43:00 +0100",
    ):
        same("date", header_of(mail(date=date))["Date"], date)


def test_invalid_dates_are_refused():
    for date in (
        "",
        "now",
        "2026-11-23 22:43:00 +0100",
        "2026-11-23T22:43:00Z",
        "Mon, 23 Nov 2026 22:43:00",
        "Mon, 23 Nov 2026 22:43:00 GMT",
        "Mon, 23 Nov 2026 22:43:00 CET",
        "Mon, 23 Nov 2026 22:43:00 +01:00",
        "Mon, 23 Nov 2026 22:43:00 0100",
        "Mon, 23 Nov 2026 22:43:00 +010",
        "Mon, 23 Nov 2026 22:43:00 +0160",
        "Mon, 23 Nov 2026 22:43:00 +-100",
        "Tue, 23 Nov 2026 22:43:00 +0100",
        "Mon 23 Nov 2026 22:43:00 +0100",
        "Mon,23 Nov 2026 22:43:00 +0100",
        "Mon,  23 Nov 2026 22:43:00 +0100",
        "Monday, 23 Nov 2026 22:43:00 +0100",
        ", 23 Nov 2026 22:43:00 +0100",
        "Mon, 23 November 2026 22:43:00 +0100",
        "Mon, 23 ovd 2026 22:43:00 +0100",
        "Mon, 023 Nov 2026 22:43:00 +0100",
        "0 Nov 2026 22:43:00 +0100",
        "31 Nov 2026 22:43:00 +0100",
        "29 Feb 2026 22:43:00 +0100",
        "29 Feb 2100 22:43:00 +0100",
        "23 Nov 26 22:43:00 +0100",
        "23 Nov 1899 22:43:00 +0100",
        "23 Nov 2026 24:00:00 +0100",
        "23 Nov 2026 22:60:00 +0100",
        "23 Nov 2026 22:43:61 +0100",
        "23 Nov 2026 2:43:00 +0100",
        "23 Nov 2026 22:43:00:00 +0100",
        DATE + " (CET)",
        DATE + "\r\nBcc: a@b",
        "Mön, 23 Nov 2026 22:43:00 +0100",
    ):
        raised("date", date=date)
    try:
        mail(date=0)
    except TypeError as problem:
        same("named", "date" in str(problem), True)
    else:
        raise AssertionError("no TypeError")


def test_arguments_may_be_positional():
    made = hssmtp.Message(
        "a@x", "b@x", (), (), "s", "t", None, (), None, None, "c@x", "1@x", DATE, "never", "7"
    )
    fields = header_of(made)
    same("id and date", (fields["Message-ID"], fields["Date"]), ("<1@x>", DATE))
    same("MAIL", commands(made, "DSN")[0], "MAIL FROM:<c@x> RET=HDRS ENVID=7")
