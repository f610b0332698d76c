"""DSN (RFC 3461): which notifications are requested, with which envelope id."""

import hssmtp
from scripted import FAR, FEW, MANNERS, Play, Server, check_table, in_every_manner, mail, same
from scripted_rules import from_xtext

TO = ["a@example.com", "b@example.com"]


def words(value):
    return sorted(value.upper().split(","))


# name, notify, NOTIFY
NOTIFY = (
    ("never", "never", "NEVER"),
    ("success", "success", "SUCCESS"),
    ("failure", "failure", "FAILURE"),
    ("delay", "delay", "DELAY"),
    ("two", "failure delay", "FAILURE,DELAY"),
    ("two, by comma", "delay,success", "DELAY,SUCCESS"),
    ("three", "success failure delay", "SUCCESS,FAILURE,DELAY"),
)


def check_notify(manner, notify, wanted, keywords):
    server = Server(keywords + ["DSN"])
    play = Play(server, manner=manner).send(mail(TO, bcc="c@example.com", notify=notify))
    same("result", hssmtp.event_name(play.client.result), "SENT")
    of_mail, of_rcpt = server.parameters[0]
    same("of MAIL", (of_mail.get("RET"), of_mail.get("ENVID")), ("HDRS", None))
    same("NOTIFY", [words(of_one["NOTIFY"]) for of_one in of_rcpt], [words(wanted)] * 3)


def test_notify_is_sent_with_each_recipient():
    every = ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING"]
    for keywords, manners in (([], FEW), (every, MANNERS + FAR)):
        cases = [case + (keywords,) for case in NOTIFY]
        in_every_manner(check_notify, cases, manners)


def test_envelope_id_is_sent_with_mail():
    """xtext gives it back unchanged (RFC 3461 4)."""

    def check(name, given):
        server = Server(["DSN", "PIPELINING"])
        Play(server).send(mail(TO, envelope_id=given))
        of_mail, of_rcpt = server.parameters[0]
        same("ENVID", from_xtext(of_mail["ENVID"]), given)
        same("RET", of_mail.get("RET"), "HDRS")
        same("of RCPT", of_rcpt, [{}, {}])

    given = [
        "x",
        "QQ314159",
        "a+b=c",
        "a b",
        "+",
        "=",
        "++==",
        "a@b.c",
        "~!#$%&'()*,-./:;<>?[]^_`{|}",
    ]
    given += ["x" * 100, "%s" % ("y+" * 25)]
    check_table([(repr(one), one) for one in given], check)


def test_notify_and_envelope_id_together():
    server = Server(["DSN"])
    Play(server).send(mail(TO, notify="success", envelope_id="7"))
    same("of MAIL", server.parameters[0][0], {"RET": "HDRS", "ENVID": "7"})
    same("of RCPT", server.parameters[0][1], [{"NOTIFY": "SUCCESS"}] * 2)


def test_no_dsn_parameters_unless_requested():
    server = Server(["DSN"])
    Play(server).send(mail(TO))
    same("parameters", server.parameters, [({}, [{}, {}])])


def test_no_dsn_parameters_without_the_offer():
    """The mail is sent without them."""

    def check(manner, keywords):
        server = Server(keywords)
        play = Play(server, manner=manner).send(mail(TO, notify="never", envelope_id="7"))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("parameters", server.parameters, [({}, [{}, {}])])

    in_every_manner(check, (("alone", []), ("PIPELINING", ["PIPELINING"]), ("DSNX", ["DSNX"])))


def test_dsn_with_an_address_list_in_a_small_buffer():
    """The longest addresses, each with all notifications."""
    to = ["%03d%s@example.com" % (n, "x" * 61) for n in range(12)]
    to += ["%03d@%s.example.com" % (n, ".".join(["y" * 60] * 3)) for n in range(12)]
    with open("list", "w") as file:
        file.write("\n".join(to))

    def check(manner, keywords):
        server = Server(keywords + ["DSN"])
        message = mail(hssmtp.AddressList("list"), notify="success failure delay")
        play = Play(server, manner=manner, buffer_size=512).send(message)
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("envelope", server.mails[0][1], to)
        found = [words(of_one["NOTIFY"]) for of_one in server.parameters[0][1]]
        same("NOTIFY", found, [["DELAY", "FAILURE", "SUCCESS"]] * len(to))

    in_every_manner(check, (("plain", []), ("PIPELINING", ["PIPELINING"])), FEW + MANNERS[-1:])


def test_invalid_dsn_arguments_are_refused():
    def check(name, options):
        try:
            mail(TO, **options)
        except ValueError:
            return
        raise AssertionError("nobody minded")

    cases = []
    for notify in (
        "",
        " ",
        "always",
        "never success",
        "success,never",
        "successfailure",
    ):
        cases.append(("notify %r" % notify, {"notify": notify}))
    for given in "", "\u00fc", "a\n", "a\0", "\x7f", "x" * 101:
        cases.append(("envelope_id %r" % given, {"envelope_id": given}))
    check_table(cases, check)
