"""Invalid arguments raise at once with what is wrong, and nothing is sent."""

import os
import sys

import hssmtp

CONTROLS = [
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\x01",
    "\x07",
    "\x08",
    "\x0b",
    "\x0c",
    "\x1b",
    "\x1f",
    "\x7f",
]

GOOD = "ops@example.com"
LONGEST = "x" * 64 + "@" + ".".join(["y" * 61] * 3) + ".de"  # 254 bytes, RFC 5321 4.5.3.1

NO_ADDRESSES = [
    "",
    " ",
    "ops",
    "@example.com",
    "ops@",
    "a@b@example.com",
    "two words@example.com",
    "ops@exam ple.com",
    " <>",
    "Ops <>",
    "Ops <ops@example.com",
    "Ops ops@example.com>",
    "ops@example.com, boss@example.com",
    "ops@example.com;boss@example.com",
    ".ops@example.com",
    "ops.@example.com",
    "o..ps@example.com",
    "ops@.example.com",
    "ops@example..com",
    "ops@-example.com",
    "ops@example.com> SIZE=0",
    "ops@example.com>\r\nRCPT TO:<spy@example.com",
    '"ops@example.com',
    '"o"ps"@example.com',
    "x" * 65 + "@example.com",
    "x" + LONGEST,
    "ops@" + "y" * 64 + ".com",
    "ops@[127.0.0.1",
]

ADDRESSES = [
    GOOD,
    LONGEST,
    '"two words"@example.com',
    '"a@b"@example.com',
    '"a\\"b"@example.com',
    "o.p+s_-#!$%&'*/=?^`{|}~@example.com",
    "ops@[192.0.2.1]",
    "ops@[IPv6:2001:db8::1]",
    "ops@localhost",
    "ops@xn--exmple-cua.com",
    "öps@exämple.com",
]


def raised(kind, call, *args, **options):
    """Return the text of the raised error; AssertionError if there is none of that kind."""
    try:
        call(*args, **options)
    except kind as exc:
        return str(exc)
    raise AssertionError("nothing raised by %r %r" % (args, options))


def mail(**options):
    arguments = {"sender": GOOD, "to": GOOD, "subject": "s", "text": "t"}
    arguments.update(options)
    return hssmtp.Message(**arguments)


def client(**options):
    arguments = {"host": "localhost", "security": "none"}
    arguments.update(options)
    return hssmtp.Client(**arguments)


def login(**options):
    return client(allow_plaintext_auth=True, **options)


# Every string argument except the texts: (function, argument, …).
STRINGS = [
    (mail, lambda bad: {"sender": GOOD + bad}),
    (mail, lambda bad: {"sender": "N" + bad + " <" + GOOD + ">"}),
    (mail, lambda bad: {"to": bad + GOOD}),
    (mail, lambda bad: {"to": [GOOD, "ops" + bad + "@example.com"]}),
    (mail, lambda bad: {"cc": "N" + bad + "N <" + GOOD + ">"}),
    (mail, lambda bad: {"bcc": ["ops@exam" + bad + "ple.com"]}),
    (mail, lambda bad: {"to": '"o' + bad + 'ps"@example.com'}),
    (mail, lambda bad: {"reply_to": GOOD + bad}),
    (mail, lambda bad: {"subject": "one" + bad + "two"}),
    (mail, lambda bad: {"subject": "ö" + bad + "ü"}),
    (mail, lambda bad: {"headers": {"X-A": "one" + bad + "two"}}),
    (mail, lambda bad: {"headers": {"X-" + bad + "A": "one"}}),
    (hssmtp.Attachment, lambda bad: {"source": b"", "name": "a" + bad + "b"}),
    (hssmtp.Attachment, lambda bad: {"source": b"", "name": "ö" + bad + "b"}),
    (hssmtp.Attachment, lambda bad: {"source": b"", "content_type": "text/" + bad + "x"}),
    (hssmtp.Attachment, lambda bad: {"source": b"", "content_id": "a" + bad}),
    (client, lambda bad: {"host": "local" + bad + "host"}),
    (client, lambda bad: {"hostname": "boiler" + bad}),
    (login, lambda bad: {"username": "u" + bad, "password": "p"}),
    (login, lambda bad: {"username": "u", "password": "geheim" + bad}),
    (mail, lambda bad: {"envelope_sender": GOOD + bad}),
    (mail, lambda bad: {"message_id": "1@example.com" + bad}),
    (mail, lambda bad: {"date": "Mon, 23 Nov 2026 22:43:00 +0000" + bad}),
    (mail, lambda bad: {"headers": {"Sender": GOOD + bad}}),
    (mail, lambda bad: {"headers": {"Resent-To": GOOD + bad + ", " + GOOD}}),
    (mail, lambda bad: {"headers": {"References": "<1@example.com>" + bad}}),
    (mail, lambda bad: {"headers": {"List-Id": "A" + bad + "B <a.example.com>"}}),
    (mail, lambda bad: {"headers": {"List-Help": "<https://example.com/" + bad + ">"}}),
    (mail, lambda bad: {"headers": {"Keywords": "a" + bad + "b"}}),
    (mail, lambda bad: {"headers": {"X-Priority": "1" + bad}}),
]


def test_control_characters_are_refused_in_every_string():
    for takes, arguments in STRINGS:
        takes(**arguments(""))
        for control in CONTROLS:
            text = raised(ValueError, takes, **arguments(control))
            assert text, "it has to say what is wrong"
            assert control not in text
            assert "geheim" not in text


def test_invalid_addresses_are_refused():
    for bad in NO_ADDRESSES:
        for field in ("sender", "to", "cc", "bcc", "reply_to"):
            if bad or field != "reply_to":  # "" means no reply_to
                assert raised(ValueError, mail, **{field: bad}), bad
        assert raised(ValueError, mail, to=[GOOD, bad]), bad


def test_valid_addresses_are_accepted():
    for good in ADDRESSES:
        made = mail(to=["Ops <" + good + ">", good], sender=good, reply_to=good)
        assert made.sender == good.encode()
        recipients = made.recipients()
        buffer = bytearray(300)
        assert recipients.next()  # once, although it was given twice
        assert recipients.send()
        end = recipients.put(buffer, 0)
        assert bytes(buffer[:end]) == good.encode()
        assert not recipients.next()


def test_mail_without_recipients_is_refused():
    assert "recipient" in raised(ValueError, mail, to=())
    assert "recipient" in raised(ValueError, mail, to=[], cc=(), bcc=iter(()))
    with open("empty.txt", "w") as file:
        file.write("# nobody\n\nnot an address\n")
    one = client()
    text = raised(ValueError, one.send_mail, mail(to=hssmtp.AddressList("empty.txt")))
    assert "recipient" in text
    assert one.tick() is False
    one.send_mail(mail())  # the address stays valid


def test_headers_that_message_writes_are_refused():
    for name in ("To", "bcc", "SUBJECT", "Content-Type", "Message-ID", "MIME-Version"):
        assert name in raised(ValueError, mail, headers={name: "x"})
    for name in ("", "X A", "X:A", "Ä", "X" * 51):
        raised(ValueError, mail, headers={name: "x"})


def test_invalid_arguments_of_client_are_refused():
    for options in (
        {"security": "ssl"},
        {"security": ""},
        {"security": ""},
        {"port": 465, "security": "ssl"},
        {"disable": ("PIPELINE",)},
        {"disable": ("STARTTLS",)},
        {"buffer_size": 511},
        {"port": 0},
        {"port": 65536},
        {"host": ""},
        {"host": "192.0.2"},
        {"host": "192.0.2.256"},
        {"host": "192.0.2.01"},
        {"host": "192.0.2.1.5"},
        {"host": "192..2.1"},
        {"host": "..."},
        {"host": "2001:db8::g"},
        {"host": "mail.example.com:25"},
        {"timeouts": {"handshake": 1000}},
        {"timeouts": {"connect": 0}},
        {"token": "ya29"},
        {"username": "u", "password": "p"},  # without TLS
    ):
        assert raised(ValueError, client, **options)


def test_missing_or_invalid_ca_is_refused():
    if sys.implementation.name == "micropython":  # CPython has the system's store
        text = raised(ValueError, client, security="starttls")
        assert "ca" in text and "insecure" in text
    begin, end = b"-----BEGIN CERTIFICATE-----\n", b"\n-----END CERTIFICATE-----\n"
    for bad in (
        b"",
        b"junk",
        begin + b"AAAA",
        begin + b"AAA" + end,
        begin + b"AAAA" + end,
        begin + end,
        b"0\x82\0\1A",
        b"0\x82\0\3ABC",
        b"0\x82\xff\xff",
        bytes(range(256)),
    ):
        text = raised(ValueError, client, security="tls", ca=bad)
        assert text.startswith("ca: "), (bad, text)
    raised(OSError, client, security="tls", ca="missing.pem")


def test_missing_files_raise_oserror():
    one = client()
    os.mkdir("folder")
    for path in ("missing.txt", "folder"):
        raised(OSError, one.send_mail, mail(attachments=[path]))
        raised(OSError, one.send_mail, mail(attachments=[hssmtp.Attachment(path, name="x")]))
        assert one.tick() is False and one.result is None
    raised(OSError, hssmtp.AddressList, "missing.txt")
    raised(ValueError, hssmtp.Attachment, "")
    raised(ValueError, hssmtp.Attachment, b"abc", size=4)
    raised(TypeError, hssmtp.Attachment, 5)
    one.send_mail(mail())


def test_second_mail_while_busy_raises_runtimeerror():
    one = client()
    one.send_mail(mail())
    raised(RuntimeError, one.send_mail, mail())
    assert one.result is None
    one.abort_mail()
    assert one.result == hssmtp.ABORTED
    one.send_mail(mail())


def test_used_iterator_is_refused():
    for options in (
        {"text": iter([b"text"])},
        {"html": iter([b"text"])},
        {"attachments": [hssmtp.Attachment(iter([b"octets"]))]},
    ):
        letter = mail(**options)
        buffer = bytearray(1024)
        for _ in range(2):  # opened, but not read
            letter.open(buffer)
        while letter.part():
            letter.readinto(buffer, 1000)
        one = client()
        assert "once" in raised(ValueError, one.send_mail, letter)
        assert one.tick() is False


def test_text_that_is_not_utf_8_is_refused():
    for bad in (b"\xff", b"\xc3", b"abc\x80"):
        raised(ValueError, mail, text=bad)
        raised(ValueError, mail, html=bad)
