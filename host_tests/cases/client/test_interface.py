"""The interface: defaults, wrong types, deliver(), dir()."""

import sys

import hssmtp
from scripted import Play, ScriptedLink, Server, check_table, mail, same

PUBLIC = (
    "Client Message Attachment AddressList Link explain event_name error_name state_name SENT"
    " FAILED ABORTED PAUSE ERROR_DNS ERROR_UNSUPPORTED"
)


def client(**options):
    options.setdefault("security", "none")
    return hssmtp.Client("mail.example.com", **options)


def test_security_follows_from_the_port():
    cases = (
        (None, None, 587, False),
        (None, 587, 587, False),
        (None, 25, 25, False),
        (None, 465, 465, True),
        ("starttls", 465, 465, False),
        ("starttls", None, 587, False),
        ("tls", None, 465, True),
        ("tls", 25, 25, True),
    )

    def check(security, given, port, is_tls_first):
        server = Server([] if is_tls_first else ["STARTTLS"])
        link = ScriptedLink(server)
        one = hssmtp.Client("mail.example.com", given, security=security, insecure=True, link=link)
        one.send_mail(mail())
        now = 1
        while one.tick(now):
            now += 1
        same("result", one.result, hssmtp.SENT)
        same("port", (one.port, link.opened[0][1]), (port, port))
        same("secured at once", server.commands[1] == "<TLS>", is_tls_first)
        same("secured", len(link.secured_by), 1)

    check_table(cases, check)


def test_disabled_keywords_are_not_used():
    keywords = ["PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME", "DSN"]

    def check(disable, verb, body):
        options = {} if disable is None else {"disable": disable}
        link = ScriptedLink(Server(keywords))
        one = client(link=link, **options)
        one.send_mail(mail(text="95 \u00b0C", attachments=[hssmtp.Attachment(b"\0" * 90)]))
        now = 1
        while one.tick(now):
            now += 1
        same("result", one.result, hssmtp.SENT)
        commands = link.server.commands
        same("verb", verb in [command.split(" ")[0] for command in commands], True)
        same("body", link.server.parameters[0][0].get("BODY"), body)

    check_table(
        (
            (None, "BDAT", "8BITMIME"),  # BINARYMIME is disabled by default
            ((), "BDAT", "BINARYMIME"),
            (["binarymime", "Chunking"], "DATA", "8BITMIME"),
            (("BINARYMIME", "8BITMIME"), "BDAT", None),
            (("BINARYMIME", "CHUNKING", "PIPELINING"), "DATA", "8BITMIME"),
        ),
        check,
    )


def test_without_pipelining_each_command_waits():
    play = Play(Server(["PIPELINING"]), manner={"far": True}, disable=("PIPELINING",)).send(mail())
    same("result", play.client.result, hssmtp.SENT)
    # The greeting, EHLO, MAIL, RCPT, DATA, the text, QUIT.
    same("waits %s" % play.link.waits, len(play.link.waits), 7)


def test_deliver_ticks_to_the_end():
    fed = []
    one = client(link=ScriptedLink(Server()))
    same("sent", one.deliver(mail(), idle=lambda: fed.append(one.state)), True)
    same("fed in between", len(fed) > 5, True)
    one = client(link=ScriptedLink(Server(replies={"MAIL": "550 5.7.1 no"})))
    same("sent", one.deliver(mail()), False)
    same("error", one.error, hssmtp.ERROR_SENDER)


def test_deliver_returns_although_the_connection_is_kept():
    link = ScriptedLink(Server())
    one = client(link=link, keep_open_ms=60000)
    for _ in range(2):
        same("sent", one.deliver(mail()), True)
    same("connections", len(link.opened), 1)
    one.deinit()


def test_wrong_types_raise_typeerror_with_the_arguments_name():
    address = "ops@example.com"
    cases = (
        (hssmtp.Client, {"host": 5}, "host"),
        (hssmtp.Client, {"host": None}, "host"),
        (hssmtp.Client, {"port": "25"}, "port"),
        (hssmtp.Client, {"security": 5}, "security"),
        (hssmtp.Client, {"username": 5, "password": "x"}, "username"),
        (hssmtp.Client, {"username": "x", "password": 5}, "password"),
        (hssmtp.Client, {"username": "x", "token": 5}, "token"),
        (hssmtp.Client, {"username": "x", "password": "x", "auth": 5}, "auth"),
        (hssmtp.Client, {"ca": 5, "security": "tls"}, "ca"),
        (hssmtp.Client, {"on_event": 5}, "on_event"),
        (hssmtp.Client, {"hostname": 5}, "hostname"),
        (hssmtp.Client, {"buffer_size": "1024"}, "buffer_size"),
        (hssmtp.Client, {"keep_open_ms": "1"}, "keep_open_ms"),
        (hssmtp.Client, {"timeouts": 5}, "timeouts"),
        (hssmtp.Client, {"timeouts": {"connect": "1"}}, "timeouts"),
        (hssmtp.Client, {"disable": "CHUNKING"}, "disable"),
        (hssmtp.Client, {"disable": 5}, "disable"),
        (hssmtp.Client, {"disable": (5,)}, "disable"),
        (hssmtp.Message, {"sender": 5}, "sender"),
        (hssmtp.Message, {"sender": None}, "sender"),
        (hssmtp.Message, {"to": 5}, "to"),
        (hssmtp.Message, {"to": [5]}, "to"),
        (hssmtp.Message, {"to": [None]}, "to"),
        (hssmtp.Message, {"cc": 5}, "cc"),
        (hssmtp.Message, {"bcc": [address, 5]}, "bcc"),
        (hssmtp.Message, {"subject": 5}, "subject"),
        (hssmtp.Message, {"subject": b"x"}, "subject"),
        (hssmtp.Message, {"text": 5}, "text"),
        (hssmtp.Message, {"html": 5}, "html"),
        (hssmtp.Message, {"attachments": 5}, "attachments"),
        (hssmtp.Message, {"attachments": [5]}, "attachments"),
        (hssmtp.Message, {"reply_to": 5}, "reply_to"),
        (hssmtp.Message, {"headers": 5}, "headers"),
        (hssmtp.Message, {"headers": {"X-A": 5}}, "X-A"),
        (hssmtp.Message, {"notify": 5}, "notify"),
        (hssmtp.Message, {"envelope_id": 5}, "envelope_id"),
        (hssmtp.Attachment, {"source": 5}, "source"),
        (hssmtp.Attachment, {"source": b"", "name": 5}, "name"),
        (hssmtp.Attachment, {"source": b"", "content_type": 5}, "content_type"),
        (hssmtp.Attachment, {"source": b"", "content_id": 5}, "content_id"),
        (hssmtp.Attachment, {"source": b"", "size": "5"}, "size"),
        (hssmtp.AddressList, {"path": 5}, "path"),
    )

    def check(label, make, options, named):
        arguments = {
            hssmtp.Client: {"host": "localhost", "security": "none", "allow_plaintext_auth": True},
            hssmtp.Message: {"sender": address, "to": address},
        }.get(make, {})
        arguments.update(options)
        try:
            make(**arguments)
        except TypeError as exc:
            same("%r: %r is named" % (str(exc), named), named in str(exc), True)
        else:
            raise AssertionError("no TypeError")

    check_table([("%s %r" % (case[0].__name__, case[1]),) + case for case in cases], check)
    try:
        client(link=ScriptedLink(Server())).send_mail("It boils.")
    except TypeError as exc:
        same("named", "mail" in str(exc), True)
    else:
        raise AssertionError("no TypeError")


def test_version_is_public():
    numbers = hssmtp.__version__.split(".")
    same("numbers", [number.isdigit() for number in numbers], [True] * 3)


def test_dir_lists_the_public_names():
    listed = dir(hssmtp)
    same("missing", [name for name in PUBLIC.split() if name not in listed], [])
    # dir() does not change them.
    same("Client", isinstance(hssmtp.Client("localhost", security="none"), hssmtp.Client), True)
    same("AddressList", hasattr(hssmtp, "AddressList"), True)
    same("no such name", hasattr(hssmtp, "Nothing"), False)


def test_modules_are_loaded_when_first_used():
    """dir() only lists."""
    before = {}
    for name in list(sys.modules):
        if name == "hssmtp" or name.startswith("hssmtp."):
            before[name] = sys.modules.pop(name)
    try:
        import hssmtp as fresh

        same("listed", "AddressList" in dir(fresh), True)
        loaded = [name for name in sys.modules if name.startswith("hssmtp.")]
        same("loaded", loaded in ([], ["hssmtp._cpython"]), True)
        same("name", fresh.event_name(fresh.SENT), "SENT")
    finally:
        for name in list(sys.modules):
            if name == "hssmtp" or name.startswith("hssmtp."):
                del sys.modules[name]
        sys.modules.update(before)


def modules():
    return sorted([name for name in sys.modules if name.startswith("hssmtp")])


def test_no_module_is_loaded_or_freed_within_a_tick():
    """Except for SCRAM or CRAM-MD5, once: the server's offer is not known before."""
    hssmtp.event_name(hssmtp.SENT)  # used by Play itself
    login = {"username": "boiler", "password": "correct horse", "security": "starttls"}
    keywords = ["STARTTLS", "PIPELINING", "CHUNKING", "AUTH PLAIN LOGIN"]
    left = {"MAIL": ["250 ok", "421 bye", "250 ok"]}  # before the second mail
    with open("values.csv", "wb") as file:
        file.write(b"95 degrees\r\n" * 500)

    def check(server, options, make):
        for name in modules():  # what another test has loaded
            if name.startswith("hssmtp.auth."):
                del sys.modules[name]
        play = Play(Server(**server), **options)
        for _ in range(2):
            play.client.send_mail(make())
            before = modules()
            play.run()
            same("loaded", modules(), before)
            same("result", play.client.result, hssmtp.SENT)
        play.client.deinit()

    def attached():
        return mail(html="<p>95 \u00b0C</p>", attachments=["values.csv"])

    kept = {"keep_open_ms": 60000}
    token = {"username": "u", "password": "p", "token": lambda: "t", "allow_plaintext_auth": True}
    port = {"manner": {"port": "rp2"}}
    check_table(
        (
            ("plain", {}, {}, mail),
            ("all of it", {"keywords": keywords}, login, attached),
            ("a token", {"keywords": ["AUTH XOAUTH2 PLAIN"]}, token, mail),
            ("a kept connection that ends", {"replies": left}, kept, mail),
            ("the same, by a name server", {"replies": left}, dict(kept, **port), mail),
        ),
        lambda name, *rest: check(*rest),
    )


# The modules that Client(), Message(), send_mail() and explain() load for one call.
TEMPORARY = (
    "advice ip_literal setup auth.credentials mime.addresses mime.compose mime.content"
    " mime.disposition mime.encoded mime.further_fields mime.headers mime.multipart"
    " mime.rare.content_type mime.rare.ids mime.rare.lines_check mime.rare.quoted_string"
    " mime.rare.structured net.dns net.host net.trust recipients.dsn"
)


def loaded():
    return [name for name in TEMPORARY.split() if "hssmtp." + name in sys.modules]


def test_modules_for_one_call_are_freed():
    if sys.implementation.name != "micropython":
        return  # CPython keeps its modules
    with open("95 \u00b0C.csv", "wb") as file:
        file.write(b"95")
    everything = hssmtp.Message(
        "boiler@example.com",
        to="\u00c4 <ops@[192.0.2.1]>",
        subject="95 \u00b0C",
        html="<p>95</p>",
        attachments=[
            "95 \u00b0C.csv",
            hssmtp.Attachment(b"95", content_type='a/b; c="d"', content_id="a"),
            hssmtp.Attachment(b"95", content_type="message/rfc822"),
        ],
        headers={"X-Boiler": "1", "Sender": "a@b", "References": "<a@b>", "List-Id": "<a.b>"},
        envelope_sender="c@example.com",
        message_id="1@example.com",
        date="Mon, 23 Nov 2026 22:43:00 +0000",
        notify="failure",
    )
    sender = hssmtp.Client("MAIL.example.com", username="u", password="p", insecure=True)
    sender.send_mail(everything)
    hssmtp.explain(sender)
    sender.deinit()
    same("kept", loaded(), [])


def test_binarymime_is_loaded_if_it_is_enabled():
    if sys.implementation.name != "micropython":
        return
    with open("values.csv", "wb") as file:
        file.write(b"95 degrees\r\n")
    for disable, is_loaded in ((("BINARYMIME",), False), ((), True)):
        sys.modules.pop("hssmtp.mime.labels", None)
        sender = client(disable=disable)
        sender.send_mail(mail(attachments=["values.csv"]))
        same(repr(disable), "hssmtp.mime.labels" in sys.modules, is_loaded)
        sender.deinit()


def test_modules_that_the_application_imports_are_kept():
    if sys.implementation.name != "micropython":
        return
    import hssmtp.mime.headers

    mail()
    # It imports the other module.
    same("kept", loaded(), ["mime.compose", "mime.headers"])
    same("still there", hssmtp.mime.headers is sys.modules["hssmtp.mime.headers"], True)
    del sys.modules["hssmtp.mime.compose"], sys.modules["hssmtp.mime.headers"]
