"""explain(): what failed, why, and what to do, without secrets."""

import hssmtp
from hssmtp.advice import explain
from scripted import Play, Server, same

USER = "boiler@example.com"
PASSWORD = "correct horse"
# An EHLO reply with all that is needed here.
EHLO = "250-mail.example.com\r\n250-AUTH PLAIN LOGIN\r\n250 OK"


def told(what):
    """Return an answer, or raise it."""
    if isinstance(what, Exception):
        raise what
    return what


class Link:
    """A server's replies, one for each command; exceptions are raised."""

    def __init__(self, replies=(), steps=(3,)):
        self.replies = list(replies)
        self.steps = list(steps)  # the last reply is repeated
        self.due = True  # a reply is ready: first the greeting
        self.ending = b"\r\n"

    def open(self, host, port):
        pass

    def step(self, now):
        return told(self.steps.pop(0) if len(self.steps) > 1 else self.steps[0])

    def skip(self):
        return False

    def secure(self, context, host):
        pass

    def write(self, buf, off, n):
        if bytes(buf[off : off + n]).endswith(self.ending):
            self.due = True
        return n

    def readinto(self, buf, n):
        if not self.due or not self.replies:
            return None
        self.due = False
        reply = told(self.replies.pop(0))
        self.ending = b".\r\n" if reply.startswith("354") else b"\r\n"
        octets = (reply + "\r\n").encode()
        buf[: len(octets)] = octets
        return len(octets)

    def close(self):
        pass


def mail(**more):
    return hssmtp.Message("boiler@example.com", to=["a@example.com", "b@example.com"], **more)


def play(link, message=None, ticks=200, **options):
    """Return the client after some ticks, 1 s apart."""
    options.setdefault("security", "none")
    client = hssmtp.Client("mail.example.com", link=link, **options)
    client.send_mail(message or mail(text="It boils."))
    for n in range(ticks):
        if not client.tick(n * 1000):
            break
    return client


def granted(last):
    """A server that accepts everything up to the text, then replies this."""
    return Link(["220 hi", EHLO, "250 OK", "250 OK", "250 OK", "354 go on", last])


def check(client, *words):
    said = explain(client)
    at = 0
    for word in words:  # in this order
        at = said.find(word, at)
        if at < 0:
            raise AssertionError("%r is not in %r" % (word, said))
        at += len(word)
    if "\n" in said or "\r" in said:
        raise AssertionError("more than a line: %r" % said)
    return said


def test_explains_a_mail_not_begun_and_under_way():
    client = hssmtp.Client("mail.example.com", security="none", link=Link(steps=(2,)))
    check(client, "nothing was sent yet")
    client.send_mail(mail())
    client.tick(0)
    check(client, "under way, in CONNECTING")
    client.abort_mail()
    check(client, "aborted in CONNECTING")


def test_explains_a_sent_mail():
    assert check(play(granted("250 kept"))) == "sent to 2 of 2 recipients"


def test_explains_refused_recipients():
    replies = ["220 hi", EHLO, "250 OK", "550 5.1.1 no such", "250 OK", "354 go on", "250 kept"]
    assert check(play(Link(replies))) == "sent to 1 of 2 recipients; the others were refused"


def test_explains_dns_errors():
    check(
        play(Link(steps=(1, OSError(2, "no such name")))),
        "ERROR_DNS in RESOLVING: mail.example.com:25 was not found (no such name): check `host`",
        "; worth another try",
    )


def test_explains_connect_errors():
    said = check(
        play(Link(steps=(2, OSError(111)))),
        "ERROR_CONNECT in CONNECTING: no connection to mail.example.com:25 (",
        "): check `host` and `port`",
        "; worth another try",
    )
    assert "111" in said


def test_explains_certificate_errors():
    trouble = ValueError("\nThe certificate validity has expired\n")  # as mbedTLS spells it
    said = check(
        play(Link([trouble]), security="tls", insecure=True),
        "ERROR_CERTIFICATE in SECURING: the certificate of mail.example.com:465 could not be",
        " (The certificate validity has expired): check the clock, `ca`",
        "`host`",
    )
    assert "another try" not in said


def test_explains_tls_errors():
    trouble = OSError(-29184, "MBEDTLS_ERR_SSL_INVALID_RECORD")
    check(
        play(Link([trouble]), security="tls", insecure=True),
        "ERROR_TLS in SECURING: TLS with mail.example.com:465 failed",
        " (MBEDTLS_ERR_SSL_INVALID_RECORD): ",
        '"tls" is for port 465',
    )


def test_explains_timeouts():
    check(play(Link(steps=(2,))), "ERROR_TIMEOUT in CONNECTING", "in time", "; worth another try")
    said = check(
        play(Link(["220 hi", EHLO])),
        "ERROR_TIMEOUT in MAIL: no answer from mail.example.com:25 in",
    )
    assert "250" not in said  # that reply is unrelated


def test_explains_lost_connections():
    check(play(Link(["421 4.3.2 too busy"])), "ERROR_CLOSED in GREETING", "(421 4.3.2 too busy)")
    replies = ["220 hi", EHLO, "250 OK", "550 5.1.1 no such", OSError("the cable")]
    said = check(play(Link(replies)), "ERROR_CLOSED in RCPT", "(the cable)", "; worth another try")
    assert "5.1.1" not in said


def test_explains_in_doubt():
    client = play(granted(OSError("the cable")))
    said = check(client, "ERROR_CLOSED in TEXT", "; the server may have the mail")
    assert "another try" not in said


def test_explains_protocol_errors():
    client = play(Link(["HTTP/1.1 400 Bad Request"]))
    check(
        client,
        "ERROR_PROTOCOL in GREETING: mail.example.com:25 broke the rules",
        "check that `port`",
    )


def test_explains_refused_logins():
    client = play(
        Link(["220 hi", EHLO, "535 5.7.8 no such user and password"]),
        username=USER,
        password=PASSWORD,
        allow_plaintext_auth=True,
    )
    check(
        client,
        "ERROR_AUTH in AUTH: mail.example.com:25 refused the login",
        " (535 5.7.8 no such user and password): check `username` and `password`",
        "app password",
    )


def test_no_secret_is_shown():
    for secret in (PASSWORD, "Y29ycmVjdCBob3JzZQ=="):
        client = play(
            Link(["220 hi", EHLO, "535 5.7.8 what is " + secret + "?"]),
            username=USER,
            password=PASSWORD,
            allow_plaintext_auth=True,
        )
        assert secret not in check(client, "535 5.7.8 what is")


def test_explains_refused_senders():
    check(
        play(Link(["220 hi", EHLO, "553 5.7.1 not yours"])),
        "ERROR_SENDER in MAIL: mail.example.com:25 refused the sender (553 5.7.1 not yours)",
    )


def test_explains_refused_recipients_only():
    replies = ["220 hi", EHLO, "250 OK", "550 5.1.1 no such", "450 4.2.1 full", "250 OK"]
    check(
        play(Link(replies)),
        "ERROR_RECIPIENTS in RCPT: mail.example.com:25 refused all recipients (450 4.2.1",
        "; worth another try",
    )


def test_explains_rejected_and_too_large_mails():
    check(play(granted("554 5.7.1 spam")), "ERROR_REJECTED in TEXT", "(554 5.7.1 spam)")
    check(play(granted("552 5.3.4 no")), "ERROR_TOO_LARGE in TEXT", "(552 5.3.4 no): send")


def test_explains_failing_sources():
    def pieces():
        yield b"the first half, and "
        raise ValueError("a@b is no card")

    message = mail(attachments=[hssmtp.Attachment(pieces(), name="x")])
    check(play(granted("250 kept"), message), "ERROR_SOURCE in TEXT", "(a@b is no card): check it")


def test_explains_missing_extensions():
    plain = ["220 hi", "250 mail.example.com", "221 bye"]
    client = play(Link(plain), security="starttls", insecure=True)
    check(
        client, "ERROR_UNSUPPORTED in EHLO", "mail.example.com:587 does not offer STARTTLS: check"
    )
    client = play(Link(plain), username=USER, password=PASSWORD, allow_plaintext_auth=True)
    check(
        client,
        "ERROR_UNSUPPORTED in EHLO",
        "mail.example.com:25 does not offer a login here: many",
        '"starttls"',
    )


def test_every_error_has_a_text():
    client = play(Link(["554 no"]))
    number = 1
    while hssmtp.error_name(number) != "ERROR_UNSUPPORTED":
        client.error = number
        check(client, hssmtp.error_name(number) + " in GREETING: ", "(554 no): " * (number != 5))
        number += 1


def test_explain_is_public():
    # Again: a module of the same name must not have replaced the function.
    client = hssmtp.Client("mail.example.com", security="none")
    assert hssmtp.explain(client) == explain(client) == "nothing was sent yet"
    assert hssmtp.explain(client) == explain(client)


def test_advice_depends_on_the_state():
    ehlo = "250-mail.example.com\r\n250 AUTH PLAIN"
    login = {"username": USER, "password": PASSWORD, "allow_plaintext_auth": True}
    tls = {"security": "starttls", "insecure": True}
    for replies, options, parts in (
        (["554 5.7.1 blocked"], {}, ("ERROR_REJECTED in GREETING", "this network", "`username`")),
        (["220 hi", "550 5.7.1 bad name"], tls, ("ERROR_REJECTED in EHLO", "5.7.1", "hostname=")),
        (["220 hi", "504 x", "501 x"], {}, ("ERROR_REJECTED in HELO", "hostname=")),
        (
            ["220 hi", "250-x\r\n250 STARTTLS", "454 4.7.0 not now"],
            tls,
            ("ERROR_TLS in STARTTLS", "can't begin TLS now (454 4.7.0 not now)", "another try"),
        ),
        (["220 hi", ehlo, "530 5.7.0 no"], {}, ("ERROR_AUTH in MAIL", 'security="starttls"')),
        (
            ["220 hi", ehlo, "235 ok", "530 5.7.0 no"],
            login,
            ("ERROR_AUTH in MAIL", 'security="starttls"'),
        ),
        (
            ["220 hi", ehlo, "250 ok", "530 5.7.0 no", "530 5.7.0 no"],
            {},
            ("ERROR_RECIPIENTS in RCPT", 'security="starttls"'),
        ),
    ):
        check(play(Link(replies), **options), *parts)


def test_explains_reply_530():
    server = Server(replies={"MAIL": "530 5.7.0 Authentication required"})
    client = Play(server, security="tls").send(mail()).client
    said = explain(client)
    assert said.startswith(
        "ERROR_AUTH in MAIL: mail.example.com:465 requires a login before a mail"
    )
    assert "set `username` and `password`" in said
    assert "sender" not in said


def explained(link, **options):
    """Return what explain() says of a mail, and whether it is transient."""
    client = play(link, **options)
    return explain(client), client.transient


def test_security_that_does_not_suit_the_port_is_permanent():
    """It would fail in the same way again: permanent, with what to set instead."""
    tls = {"security": "tls", "insecure": True}
    starttls = {"security": "starttls", "insecure": True}
    record = OSError(-29184, "MBEDTLS_ERR_SSL_INVALID_RECORD")
    for port in 25, 587, 2525:
        for link in Link([record]), Link(), Link([OSError("closed")]):
            said, transient = explained(link, port=port, **tls)
            same("transient on port %d" % port, transient, False)
            same(said, "does not begin with TLS on this port" in said, True)
            same(said, said.endswith(': set security="starttls"'), True)
    for options in starttls, {"security": "none"}:
        for link in Link(), Link([OSError("closed")]):
            said, transient = explained(link, port=465, **options)
            same("transient on port 465", transient, False)
            same(said, "which expects TLS on this port" in said, True)
            same(said, said.endswith(': set security="tls"'), True)


def test_security_that_suits_the_port_is_transient():
    """The same failures may come from the network, or a busy server."""
    tls = {"security": "tls", "insecure": True}
    starttls = {"security": "starttls", "insecure": True}
    for link, options in (
        (Link(), dict(tls, port=465)),
        (Link([OSError("closed")]), dict(tls, port=465)),
        (Link([OSError("closed")]), dict(tls, port=8465)),
        (Link(), dict(starttls, port=587)),
        (Link(), {"port": 25, "security": "none"}),
        (Link(["421 too busy"]), dict(starttls, port=465)),
        (Link(["220 hi"]), dict(starttls, port=465)),
        (Link(steps=(2,)), dict(starttls, port=465)),
        (Link(steps=(2,)), dict(tls, port=587)),
    ):
        said, transient = explained(link, **options)
        same(said, transient, True)
        same(said, said.endswith("; worth another try"), True)


def test_host_not_found_three_times_is_permanent():
    """At first the network may be the cause: a router reports it while its line is down."""

    def times(*steps, **replies):
        link = Link(**replies)
        client = hssmtp.Client("smtp.example.com", security="none", link=link)
        found = []
        for step in steps:
            link.steps = [1, step, 3] if step else [1]
            link.due = True
            client.send_mail(mail())
            now = 0
            while client.tick(now):
                now += 1000
            found.append(client.transient)
        return found, explain(client)

    unknown = OSError(2, "no such name")
    silent = OSError(5, "no answer from name servers")
    found, said = times(unknown, unknown, unknown, unknown)
    same("transient", found, [True, True, False, False])
    same(said, "was not found, several times (no such name): check `host`" in said, True)
    same("others between", times(unknown, unknown, silent, unknown, unknown)[0], [True] * 5)
    same("no name server", times(silent, silent, silent, silent)[0], [True] * 4)
    found, said = times(unknown, unknown, unknown, 2)  # found, but the server is silent
    same("a greeting that never comes", found, [True, True, False, True])
    same(said, said.startswith("ERROR_TIMEOUT in GREETING"), True)
    found, said = times(unknown, unknown, unknown, 2, replies=[OSError("closed")])
    same("a connection that breaks", found, [True, True, False, True])
    same("no answer", times(unknown, unknown, unknown, None)[0], [True, True, False, True])


def test_login_that_is_not_offered_names_the_offers():
    login = {"username": USER, "password": PASSWORD, "allow_plaintext_auth": True}
    token = {"username": USER, "token": "x", "allow_plaintext_auth": True, "auth": "XOAUTH2"}
    for offer, options, parts in (
        (
            "LOGIN PLAIN",
            dict(login, auth="CRAM-MD5"),
            "LOGIN and PLAIN, not CRAM-MD5: check `auth`",
        ),
        ("LOGIN", dict(login, auth="PLAIN"), "offers LOGIN, not PLAIN: check `auth`"),
        ("LOGIN PLAIN X", token, "offers LOGIN, PLAIN and X, not XOAUTH2: check `auth`"),
        ("XOAUTH2 NTLM", login, "offers XOAUTH2 and NTLM, not SCRAM-SHA-256, CRAM-MD5, PLAIN or"),
        ("\x1b[2J", login, "offers ?[2J, not"),
    ):
        link = Link(["220 hi", "250-mail.example.com\r\n250 AUTH " + offer, "221 bye"])
        said, transient = explained(link, **options)
        same(said, parts in said, True)
        same("transient", transient, False)


def test_cause_from_outside_is_shown_printable():
    """TLS errors contain a certificate's names, and anybody can make a certificate."""
    names = "\x1b[2J\x9b31m\u202e\nverified"
    for trouble in ValueError("certificate of " + names), OSError(5, "TLS: " + names):
        said, _ = explained(Link([trouble]), security="tls", insecure=True)
        same(said, "?[2J?31m? verified" in said, True)


def test_explains_refused_tokens():
    said, _ = explained(
        Link(["220 hi", "250-x\r\n250 AUTH XOAUTH2", "535 5.7.8 no"]),
        username=USER,
        token="ya29.token",
        allow_plaintext_auth=True,
    )
    same(said, "(535 5.7.8 no): check `username`, and that `token` has not expired" in said, True)
