"""SCRAM-SHA-256 (RFC 7677): servers that lie, bad challenges, rounds in short ticks."""

from binascii import b2a_base64

import hssmtp
from logins import LOGIN, PASSWORD, USER, check_failed, play, scram, tried
from scripted import (
    Play,
    Server,
    check_table,
    mail,
    same,
    state,
)


def test_invalid_first_server_message_is_cancelled():
    """No proof is sent. The next mechanism follows only over TLS."""

    def check(name, first):
        played = play(["AUTH SCRAM-SHA-256"], scram={"first": first}, **LOGIN)
        check_failed(played, "ERROR_PROTOCOL", False)
        same("commands", played.server.commands[-2:], ["<cancel>", "QUIT"])
        same("responses", "<response>" in played.server.commands, False)
        same("logins", played.server.logins, [])
        played = scram(first=first)
        same("tried", tried(played), ["SCRAM-SHA-256", "PLAIN"])
        same("logins", played.server.logins, [("PLAIN", USER, PASSWORD)])

    good = "r={client}{nonce},s={salt},i=4096"
    check_table(
        (
            ("another nonce", "r=x{nonce},s={salt},i=4096"),
            ("a nonce that begins later", "r=x{client}{nonce},s={salt},i=4096"),
            ("the nonce in small letters", "r={nonce}{client},s={salt},i=4096"),
            ("nothing of its own", "r={client},s={salt},i=4096"),
            ("no nonce", "s={salt},i=4096"),
            ("an empty nonce", "r=,s={salt},i=4096"),
            ("no salt", "r={client}{nonce},i=4096"),
            ("an empty salt", "r={client}{nonce},s=,i=4096"),
            ("a salt that is no base64", "r={client}{nonce},s=W22Za_0SNY7s,i=4096"),
            ("a salt that is cut", "r={client}{nonce},s=W22ZaJ0SNY7,i=4096"),
            ("no rounds", "r={client}{nonce},s={salt}"),
            ("rounds of nothing", "r={client}{nonce},s={salt},i="),
            ("0 rounds", "r={client}{nonce},s={salt},i=0"),
            ("1 round", "r={client}{nonce},s={salt},i=1"),
            ("4,095 rounds", "r={client}{nonce},s={salt},i=4095"),
            ("1,000,000 rounds", "r={client}{nonce},s={salt},i=1000000"),
            ("rounds for ever", "r={client}{nonce},s={salt},i=99999999999999999999"),
            ("2**32 + 4096 rounds", "r={client}{nonce},s={salt},i=4294971392"),
            ("negative rounds", "r={client}{nonce},s={salt},i=-4096"),
            ("rounds with a sign", "r={client}{nonce},s={salt},i=+4096"),
            ("rounds with a space", "r={client}{nonce},s={salt},i= 4096"),
            ("rounds with a letter", "r={client}{nonce},s={salt},i=4096x"),
            ("rounds in hexadecimal", "r={client}{nonce},s={salt},i=0x1000"),
            ("another order", "s={salt},r={client}{nonce},i=4096"),
            ("what must be understood", "m=x," + good),  # RFC 5802 5.1
            ("an error", "e=unknown-user"),
            ("nothing", ""),
            ("rubbish", "\x00\x01\x02"),
            ("commas", ",,,,"),
        ),
        check,
    )


def test_invalid_server_signature_is_an_auth_error():
    """A server that can't prove that it knows the password is the wrong server."""

    def check(name, final):
        played = scram(final=final)
        client = played.client
        check_failed(played, "ERROR_AUTH", False)
        same("tried", tried(played), ["SCRAM-SHA-256"])
        same("proof", played.server.logins[0], ("SCRAM-SHA-256", USER, PASSWORD))
        same("READY", "READY" in played.events, False)
        same("explained", len(hssmtp.explain(client)) > 20, True)

    signature = b2a_base64(bytes(32))[:-1].decode()
    check_table(
        (
            ("another signature", "v=" + signature),
            ("a short one", "v=AAAA"),
            ("a longer one", "v={signature}AAAA"),
            ("an empty one", "v="),
            ("none, and no word of it", None),
            ("nothing", ""),
            ("without its letter", "{signature}"),
            ("an error", "e=other-error"),
        ),
        check,
    )


def test_invalid_base64_in_the_server_signature():
    """Invalid base64 is an error in any challenge."""
    for said in "334 dj0*", "334 !", "334 dj", "334 " + "dj0x" * 200:
        replies = {"RESPONSE": [said]}
        played = play(["AUTH SCRAM-SHA-256 PLAIN"], replies=replies, **LOGIN)
        client = played.client
        same("result", hssmtp.event_name(client.result), "FAILED")
        error = hssmtp.error_name(client.error)
        same("error %s" % error, error in ("ERROR_PROTOCOL", "ERROR_AUTH"), True)
        same("tried", tried(played), ["SCRAM-SHA-256"])


def test_invalid_base64_in_a_challenge():
    """The prompts of PLAIN and LOGIN are not read; other challenges are."""

    def check(name, mechanism, said):
        replies = {"AUTH": said}
        played = play(["AUTH %s PLAIN" % mechanism], replies=replies, auth=mechanism, **LOGIN)
        check_failed(played, "ERROR_PROTOCOL", False)
        same("tried", tried(played), [mechanism])
        same("responses", "<response>" in played.server.commands, False)

    cases = []
    for mechanism in "CRAM-MD5", "SCRAM-SHA-256":
        for said in (
            "334 *",
            "334 !!!!",
            "334 PDE4OTYu*Y5",
            "334 PDE4O",
            "334 PDE4OQ",
            "334 PDE4OQ=",
            "334 PDE4OQ===",
            "334 =",
            "334 ====",
            "334 PDE4 OTYu",
            "334 PDE4=OTY",
            "334-PDE4\r\n334 OTYu",
            b"334 \xff\xfe\r\n",
        ):
            cases.append(("%s, %r" % (mechanism, said), mechanism, said))
    check_table(cases, check)


def test_challenge_that_is_too_long():
    """Memory does not grow: the login succeeds or fails."""
    for mechanism in "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER":
        options = (
            {"username": USER, "token": "x"} if "B" in mechanism or "X" in mechanism else LOGIN
        )
        replies = {"AUTH": ["334 " + "QUJD" * 450]}
        server = Server(["AUTH " + mechanism], users={}, replies=replies, strict=False)
        played = Play(server, security="tls", auth=mechanism, **options).send(mail())
        same("result", hssmtp.event_name(played.client.result), "FAILED")


def test_surplus_challenge_is_an_error():
    """After the last response nothing is left to send."""
    for mechanism in "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256":
        replies = {"RESPONSE": "334 YQ==", "AUTH": None}
        if mechanism == "PLAIN":
            replies["AUTH"] = "334 YQ=="
        else:
            del replies["AUTH"]
        server = Server(
            ["AUTH " + mechanism], users={USER: PASSWORD}, replies=replies, strict=False
        )
        played = Play(server, security="tls", **LOGIN).send(mail(), 60000)
        same("result", hssmtp.event_name(played.client.result), "FAILED")
        same("responses", server.commands.count("<response>") <= 3, True)


def test_success_without_a_server_proof_is_an_error():
    """A server that accepts SCRAM at once has proved nothing."""
    played = play(["AUTH SCRAM-SHA-256"], replies={"AUTH": "235 2.7.0 welcome"}, **LOGIN)
    check_failed(played, "ERROR_AUTH", False)


def test_scram_computes_a_few_rounds_a_tick():
    """16 rounds a tick."""
    server = Server(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD}, scram={"iterations": 5000})
    played = Play(server, security="tls", **LOGIN)
    client = played.client
    client.send_mail(mail())
    ticks = 0
    while not client.result:
        played.now += 1
        client.tick(played.now)
        ticks += state(client) in ("AUTH", "RESPONSE")
    same("result", hssmtp.event_name(client.result), "SENT")
    same("%d ticks" % ticks, 5000 // 16 <= ticks < 700, True)


def test_salted_password_is_kept_for_the_next_login():
    """For the next connection; another salt or number of rounds computes it again."""
    server = Server(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD})
    played = Play(server, security="tls", **LOGIN)
    client = played.client
    counts = []
    for change in {}, {}, {"iterations": 4097}, {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="}, {}:
        server.scram = dict(server.scram)
        server.scram.update(change)
        client.send_mail(mail())
        ticks = 0
        while not client.result:
            played.now += 1
            client.tick(played.now)
            ticks += 1
        played.run()
        same("result", hssmtp.event_name(client.result), "SENT")
        counts.append(ticks > 256)
    same("computed", counts, [True, False, True, True, False])


def test_abort_during_the_scram_rounds():
    server = Server(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD})
    played = Play(server, security="tls", **LOGIN)
    played.client.send_mail(mail())
    while "AUTH" not in " ".join(server.commands):
        played.now += 1
        played.client.tick(played.now)
    for _ in range(50):
        played.now += 1
        played.client.tick(played.now)
    played.client.abort_mail()
    same("result", hssmtp.event_name(played.client.result), "ABORTED")
    played.send(mail())
    same("next mail", hssmtp.event_name(played.client.result), "SENT")


def test_nonce_differs_each_time():
    first = []

    class Listening(Server):
        def _take_response(self, line, step):
            if step == "AUTH":
                first.append(line)
            Server._take_response(self, line, step)

    server = Listening(["AUTH SCRAM-SHA-256"], users={USER: PASSWORD})
    played = Play(server, security="tls", **LOGIN)
    for _ in range(3):
        played.send(mail())
    same("nonces", len(set(first)), 3)
