"""Attachments: types, ids, file names, and attached messages."""

import io
from binascii import a2b_base64

import hssmtp
from scripted import Play, Server, check_table, mail, same

LETTER = b"From: a@example.com\r\nSubject: x\r\n\r\n.\r\nIt boils.\r\n"
BASE64 = b"Content-Transfer-Encoding: base64"
SEVEN = b"Content-Transfer-Encoding: 7bit"


def whole(made):
    """Return all bytes of a mail; check the length of its lines."""
    buffer = bytearray(1024)
    made.open(buffer)
    found = b""
    while made.part():
        count = made.readinto(buffer, 700)
        found += bytes(buffer[:count])
    same("total", made.total in (None, len(found)), True)
    made.close()
    for line in found.split(b"\r\n"):
        same("a line within its limit", len(line) <= 998 and b"\n" not in line, True)
    return found


def attached(source=b"95", **options):
    """Return the header of an attachment, and the rest of the multipart."""
    made = mail(attachments=[hssmtp.Attachment(source, **options)])
    found = whole(made)
    delimiter = b"\r\n--=_mixed_" + made.id.encode()
    head, _, body = found.split(delimiter)[2].partition(b"\r\n\r\n")
    return head + b"\r\n", body


def field(head, name):
    """Return a field of a header, unfolded."""
    start = head.find(b"\r\n" + name + b": ") + 2
    end = start
    while True:
        end = head.find(b"\r\n", end) + 2
        if head[end : end + 1] != b" ":
            break
    return head[start : end - 2].replace(b"\r\n ", b" ")[len(name) + 2 :].decode()


def raised(named, **options):
    """Return the text of the ValueError; it names the argument."""
    try:
        mail(attachments=[hssmtp.Attachment(b"95", **options)])
    except ValueError as problem:
        same("%r names %s" % (str(problem), named), str(problem).startswith(named + ": "), True)
        return str(problem)
    raise AssertionError("%r is taken" % options)


# Content types


def test_valid_content_types_are_sent_as_given():
    longest = "a" * 880
    for given, wanted in (
        ("image/png", "image/png"),
        ("IMAGE/PNG", "IMAGE/PNG"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("application/x!#$&-^_.+", "application/x!#$&-^_.+"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("text/plain;charset=utf-8", "text/plain; charset=utf-8"),
        ("text/plain ; charset=utf-8", "text/plain; charset=utf-8"),
        (
            'text/plain; charset="utf-8"; format=flowed',
            'text/plain; charset="utf-8"; format=flowed',
        ),
        ('a/b; c="d; e=\\"f\\" \\\\ /?="', 'a/b; c="d; e=\\"f\\" \\\\ /?="'),
        ('a/b; c=""', 'a/b; c=""'),
        ("a/b; c*=utf-8'en'%C3%A4", "a/b; c*=utf-8'en'%C3%A4"),
        ("a/b; c=" + longest, "a/b; c=" + longest),
        ("; ".join(["a/b"] + ["c%d=%s" % (n, longest) for n in range(5)]), None),
    ):
        found = field(attached(content_type=given)[0], b"Content-Type")
        same("type", found, wanted or given)


def test_invalid_content_types_are_refused():
    for text in (
        "text",
        "text/",
        "/plain",
        "/",
        "text/plain/x",
        "text plain",
        "t xt/plain",
        "text/pl ain",
        "text/plain charset=utf-8",
        "text/plain; charset",
        "text/plain; charset=",
        "text/plain; =utf-8",
        "text/plain; *=utf-8",
        "text/plain; charset = utf-8",
        "text/plain; charset=utf 8",
        "text/plain; charset=utf/8",
        'text/plain; charset="utf-8',
        'text/plain; charset=utf-8"',
        'text/plain; charset="utf-8"x',
        "text/plain; charset=a; CHARSET=b",
        "text/plain;",
        "text/plain;; a=b",
        "text/plain, text/html",
        "text/pläin",
        'text/plain; charset="ä"',
        "text/plain (comment)",
        "<text/plain>",
        "text/plain\r\nX: y",
        "multipart/mixed",
        "Multipart/Mixed; charset=utf-8",
        'multipart/mixed; boundary=""',
        "multipart/mixed; boundary=" + "a" * 71,
        'multipart/mixed; boundary="a "',
        'multipart/mixed; boundary="a*b"',
        "a/" + "b" * 300,
        "a/b; c=" + "d" * 1000,
    ):
        raised("content_type", content_type=text)


def test_changed_attributes_are_checked_too():
    for name, bad in (
        ("content_type", "text/plain\r\nX: y"),
        ("content_type", "text"),
        ("content_id", "a>\r\nX: y"),
        ("content_id", "a b"),
        ("name", "a\r\nX: y"),
    ):
        one = hssmtp.Attachment(b"95", name="a.txt")
        setattr(one, name, bad)
        try:
            mail(attachments=[one])
        except ValueError as problem:
            same("named", name in str(problem), True)
        else:
            raise AssertionError("%s: %r is taken" % (name, bad))


# Ids


def test_valid_content_ids_are_sent_in_brackets():
    for given, wanted in (
        ("flame", "<flame>"),
        ("<flame>", "<flame>"),
        ("flame.1@example.com", "<flame.1@example.com>"),
        ("<flame.1@example.com>", "<flame.1@example.com>"),
        ("a%b/c=d?e", "<a%b/c=d?e>"),
    ):
        head = attached(name="a.png", content_id=given)[0]
        same("id", field(head, b"Content-ID"), wanted)
        same("shown", field(head, b"Content-Disposition"), 'inline; filename="a.png"')


def test_invalid_content_ids_are_refused():
    for text in (
        "<>",
        "a b",
        " a",
        "<a",
        "a>",
        "<<a>>",
        "a@",
        "@a",
        "a@b@c",
        "ä",
        "a..b",
        "a,b",
        "cid:a",
        "=?utf-8?q?x?=",
    ):
        raised("content_id", content_id=text)
    raised("content_id", content_id="a" * 1000)


def test_equal_content_ids_are_refused():
    first = hssmtp.Attachment(b"1", content_id="a@b")
    for text in ("a@b", "<a@b>"):
        try:
            mail(html="x", attachments=[first, hssmtp.Attachment(b"2", content_id=text)])
        except ValueError as problem:
            same("named", str(problem).startswith("content_id: "), True)
        else:
            raise AssertionError("taken")
    mail(html="x", attachments=[first, hssmtp.Attachment(b"2", content_id="A@b")])


def test_related_names_the_type_of_its_root():
    """RFC 2387 3.1."""
    shown = [hssmtp.Attachment(b"95", content_id="a")]
    for options, wanted in (
        ({"text": "", "html": "<p>"}, b"text/html"),
        ({"text": "x", "html": "<p>"}, b"multipart/alternative"),
        ({"text": "ö", "html": "ö"}, b"multipart/alternative"),
        ({"text": "", "html": iter([b"x"])}, b"text/html"),
    ):
        made = mail(attachments=shown, **options)
        found = whole(made).replace(b"\r\n ", b" ")
        want = b'multipart/related; type="' + wanted + b'"; boundary="=_related_'
        same("type", want + made.id.encode() + b'"\r\n' in found, True)


# File names


def test_file_names_are_encoded():
    def check(name, given, file_name, old_name):
        head = attached(name=given, content_type="a/b")[0]
        same("filename", field(head, b"Content-Disposition"), "attachment; filename" + file_name)
        same("name", field(head, b"Content-Type"), "a/b; name=" + old_name)
        same("ASCII", max(head) < 127, True)

    long = "a" * 300 + ".txt"
    check_table(
        (
            ("plain", "boiler.csv", '="boiler.csv"', '"boiler.csv"'),
            ("spaces", " a  b ", '=" a  b "', '" a  b "'),
            ("quotes", 'a"b".txt', '="a\\"b\\".txt"', '"a\\"b\\".txt"'),
            ("backslashes", "C:\\new\\", '="C:\\\\new\\\\"', '"C:\\\\new\\\\"'),
            ("slashes", "../etc/x", '="../etc/x"', '"../etc/x"'),
            (
                "specials",
                "a;b=c,(d)<e>[f]?*'%20",
                '="a;b=c,(d)<e>[f]?*\'%20"',
                '"a;b=c,(d)<e>[f]?*\'%20"',
            ),
            ("long", long, '="' + long + '"', '"' + long + '"'),
            (
                "beyond ASCII",
                "95 °C.txt",
                "*=utf-8''95%20%C2%B0C.txt",
                '"=?utf-8?q?95_=C2=B0C=2Etxt?="',
            ),
            (
                "what looks encoded",
                "=?utf-8?q?x?=",
                "*=utf-8''%3D%3Futf-8%3Fq%3Fx%3F%3D",
                '"=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?="',
            ),
            (
                "right to left",
                "\u202etxt.exe",
                "*=utf-8''%E2%80%AEtxt.exe",
                '"=?utf-8?q?=E2=80=AEtxt=2Eexe?="',
            ),
            (
                "long beyond ASCII",
                "°" * 20,
                "*0*=utf-8''"
                + "%C2%B0" * 8
                + "; filename*1*="
                + "%C2%B0" * 8
                + "; filename*2*="
                + "%C2%B0" * 4,
                '"=?utf-8?q?'
                + "=C2=B0" * 9
                + "?= =?utf-8?q?"
                + "=C2=B0" * 9
                + "?= =?utf-8?q?"
                + "=C2=B0" * 2
                + '?="',
            ),
        ),
        check,
    )


def test_long_file_names_are_continued():
    for name in ("a" * 5000, '"' * 800, "ö" * 3000, " " * 2000):
        attached(name=name)  # which checks each line


def test_name_in_the_content_type_stays():
    for given in ("a/b; name=x.txt", 'a/b; NAME="x.txt"', "a/b; name*=utf-8''x.txt"):
        head = attached(name="y.txt", content_type=given)[0]
        same("type", field(head, b"Content-Type"), given)
        same("filename", field(head, b"Content-Disposition"), 'attachment; filename="y.txt"')


def test_attachment_without_a_name_has_no_parameter():
    head = attached()[0]
    same("type", field(head, b"Content-Type"), "application/octet-stream")
    same("disposition", field(head, b"Content-Disposition"), "attachment")


# Messages and multiparts: RFC 2045 6.4 allows them no base64


def file_with(data):
    with open("letter.eml", "wb") as file:
        file.write(data)
    return "letter.eml"


HOW = (("bytes", bytes), ("a bytearray", bytearray), ("a path", file_with), ("a file", io.BytesIO))
TYPES = ("message/rfc822", "Message/Delivery-Status", 'multipart/mixed; boundary="x"')


def test_attached_message_is_sent_unchanged():
    def check(name, make, data, wanted):
        for content_type in TYPES:
            head, body = attached(make(data), content_type=content_type, name="letter.eml")
            same("type", field(head, b"Content-Type"), content_type + '; name="letter.eml"')
            same("encoding", SEVEN in head and BASE64 not in head, True)
            same("body", body, wanted)

    cases = []
    for how, make in HOW:
        cases.append((how, make, LETTER, LETTER))
        cases.append((how + ", LF", make, LETTER.replace(b"\r\n", b"\n"), LETTER))
        cases.append((how + ", no end", make, LETTER[:-2], LETTER[:-2]))
        cases.append((how + ", empty", make, b"", b""))
        cases.append((how + ", empty lines", make, b"\n" * 900, b"\r\n" * 900))
        cases.append((how + ", long", make, LETTER * 200, LETTER * 200))
        cases.append(
            (how + ", longest lines", make, (b"a" * 998 + b"\n") * 3, (b"a" * 998 + b"\r\n") * 3)
        )
    check_table(cases, check)


def test_message_with_long_or_8bit_lines_becomes_octet_stream():
    def check(name, make, data):
        head, body = attached(make(data), content_type="message/rfc822", name="letter.eml")
        same("type", field(head, b"Content-Type"), 'application/octet-stream; name="letter.eml"')
        same("encoding", BASE64 in head, True)
        same("body", a2b_base64(body), data)

    cases = []
    for how, make in HOW + (("an iterator", lambda data: iter([data])),):
        cases.append((how + ", 8 bits", make, LETTER + "°".encode()))
        cases.append((how + ", NUL", make, LETTER + b"\0"))
        cases.append((how + ", CR", make, LETTER + b"a\rb"))
        cases.append((how + ", CR at the end", make, LETTER + b"\r"))
        cases.append((how + ", CR CR LF", make, LETTER + b"\r\r\n"))
        cases.append((how + ", a long line", make, LETTER + b"a" * 999))
    check_table(cases, check)


def test_message_from_an_iterator_becomes_octet_stream():
    head, _ = attached(iter([LETTER]), content_type="message/rfc822")
    same("type", field(head, b"Content-Type"), "application/octet-stream")
    same("encoding", BASE64 in head, True)


def test_attached_message_is_sent_by_a_session():
    for keywords in ([], ["PIPELINING", "CHUNKING", "8BITMIME", "SIZE", "BINARYMIME"]):
        for how, make in HOW:
            one = hssmtp.Attachment(make(LETTER * 60), content_type="message/rfc822")
            made = mail(text="95 °C", attachments=[one])
            for _ in range(2):
                play = Play(Server(list(keywords))).send(made)
                same(how, hssmtp.event_name(play.client.result), "SENT")
                same("body", LETTER * 60 in play.server.mails[0][2], True)


def test_attached_message_that_changes_fails_the_mail():
    """Promise 7: only lines of valid length are sent, or the mail fails."""
    for data, error in (
        (LETTER + b"\xff", hssmtp.ERROR_SOURCE),
        (LETTER[:-9], hssmtp.ERROR_SOURCE),
        (LETTER + b"a" * 999, hssmtp.ERROR_SOURCE),
        (LETTER, 0),
    ):
        size = len(LETTER)
        one = hssmtp.Attachment(file_with(LETTER), content_type="message/rfc822", size=size)
        made = mail(attachments=[one])
        file_with(data)
        play = Play(Server()).send(made)
        same("error", play.client.error, error)


def test_bytes_appended_to_an_attached_message_are_not_sent():
    one = hssmtp.Attachment(file_with(LETTER), content_type="message/rfc822")
    made = mail(attachments=[one])
    buffer = bytearray(1024)
    made.open(buffer)
    file_with(LETTER + LETTER)
    found = b""
    while made.part():
        count = made.readinto(buffer, 700)
        found += bytes(buffer[:count])
    made.close()
    same("once", found.count(LETTER), 1)


def test_missing_attached_message_raises_in_send_mail():
    made = mail(attachments=[hssmtp.Attachment("none.eml", content_type="message/rfc822")])
    try:
        made.open(bytearray(1024))
    except OSError:
        pass
    else:
        raise AssertionError("no OSError")
