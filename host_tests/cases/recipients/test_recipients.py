"""Any number of recipients: as many transactions as the server's limit requires."""

import hssmtp
from scripted import (
    FAR,
    FEW,
    MANNERS,
    Play,
    Server,
    check_table,
    in_every_manner,
    mail,
    same,
    state,
)

AHEAD = ["PIPELINING"]
WAYS = (("plain", []), ("PIPELINING", AHEAD), ("CHUNKING", AHEAD + ["CHUNKING"]))


def crowd(count, first=0):
    return ["user%d@example.com" % n for n in range(first, first + count)]


def list_of(addresses):
    with open("list", "w") as file:
        file.write("\n".join(addresses))
    return hssmtp.AddressList("list")


def envelopes(server):
    return [recipients for _, recipients, _ in server.mails]


def all_of(server):
    found = []
    for recipients in envelopes(server):
        found += recipients
    return found


def sizes(server):
    return [len(recipients) for recipients in envelopes(server)]


def check_sent(play, to, refused=(), connections=1):
    """refused: in order. connections: the maximum."""
    client = play.client
    same("result", hssmtp.event_name(client.result), "SENT")
    same("refused", play.refused, list(refused))
    left = [who for who in to if who not in refused]
    same("taken", sorted(all_of(play.server)), sorted(left))
    counts = (client.accepted, client.refused, client.delivered)
    same("counts", counts, (len(left), len(refused), len(left)))
    same("connections", len(play.link.opened) <= connections, True)
    same("SENT", play.events.count("SENT"), 1)
    texts = [text for _, _, text in play.server.mails]
    same("texts", texts, texts[:1] * len(texts))
    same("error", (client.error, client.in_doubt), (0, False))
    # The reply to the last text, or to the last recipient if nobody was left.
    good = (250,) if not refused else (250, 452)
    same("reply %d" % client.reply_code, client.reply_code in good, True)


# The limit


def test_limit_from_ehlo_splits_recipients_into_transactions():
    """LIMITS RCPTMAX (RFC 9422): the server asserts that no transaction has more."""

    def check(manner, limit, count, keywords):
        server = Server(keywords + ["LIMITS RCPTMAX=%d" % limit])
        play = Play(server, manner=manner).send(mail((), bcc=crowd(count)))
        check_sent(play, crowd(count))
        whole, rest = count // limit, count % limit
        same("sizes", sizes(server), [limit] * whole + [rest] * (rest > 0))

    small = ((1, 3), (2, 4), (2, 5), (9, 5))
    for limits, manners in ((small, MANNERS + FAR), (((7, 50), (100, 250)), FEW)):
        cases = []
        for way, keywords in WAYS:
            for limit, count in limits:
                cases.append(("%d of %d, %s" % (limit, count, way), limit, count, keywords))
        in_every_manner(check, cases, manners)


def test_limit_from_a_reply_splits_recipients_into_transactions():
    """452 4.5.3 for recipients beyond the limit: the next transaction has them."""

    def check(manner, limit, count, keywords):
        server = Server(keywords, most_recipients=limit)
        play = Play(server, manner=manner).send(mail((), bcc=crowd(count)))
        check_sent(play, crowd(count))
        whole, rest = count // limit, count % limit
        same("sizes", sizes(server), [limit] * whole + [rest] * (rest > 0))

    for limits, manners in ((((1, 3), (2, 4)), MANNERS + FAR), (((3, 10), (20, 70)), FEW)):
        cases = []
        for way, keywords in WAYS:
            for limit, count in limits:
                cases.append(("%d of %d, %s" % (limit, count, way), limit, count, keywords))
        in_every_manner(check, cases, manners)


def test_replies_452_and_552_mean_too_many_recipients():
    """RFC 5321 4.5.3.1.10: 552 counts as 452; Dovecot says 451 4.5.3."""

    def check(name, said, keywords):
        to = crowd(6)
        server = Server(keywords, replies={"RCPT user2@example.com": [said]})
        check_sent(Play(server).send(mail((), bcc=to)), to)
        same("transactions %s" % sizes(server), 2 <= len(server.mails) <= 3, True)

    cases = []
    for way, keywords in WAYS:
        for said in (
            "452 4.5.3 too many recipients",
            "452 too many recipients",
            "552 too many recipients",
            "451 4.5.3 Too many recipients",
            "450 4.5.3 later",
            "452-4.5.3 too many\r\n452 4.5.3 recipients",
        ):
            cases.append(("%s, %s" % (said, way), said, keywords))
    check_table(cases, check)


def test_recipient_refused_for_itself_is_not_sent_again():
    """Not because of the limit: reported, and not tried again."""

    def check(name, said, keywords):
        replies = {"RCPT user1@example.com": said}
        play = Play(Server(keywords, replies=replies)).send(mail((), bcc=crowd(4)))
        check_sent(play, crowd(4), ["user1@example.com"])
        same("tries", play.server.commands.count("RCPT TO:<user1@example.com>"), 1)

    cases = []
    for way, keywords in WAYS:
        for said in "550 5.1.1 unknown", "450 4.2.1 mailbox busy", "451 4.3.0 later", "553 no":
            cases.append(("%s, %s" % (said, way), said, keywords))
    check_table(cases, check)


def test_refusal_for_now_after_100_recipients_starts_a_new_transaction():
    """A recipient refused for now, after 100 were accepted, goes into the next transaction.

    RFC 5321 4.5.3.1.8: a server has to take 100. After 99, the refusal is of the recipient itself.
    """

    def check(count):
        last = "user%d@example.com" % count
        server = Server(AHEAD, replies={"RCPT " + last: ["450 4.2.1 no more"]})
        play = Play(server).send(mail((), bcc=crowd(count + 1)))
        check_sent(play, crowd(count + 1), [] if count == 100 else [last])
        same("sizes", sizes(server), [100, 1] if count == 100 else [count])

    check_table(((99,), (100,)), check)


def test_deferred_first_recipient_of_a_transaction_is_refused():
    """The first recipient of a transaction with that reply is refused, or it would never end."""

    def check(manner, keywords, at):
        never = "user%d@example.com" % at
        replies = {"RCPT " + never: "452 4.5.3 too many recipients"}
        server = Server(keywords, replies=replies)
        play = Play(server, manner=manner).send(mail((), bcc=crowd(5)))
        check_sent(play, crowd(5), [never])
        tries = server.commands.count("RCPT TO:<%s>" % never)
        same("tries", tries, 1 if at == 0 else 2)

    cases = []
    for way, keywords in WAYS:
        for at in 0, 2, 4:
            cases.append(("%s, %d" % (way, at), keywords, at))
    in_every_manner(check, cases)


def test_all_recipients_deferred_fails_the_mail():
    for keywords in [], AHEAD:
        replies = {"RCPT": "452 4.3.1 out of storage"}
        play = Play(Server(keywords, replies=replies)).send(mail((), bcc=crowd(3)))
        client = play.client
        same("error", hssmtp.error_name(client.error), "ERROR_RECIPIENTS")
        same("refused", (play.refused, client.refused), (crowd(3), 3))
        same("counts", (client.accepted, client.delivered), (0, 0))
        same("transient", client.transient, True)
        same("MAIL", len([one for one in play.server.commands if one[:4] == "MAIL"]) <= 3, True)


def test_invalid_limits_are_ignored():
    """RFC 9422 4: a number without leading zeros; other values are ignored."""

    def check(name, keyword):
        server = Server(AHEAD + [keyword])
        check_sent(Play(server).send(mail((), bcc=crowd(150))), crowd(150))
        same("sizes", sizes(server), [150])

    words = [
        "LIMITS",
        "LIMITS RCPTMAX",
        "LIMITS RCPTMAX=",
        "LIMITS RCPTMAX=0",
        "LIMITS RCPTMAX=-1",
    ]
    words += ["LIMITS RCPTMAX=many", "LIMITS RCPTMAX 5", "LIMITS MAILMAX=5", "LIMITS XRCPTMAX=5"]
    words += ["LIMITS RCPTMAXX=5", "LIMITSX RCPTMAX=5", "LIMITS RCPTDOMAINMAX=1"]
    words += ["LIMITS RCPTMAX=99999999999999999999", "LIMITS RCPTMAX=4294967296"]
    check_table([(word, word) for word in words], check)


def test_valid_limits_are_obeyed():
    def check(name, *keywords):
        server = Server(AHEAD + list(keywords))
        check_sent(Play(server).send(mail((), bcc=crowd(7))), crowd(7))
        same("sizes", sizes(server), [5, 2])

    check_table(
        (
            ("among others", "LIMITS MAILMAX=9 RCPTMAX=5 RCPTDOMAINMAX=1"),
            ("in small letters", "limits rcptmax=5"),
            ("twice", "LIMITS RCPTMAX=5", "LIMITS RCPTMAX=5"),
            ("behind others", "X", "LIMITS X RCPTMAX=5"),
        ),
        check,
    )


def test_recipients_beyond_a_wrong_offer_are_sent_again():
    """A server may accept fewer than it offers."""
    for keywords in [], AHEAD:
        server = Server(keywords + ["LIMITS RCPTMAX=10"], most_recipients=4)
        check_sent(Play(server).send(mail((), bcc=crowd(30))), crowd(30))


# Lists


def test_learned_limit_below_the_offered_one():
    """If a server accepts fewer than its LIMITS, the next transactions have no more."""
    server = Server(AHEAD + ["LIMITS RCPTMAX=5"], most_recipients=2)
    play = Play(server).send(mail(["user%d@example.com" % number for number in range(7)]))
    same("result", play.client.result, hssmtp.SENT)
    same("delivered", play.client.delivered, 7)
    sent = [command for command in server.commands if command.startswith("RCPT")]
    same("RCPTs", len(sent), 5 + 2 + 2 + 1)


def test_three_thousand_recipients():
    """Each gets one copy; the 4 refused ones are reported."""
    to = crowd(3000)
    refused = to[::800]
    replies = {}
    for who in refused:
        replies["RCPT " + who] = "550 5.1.1 unknown"
    for keywords, most in ((AHEAD + ["LIMITS RCPTMAX=1000"], 0), (AHEAD, 900)):
        server = Server(keywords, replies=replies, most_recipients=most)
        play = Play(server, manner=FAR[0][1]).send(mail((), bcc=list_of(to)))
        check_sent(play, to, refused)
        same("transactions %s" % sizes(server), 3 <= len(server.mails) <= 4, True)
        same("waits %s" % play.link.waits, len(play.link.waits) < 20, True)


def test_address_list_is_read_in_pieces():
    """The header names all of them in each transaction."""

    def check(manner, keywords, limit):
        to = crowd(45)
        server = Server(keywords, most_recipients=limit)
        message = mail(list_of(to), cc="boss@example.com", bcc="spy@example.com")
        play = Play(server, manner=manner).send(message)
        check_sent(play, to + ["boss@example.com", "spy@example.com"])
        same("in the header", server.mails[0][2].count(b"@example.com,\r\n user"), 44)

    cases = []
    for way, keywords in WAYS:
        for limit in 10, 45, 46:
            cases.append(("%d, %s" % (limit, way), keywords, limit))
    in_every_manner(check, cases, FEW)


def test_bad_lines_are_reported_and_others_continue():
    """Each is reported by its line number, and the others continue."""

    def check(manner, keywords, limit):
        lines = ["# crew"] + crowd(3) + ["nobody", "", "two words@example.com"] + crowd(3, 3)
        lines += ["x@" + "y" * 300] + crowd(3, 6) + ["<z@example.com>"]
        told = []

        def on_event(client, event):
            if event == hssmtp.RECIPIENT_REFUSED:
                told.append((client.recipient, client.reply_code))

        server = Server(keywords, most_recipients=limit)
        crew = list_of(lines)
        play = Play(server, on_event, manner=manner).send(mail((), bcc=crew))
        same("result", hssmtp.event_name(play.client.result), "SENT")
        same("told", told, [("list:5", 0), ("list:7", 0), ("list:11", 0), ("list:15", 0)])
        same("taken", all_of(server), crowd(9))
        client = play.client
        same("counts", (client.accepted, client.refused, client.delivered), (9, 4, 9))
        same("bad", (crew.bad, crew.bad_line), (4, 15))
        same("reply", client.reply_code, 250)

    cases = []
    for way, keywords in WAYS:
        for limit in 0, 2, 4:
            cases.append(("%d, %s" % (limit, way), keywords, limit))
    in_every_manner(check, cases)


def test_address_list_of_bad_lines_only_is_refused():
    try:
        play = Play(Server()).send(mail(list_of(["nobody", "#"])))
    except ValueError:
        return
    same("error", hssmtp.error_name(play.client.error), "ERROR_RECIPIENTS")


# Failures after the first transaction


def test_refused_text_of_a_later_transaction():
    """The first ones have the mail; `delivered` counts them."""

    def check(manner, keywords, said, error, transient):
        # A BDAT refused as too large is tried again as DATA.
        server = Server(keywords, replies={"TEXT": ["250 ok", said, said]}, most_recipients=3)
        play = Play(server, manner=manner).send(mail((), bcc=crowd(10)))
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_" + error)
        same("transient", (client.transient, client.in_doubt), (transient, False))
        same("taken", all_of(server), crowd(3))
        same("delivered", client.delivered, 3)
        same(
            "connections",
            len(play.link.opened),
            1 + (error == "TOO_LARGE" and bool(server.chunks)),
        )

    cases = []
    for way, keywords in WAYS:
        for said, error, transient in (
            ("554 5.7.1 spam", "REJECTED", False),
            ("451 4.3.0 later", "REJECTED", True),
            ("552 5.3.4 too large", "TOO_LARGE", False),
            ("421 4.3.2 bye", "CLOSED", True),
        ):
            cases.append(("%s, %s" % (said, way), keywords, said, error, transient))
    in_every_manner(check, cases, FEW)


def test_refused_mail_command_of_a_later_transaction():
    def check(manner, keywords):
        server = Server(
            keywords, replies={"MAIL": ["250 ok", "452 4.3.1 full"]}, most_recipients=3
        )
        client = Play(server, manner=manner).send(mail((), bcc=crowd(5))).client
        same("error", hssmtp.error_name(client.error), "ERROR_SENDER")
        same("transient", client.transient, True)
        same("delivered", client.delivered, 3)

    in_every_manner(check, WAYS)


def test_connection_lost_in_a_later_transaction():
    """No new connection: it would be unclear who has the mail."""

    def check(name, keywords, step):
        good = {"RCPT": ["250 ok"] * 4, "DATA": ["354 go"], "TEXT": ["250 ok"]}[step]
        server = Server(keywords + ["LIMITS RCPTMAX=3"], replies={step: good + [""]})
        play = Play(server).send(mail((), bcc=crowd(5)))
        client = play.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_CLOSED")
        same("state", state(client), "BDAT" if step == "TEXT" and "CHUNKING" in keywords else step)
        same("transient", client.transient, True)
        same("in_doubt", client.in_doubt, step == "TEXT")
        same("delivered", client.delivered, 3)
        same("connections", len(play.link.opened), 1)

    cases = []
    for step in "RCPT", "DATA", "TEXT":
        cases.append((step, [], step))
    cases.append(("TEXT, CHUNKING", ["CHUNKING"], "TEXT"))
    check_table(cases, check)


def test_iterator_is_sent_in_one_transaction_only():
    """The iterator is used up."""

    def check(name, make):
        server = Server(most_recipients=2)
        client = Play(server).send(make()).client
        same("result", hssmtp.event_name(client.result), "FAILED")
        same("error", hssmtp.error_name(client.error), "ERROR_SOURCE")
        same("delivered", client.delivered, 2)
        same("taken", all_of(server), crowd(2))

    def text():
        return mail((), bcc=crowd(3), text=iter([b"It boils."]))

    def attachment():
        return mail((), bcc=crowd(3), attachments=[hssmtp.Attachment(iter([b"x"]), name="x")])

    check_table((("text", text), ("attachment", attachment)), check)


def test_files_are_read_again_for_each_transaction():
    """Each time from the beginning: path, bytes, open files, a text's file."""
    with open("log", "wb") as file:
        file.write(b"0123456789\r\n" * 100)

    def check(manner, keywords):
        server = Server(keywords, most_recipients=2)
        file, text = open("log", "rb"), open("log", "rb")
        attachments = ["log", hssmtp.Attachment(file, name="b")]
        attachments.append(hssmtp.Attachment(b"xyz" * 99, name="c"))
        message = mail((), bcc=crowd(5), text=text, attachments=attachments)
        play = Play(server, manner=manner).send(message)
        file.close()
        text.close()
        same("result", hssmtp.event_name(play.client.result), "SENT")
        texts = [text for _, _, text in server.mails]
        same("texts", texts, texts[:1] * 3)

    binary = ("BINARYMIME", AHEAD + ["CHUNKING", "BINARYMIME"])
    in_every_manner(check, WAYS + (binary,), FEW + MANNERS[2:3])


def test_abort_in_a_later_transaction():
    """After abort_mail() nobody else gets the mail; the next one has its own recipients."""
    server = Server(AHEAD, most_recipients=2)
    play = Play(server)
    play.client.send_mail(mail((), bcc=crowd(6)))
    while len(server.mails) < 2:
        play.now += 1
        play.client.tick(play.now)
    play.client.abort_mail()
    same("result", hssmtp.event_name(play.client.result), "ABORTED")
    server.most_recipients = 0
    play.send(mail())
    same("next", server.mails[-1][1], ["ops@example.com"])


def test_next_mail_on_the_same_connection():
    """It begins with its own first recipient; the learned limit does no harm."""

    def check(manner, keywords):
        server = Server(keywords, most_recipients=4)
        play = Play(server, manner=manner, keep_open_ms=1000)
        play.send(mail((), bcc=crowd(10)))
        play.send(mail((), bcc=crowd(3, 20)))
        same("taken", all_of(server), crowd(10) + crowd(3, 20))
        counts = (play.client.accepted, play.client.refused, play.client.delivered)
        same("counts", counts, (3, 0, 3))
        same("connections", len(play.link.opened), 1)

    in_every_manner(check, WAYS)
