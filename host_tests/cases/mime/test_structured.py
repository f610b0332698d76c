"""Message(headers=…): addresses, ids, URLs and dates, each by the rules of its field."""

import hssmtp
from scripted import Play, Server, check_table, mail, same


def written(name, value):
    """Return the lines of a further field, and whether the mail needs SMTPUTF8."""
    made = mail(headers={name: value})
    buffer = bytearray(4096)
    made.open(buffer)
    head = b""
    while made.part():
        count = made.readinto(buffer, 4000)
        head += bytes(buffer[:count])
    made.close()
    head = head.split(b"\r\n\r\n")[0] + b"\r\n"
    start = head.find(b"\r\n" + name.encode() + b": ") + 2
    end = start
    while True:
        end = head.find(b"\r\n", end) + 2
        if head[end : end + 1] != b" ":
            break
    for line in head.split(b"\r\n"):
        same("a line within its limit", len(line) <= 998, True)
    return head[start:end].decode(), made.utf8


def raised(name, value):
    """Return the text of the ValueError."""
    try:
        mail(headers={name: value})
    except ValueError as problem:
        return str(problem)
    raise AssertionError("%s: %r is taken" % (name, value))


ADDRESS_FIELDS = (
    "Sender",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Reply-To",
    "Disposition-Notification-To",
    "Return-Receipt-To",
    "Errors-To",
    "Mail-Followup-To",
    "Mail-Reply-To",
    "Apparently-To",
    "Delivered-To",
    "X-Original-To",
    "X-Confirm-Reading-To",
    "Original-From",
    "sender",
    "RESENT-TO",
)


def test_address_fields_are_written_like_the_sender():
    cases = (
        ("ops@example.com", "ops@example.com"),
        ("<ops@example.com>", "ops@example.com"),
        ("Ops <ops@example.com>", "Ops <ops@example.com>"),
        ('"Ops, cellar" <ops@example.com>', '"Ops, cellar" <ops@example.com>'),
        ("Größe <ops@example.com>", "=?utf-8?q?Gr=C3=B6=C3=9Fe?= <ops@example.com>"),
        (
            '"Ö, Ä" <ops@example.com>',
            "=?utf-8?q?=C3=96=2C_=C3=84?= <ops@example.com>",
        ),
        ('"a, b"@example.com', '"a, b"@example.com'),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("=?utf-8?q?x?= <a@b>", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= <a@b>"),
    )

    def check(field, value, wanted):
        same(field, written(field, value), ("%s: %s\r\n" % (field, wanted), False))

    table = [(field,) + case for field in ADDRESS_FIELDS for case in cases]
    check_table(table, check)


def test_several_addresses_are_separated_by_commas():
    for value, wanted in (
        ("a@b, c@d", "a@b, c@d"),
        ("a@b,c@d", "a@b, c@d"),
        ('A <a@b>, "C, D" <c@d>, e@f', 'A <a@b>, "C, D" <c@d>, e@f'),
        ('"\\"A\\", B" <a@b>,c@d', '"\\"A\\", B" <a@b>, c@d'),
        ("Ä <a@b>, C <c@d>", "=?utf-8?q?=C3=84?= <a@b>, C <c@d>"),
    ):
        for field in ("Resent-To", "Mail-Followup-To", "Disposition-Notification-To"):
            same(field, written(field, value)[0], "%s: %s\r\n" % (field, wanted))
    for field in ("Sender", "Resent-Sender"):
        same("one", "one address" in raised(field, "a@b, c@d"), True)


def test_invalid_addresses_in_fields_are_refused():
    for value in (
        "",
        " ",
        "ops",
        "Ops",
        "ops@",
        "a@b,",
        ",a@b",
        "a@b,,c@d",
        "a@b; c@d",
        "A <a@b>; C <c@d>",
        "a@b c@d",
        '"A <a@b>, c@d',
        "undisclosed-recipients:;",
        "a@b> SIZE=1",
        "=?utf-8?q?a?=@b c",
        "a@[300.1.1.1]",
    ):
        for field in ADDRESS_FIELDS:
            same(field, raised(field, value).startswith("headers: " + field), True)


def test_non_ascii_address_in_a_field_needs_smtputf8():
    field, is_utf8 = written("Sender", "Kessel <kessel@bücher.example>")
    same("field", field, "Sender: Kessel <kessel@bücher.example>\r\n")
    same("SMTPUTF8", is_utf8, True)
    made = mail(headers={"Sender": "kessel@bücher.example"})
    same("with", sent(made, ["SMTPUTF8", "8BITMIME"]), "SENT")
    same("without", sent(made, ["8BITMIME"]), "FAILED")
    same("of a name", written("Sender", "Ä <a@b>")[1], False)


def sent(made, keywords):
    play = Play(Server(keywords)).send(made)
    return hssmtp.event_name(play.client.result)


def test_many_addresses_in_a_field_are_folded():
    value = ", ".join(["Größe %d <a%d@example.com>" % (n, n) for n in range(100)])
    field = written("Resent-To", value)[0]
    for line in field.split("\r\n"):
        same("short", len(line) <= 76, True)
    same("all", field.count("@"), 100)


# Ids, URLs, dates and other unchanged values

AS_THEY_ARE = (
    ("In-Reply-To", "<1.a@example.com>"),
    ("References", "<1.a@example.com> <CAB+x_y=z@mail.example.com> <a=?b?=@c>"),
    ("Resent-Message-ID", "<=?utf-8?q?x?=@example.com>"),
    ("Original-Message-ID", "<no-domain>"),
    ("Supersedes", "<a@[192.0.2.1]>"),
    (
        "List-Unsubscribe",
        "<https://example.com/?u=?a?&b=%20=?x>, <mailto:u@example.com?subject=a>",
    ),
    ("List-Post", "NO (posting is not allowed)"),
    ("List-Post", "<mailto:alerts@example.com> (moderated)"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ("List-Archive", "<https://example.com/archive/>"),
    ("Archived-At", "<https://example.com/1>"),
    ("List-Sequence", "12"),
    ("Resent-Date", "Mon, 23 Nov 2026 22:43:00 +0100"),
    ("Expires", "23 Nov 2026 22:43 -0000"),
    ("Reply-By", "Mon, 23 Nov 2026 22:43:00 +0000"),
    ("Auto-Submitted", "auto-generated"),
    ("Precedence", "bulk"),
    ("Importance", "high"),
    ("Priority", "urgent"),
    ("X-Priority", "1 (Highest)"),
    ("X-MSMail-Priority", "High"),
    ("X-Auto-Response-Suppress", "All"),
    ("Original-Recipient", "rfc822;ops@example.com"),
    ("Authentication-Results", 'example.com; auth=pass reason="a  b" smtp.auth=boiler'),
    ("Received", "from boiler by mx.example.com; Mon, 23 Nov 2026 22:43:00 +0000"),
    ("Disposition-Notification-Options", "a=optional,b"),
    ("Content-Language", "de, en"),
    ("Keywords", "boiler, heat"),
    ("List-Id", "<alerts.example.com>"),
    ("List-Id", "The alerts <alerts.example.com>"),
    ("List-ID", '"Alerts, all" <alerts.example.com>'),
)


def test_ids_urls_and_dates_are_not_encoded():
    def check(name, value):
        same("field", written(name, value)[0].replace("\r\n ", " "), "%s: %s\r\n" % (name, value))

    check_table(AS_THEY_ARE, check)


def test_ids_and_urls_are_folded_at_spaces_only():
    ids = " ".join(["<%d.%s@example.com>" % (n, "a" * (n * 7 % 90)) for n in range(60)])
    url = "<https://example.com/%s>, <mailto:a@example.com>" % ("a" * 800)
    for name, value in (("References", ids), ("List-Unsubscribe", url)):
        lines = written(name, value)[0].split("\r\n")
        same("value", "".join(lines), "%s: %s" % (name, value))
        for line in lines[:-1]:
            same("whole", line.count("<"), line.count(">"))
            same("short", len(line) <= 76 or line.strip(" ").count(" ") <= 1, True)


def test_no_folded_line_is_blank():
    value = "a; x=" + " ".join(['"%s"' % (" " * 30 + "b")] * 9)
    field = written("Authentication-Results", value)[0]
    same("value", field.replace("\r\n ", " "), "Authentication-Results: %s\r\n" % value)
    for line in field.split("\r\n")[:-1]:
        same("not blank", line.strip(" ") != "", True)


def test_phrases_are_encoded_one_by_one():
    for name, value, wanted in (
        ("Keywords", "Größe, heat", "=?utf-8?q?Gr=C3=B6=C3=9Fe?= , heat"),
        ("Keywords", 'a.b, "c, d"', '"a.b", "c, d"'),
        (
            "List-Id",
            "Größe <alerts.example.com>",
            "=?utf-8?q?Gr=C3=B6=C3=9Fe?= <alerts.example.com>",
        ),
        ("Comments", "Größe", "=?utf-8?q?Gr=C3=B6=C3=9Fe?="),
        ("Content-Description", "Größe", "=?utf-8?q?Gr=C3=B6=C3=9Fe?="),
        ("Original-Subject", "Größe", "=?utf-8?q?Gr=C3=B6=C3=9Fe?="),
    ):
        same(name, written(name, value)[0], "%s: %s\r\n" % (name, wanted))


NOT_THEIRS = (
    ("In-Reply-To", "1.a@example.com"),
    ("In-Reply-To", "<größe@example.com>"),
    ("In-Reply-To", "<a b@example.com>"),
    ("In-Reply-To", "<a@b>, <c@d>"),
    ("In-Reply-To", "Your mail of Monday"),
    ("In-Reply-To", "<>"),
    ("In-Reply-To", ""),
    ("References", "<a@b> <c@d"),
    ("References", "<a@b><c@d>"),
    ("References", "<" + "a" * 1000 + "@b>"),
    ("List-Unsubscribe", "https://example.com/"),
    ("List-Unsubscribe", "<https://example.com/größe>"),
    ("List-Unsubscribe", "<https://example.com/a b>"),
    ("List-Unsubscribe", "<https://example.com/"),
    ("List-Unsubscribe", "<<a>>"),
    ("List-Unsubscribe", "<https://example.com/" + "a" * 1000 + ">"),
    ("List-Id", "alerts.example.com"),
    ("List-Id", "<alerts>"),
    ("List-Id", "<größe.example.com>"),
    ("List-Id", "<a b.example.com>"),
    ("List-Id", "Alerts <alerts.example.com> x"),
    ("Resent-Date", "2026-11-23T22:43:00Z"),
    ("Expires", "0"),
    ("Expires", "Tue, 23 Nov 2026 22:43:00 +0000"),
    ("X-Priority", "höchste"),
    ("Precedence", ""),
    ("Content-Language", "größe"),
    ("Keywords", "a,,b"),
    ("Keywords", ""),
    ("Received", "a" * 1000),
)


def test_invalid_structured_values_are_refused():
    def check(name, value):
        same("named", raised(name, value).startswith("headers: " + name), True)

    check_table(NOT_THEIRS, check)


def test_fields_that_message_writes_are_refused():
    for name, advice in (
        ("From", "sender="),
        ("To", "to="),
        ("Cc", "cc="),
        ("Bcc", "bcc="),
        ("Reply-To", "reply_to="),
        ("Subject", "subject="),
        ("Date", "date="),
        ("Message-ID", "message_id="),
        ("Return-Path", "envelope_sender="),
        ("RETURN-PATH", "envelope_sender="),
        ("Resent-Bcc", "bcc="),
        ("MIME-Version", "headers="),
        ("Content-Type", "headers="),
        ("Content-Transfer-Encoding", "headers="),
    ):
        said = raised(name, "<a@example.com>")
        same(name, name in said and said.endswith(advice), True)


def test_repeated_field_is_refused():
    for names in (("Sender", "SENDER"), ("X-Boiler", "x-boiler")):
        try:
            mail(headers=dict.fromkeys(names, "a@example.com"))
        except ValueError as problem:
            same("named", str(problem).startswith("headers: "), True)
        else:
            raise AssertionError("%r is taken" % (names,))


def test_other_fields_are_free_text():
    for name in ("X-Boiler", "Comments", "Organization", "User-Agent", "X-Sender", "Thread-Topic"):
        same(name, written(name, "95 °C")[0], name + ": =?utf-8?q?95_=C2=B0C?=\r\n")
