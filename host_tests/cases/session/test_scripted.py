"""The scripted server itself: its replies to valid clients, and that it notices invalid ones."""

import hashlib
from binascii import b2a_base64, hexlify

from scripted import Server, check_table, same
from scripted_sasl import from_base64, hmac

ALL = ["PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "BINARYMIME"]
HELLO = b"EHLO client\r\n"
BEGIN = (HELLO, b"MAIL FROM:<a@b.c>\r\n", b"RCPT TO:<d@e.f>\r\n")
BINARY = (HELLO, b"MAIL FROM:<a@b.c> BODY=BINARYMIME\r\n", b"RCPT TO:<d@e.f>\r\n")
SIZE_9 = b"MAIL FROM:<a@b.c> SIZE=9\r\n"
BODY_8BIT = b"MAIL FROM:<a@b.c> BODY=8BITMIME\r\n"
LARGE = b"\r\n" * 501


def talk(server, *said):
    """Send each line, read each reply; return the codes."""
    server.connect()
    server.take_out(10000)
    codes = []
    for octets in said:
        server.receive(octets)
        reply = server.take_out(10000)
        codes.append(reply[:3].decode())
    return " ".join(codes)


# name, keywords, what is said, the codes
GOOD = (
    ("plain", [], BEGIN + (b"DATA\r\n", b"a\r\n..\r\n.\r\n"), "250 250 250 354 250"),
    ("NOOP and RSET", [], BEGIN + (b"NOOP\r\n", b"RSET\r\n", BEGIN[1]), "250 250 250 250 250 250"),
    ("no mail", [], (HELLO, BEGIN[2], b"DATA\r\n", b"QUIT\r\n"), "250 503 554 221"),
    (
        "parameters",
        ALL,
        (
            HELLO,
            b"MAIL FROM:<> SIZE=5 BODY=8bitmime SMTPUTF8 RET=HDRS ENVID=a+2Bb+3D\r\n",
            "RCPT TO:<jürgen@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b.c\r\n".encode(),
            b'RCPT TO:<"a>b\\" c"@e.f> NOTIFY=NEVER\r\n',
            b"DATA\r\n",
            b"\r\n\xff\r\n.\r\n",
        ),
        "250 250 250 250 354 250",
    ),
    ("too large", ALL, (HELLO, b"MAIL FROM:<a@b.c> SIZE=1001\r\n"), "250 552"),
    ("too large a text", ALL, BEGIN + (b"BDAT 1002 LAST\r\n" + LARGE,), "250 250 250 552"),
    ("BDAT", ALL, BEGIN + (b"BDAT 3\r\na\r\n", b"BDAT 3 LAST\r\n.\r\n"), "250 250 250 250 250"),
    ("BDAT in pieces", ALL, BEGIN + (b"BDAT 4 LAST\r\na", b"b\r", b"\n"), "250 250 250   250"),
    ("BDAT, empty", ALL, BEGIN + (b"BDAT 2\r\n\r\n", b"BDAT 0 LAST\r\n"), "250 250 250 250 250"),
    ("BINARYMIME", ALL, BINARY + (b"BDAT 5 LAST\r\n\0\n\r\xff.",), "250 250 250 250"),
    ("BDAT to nobody", ALL, BEGIN[:2] + (b"BDAT 2 LAST\r\n\r\n",), "250 250 554"),
    ("BDAT before MAIL", ALL, (HELLO, b"BDAT 2\r\n\r\n"), "250 503"),
    ("BDAT refused, RSET", ALL, (HELLO, b"BDAT 1\r\nx", b"RSET\r\n", BEGIN[1]), "250 503 250 250"),
    ("RCPTMAX", ["LIMITS RCPTMAX=1 X=2"], BEGIN + (b"RSET\r\n", BEGIN[1]), "250 250 250 250 250"),
    ("a quoted path", [], (HELLO, b'MAIL FROM:<"a b"@c.d>\r\n'), "250 250"),
)  # fmt: skip

# name, keywords, what is said, the last of it being what no client may
BAD = (
    ("a bare LF", [], (b"EHLO a\n",)),
    ("no command", [], (b"EHLLO a\r\n",)),
    ("a method's name", [], (b"SAY x\r\n",)),
    ("small letters", [], (b"ehlo a\r\n",)),
    ("EHLO alone", [], (b"EHLO\r\n",)),
    ("no wait for EHLO", ALL, (HELLO + BEGIN[1],)),
    ("no wait for MAIL", [], (HELLO, BEGIN[1] + BEGIN[2])),
    ("no wait for DATA", ALL, BEGIN + (b"DATA\r\na\r\n",)),
    ("no wait for NOOP", ALL, (HELLO, b"NOOP\r\nRSET\r\n")),
    ("no wait for BDAT", ["CHUNKING"], BEGIN + (b"BDAT 2\r\n\r\nBDAT 0 LAST\r\n",)),
    ("a long command", [], (b"EHLO " + b"x" * 506 + b"\r\n",)),
    ("not UTF-8", ALL, (HELLO, b"MAIL FROM:<\xff@b.c> SMTPUTF8\r\n")),
    ("no path", [], (HELLO, b"MAIL FROM:a@b.c\r\n")),
    ("a space before the path", [], (HELLO, b"MAIL FROM: <a@b.c>\r\n")),
    ("no end of the path", [], (HELLO, b"MAIL FROM:<a@b.c\r\n")),
    ("no space behind it", ALL, (HELLO, b"MAIL FROM:<a@b.c>SIZE=1\r\n")),
    ("two spaces", ALL, (HELLO, b"MAIL FROM:<a@b.c>  SIZE=1\r\n")),
    ("a space at the end", ALL, (HELLO, b"MAIL FROM:<a@b.c> SIZE=1 \r\n")),
    ("SIZE not offered", [], (HELLO, b"MAIL FROM:<a@b.c> SIZE=1\r\n")),
    ("SIZE offered by the name", [], (b"HELO a\r\n", b"MAIL FROM:<a@b.c> SIZE=1\r\n")),
    ("SIZE twice", ALL, (HELLO, b"MAIL FROM:<a@b.c> SIZE=1 SIZE=1\r\n")),
    ("SIZE without number", ALL, (HELLO, b"MAIL FROM:<a@b.c> SIZE\r\n")),
    ("SIZE of nothing", ALL, (HELLO, b"MAIL FROM:<a@b.c> SIZE=\r\n")),
    ("SIZE of letters", ALL, (HELLO, b"MAIL FROM:<a@b.c> SIZE=1k\r\n")),
    ("another SIZE", ALL, (HELLO, SIZE_9, BEGIN[2], b"BDAT 2 LAST\r\n\r\n")),
    ("BODY not offered", ["SIZE"], (HELLO, b"MAIL FROM:<a@b.c> BODY=8BITMIME\r\n")),
    ("BODY of another kind", ALL, (HELLO, b"MAIL FROM:<a@b.c> BODY=9BIT\r\n")),
    ("BINARYMIME alone", ALL[:5] + ALL[6:], (HELLO, BINARY[1])),
    ("BINARYMIME not offered", ALL[:6], (HELLO, BINARY[1])),
    ("BINARYMIME with DATA", ALL, BINARY + (b"DATA\r\n",)),
    ("SMTPUTF8 not offered", [], (HELLO, b"MAIL FROM:<a@b.c> SMTPUTF8\r\n")),
    ("SMTPUTF8 with a value", ALL, (HELLO, b"MAIL FROM:<a@b.c> SMTPUTF8=1\r\n")),
    ("MAIL beyond ASCII", ALL, (HELLO, "MAIL FROM:<ä@b.c>\r\n".encode())),
    ("RCPT beyond ASCII", ALL, (HELLO, BEGIN[1], "RCPT TO:<ä@b.c>\r\n".encode())),
    ("RET", ALL, (HELLO, b"MAIL FROM:<a@b.c> RET=ALL\r\n")),
    ("RET not offered", [], (HELLO, b"MAIL FROM:<a@b.c> RET=FULL\r\n")),
    ("ENVID, no xtext", ALL, (HELLO, b"MAIL FROM:<a@b.c> ENVID=a=b\r\n")),
    ("ENVID, small letters", ALL, (HELLO, b"MAIL FROM:<a@b.c> ENVID=+2b\r\n")),
    ("ENVID, a control", ALL, (HELLO, b"MAIL FROM:<a@b.c> ENVID=+0A\r\n")),
    ("ENVID, cut", ALL, (HELLO, b"MAIL FROM:<a@b.c> ENVID=a+2\r\n")),
    ("ENVID, long", ALL, (HELLO, b"MAIL FROM:<a@b.c> ENVID=" + b"x" * 101 + b"\r\n")),
    ("NOTIFY to MAIL", ALL, (HELLO, b"MAIL FROM:<a@b.c> NOTIFY=NEVER\r\n")),
    ("NOTIFY", ALL, BEGIN[:2] + (b"RCPT TO:<d@e.f> NOTIFY=ALWAYS\r\n",)),
    ("NOTIFY, never and", ALL, BEGIN[:2] + (b"RCPT TO:<d@e.f> NOTIFY=NEVER,DELAY\r\n",)),
    ("NOTIFY, twice", ALL, BEGIN[:2] + (b"RCPT TO:<d@e.f> NOTIFY=DELAY,DELAY\r\n",)),
    ("NOTIFY not offered", [], BEGIN[:2] + (b"RCPT TO:<d@e.f> NOTIFY=DELAY\r\n",)),
    ("ORCPT", ALL, BEGIN[:2] + (b"RCPT TO:<d@e.f> ORCPT=a@b.c\r\n",)),
    ("RCPT to nobody", [], BEGIN[:2] + (b"RCPT TO:<>\r\n",)),
    ("above RCPTMAX", ["LIMITS RCPTMAX=1"], BEGIN + (BEGIN[2],)),
    ("a long line", [], BEGIN + (b"DATA\r\n", b"x" * 999 + b"\r\n.\r\n",)),
    ("beyond ASCII", [], BEGIN + (b"DATA\r\n", b"\r\n\r\n\xff\r\n.\r\n",)),
    ("a header beyond ASCII", ALL, (HELLO, BODY_8BIT, BEGIN[2], b"BDAT 5 LAST\r\n\xff\r\n\r\n")),
    ("BDAT without CHUNKING", [], BEGIN + (b"BDAT 1\r\n",)),
    ("BDAT of letters", ALL, BEGIN + (b"BDAT x LAST\r\n",)),
    ("BDAT without number", ALL, BEGIN + (b"BDAT LAST\r\n",)),
    ("BDAT, not the last", ALL, BEGIN + (b"BDAT 1 FIRST\r\n",)),
    ("BDAT, no line end", ALL, BEGIN + (b"BDAT 1 LAST\r\nx",)),
    ("BDAT, a bare LF", ALL, BEGIN + (b"BDAT 4 LAST\r\n\na\r\n",)),
    ("DATA behind BDAT", ALL, BEGIN + (b"BDAT 1\r\nx", b"DATA\r\n",)),
    ("BDAT and BDAT, refused", ALL, (HELLO, b"BDAT 1\r\nx", b"BDAT 1\r\nx", b"BDAT 1\r\nx")),
    ("MAIL behind a BDAT refused", ALL, (HELLO, b"BDAT 1\r\nx", BEGIN[1])),
    ("AUTH not offered", [], (HELLO, b"AUTH PLAIN\r\n")),
    ("AUTH of another kind", ["AUTH LOGIN"], (HELLO, b"AUTH PLAIN\r\n")),
    ("AUTH, no base64", ["AUTH PLAIN"], (HELLO, b"AUTH PLAIN AGEA*g==\r\n")),
    ("AUTH, no padding", ["AUTH PLAIN"], (HELLO, b"AUTH PLAIN AGEAYg\r\n")),
    ("AUTH within a mail", ["AUTH PLAIN"], BEGIN + (b"AUTH PLAIN\r\n",)),
    ("AUTH again", ["AUTH PLAIN"], (HELLO, b"AUTH PLAIN AGEAYg==\r\n", b"AUTH PLAIN\r\n")),
    ("CRAM-MD5 at once", ["AUTH CRAM-MD5"], (HELLO, b"AUTH CRAM-MD5 YQ==\r\n")),
)  # fmt: skip


def test_scripted_server_accepts_valid_clients():
    def check(name, keywords, said, codes):
        same("codes", talk(Server(keywords), *said), codes)

    check_table(GOOD, check)


def test_scripted_server_notices_invalid_clients():
    """The last thing said is an AssertionError, and without `strict` none."""

    def check(name, keywords, said):
        server = Server(keywords)
        talk(server, *said[:-1])
        try:
            server.receive(said[-1])
        except AssertionError:
            talk(Server(keywords, strict=False), *said)
            return
        raise AssertionError("nobody noticed: %s" % server.take_out(1000))

    check_table(BAD, check)


def test_scripted_server_stores_mails():
    server = Server(ALL)
    talk(
        server,
        HELLO,
        b"MAIL FROM:<a@b.c> BODY=BINARYMIME RET=FULL\r\n",
        b"RCPT TO:<d@e.f> NOTIFY=NEVER\r\nRCPT TO:<g@h.i>\r\nBDAT 3\r\n.\n\0",
        b"BDAT 1 LAST\r\n\xff",
    )
    same("mails", server.mails, [("a@b.c", ["d@e.f", "g@h.i"], b".\n\0\xff")])
    parameters = [({"BODY": "BINARYMIME", "RET": "FULL"}, [{"NOTIFY": "NEVER"}, {}])]
    same("parameters", server.parameters, parameters)
    same("chunks", server.chunks, [3, 1])


def test_scripted_server_counts_recipients():
    server = Server(most_recipients=2)
    same("codes", talk(server, *BEGIN + BEGIN[2:] * 2), "250 250 250 250 452")


def test_hmac_of_the_scripted_server_matches_rfc_2202():
    """RFC 4231 4.2 and 4.7, RFC 2202 2."""
    for algorithm, key, octets, wanted in (
        (hashlib.sha256, b"\x0b" * 20, b"Hi There", b"b0344c61d8db38535ca8afceaf0bf12b"),
        (hashlib.sha256, b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
         b"60e431591ee0b67f0d8a26aacbf5b77f"),
        (hashlib.md5, b"Jefe", b"what do ya want for nothing?",
         b"750c783e6ab0b503eaa86e310a5db738"),
    ):  # fmt: skip
        same("HMAC", hexlify(hmac(algorithm, key, octets))[:32], wanted)


def base64(octets):
    return b2a_base64(octets)[:-1]


def check_exchange(mechanism, users, responses, codes):
    """Return the reply; a challenge is decoded."""
    server = Server(["AUTH " + mechanism], users=users)
    said = [b"AUTH " + mechanism.encode()]
    for response in responses:
        said.append(base64(response))
    same("codes", talk(server, HELLO, *[line + b"\r\n" for line in said]), codes)
    return server


def test_cram_md5_of_the_scripted_server_matches_rfc_2195():
    """RFC 2195 2."""
    users = {"tim": "tanstaaftanstaaf"}
    for digest, code in (b"b913a602c7eda7a495b4e6e7334d3890", "235"), (b"0" * 32, "535"):
        check_exchange("CRAM-MD5", users, [b"tim " + digest], "250 334 " + code)


def test_scram_of_the_scripted_server_matches_rfc_7677():
    """RFC 7677 3."""
    responses = (
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        b"",
    )
    check_exchange("SCRAM-SHA-256", {"user": "pencil"}, responses, "250 334 334 334 235")
    check_exchange("SCRAM-SHA-256", {"user": "pencils"}, responses[:2], "250 334 334 535")
    check_exchange("SCRAM-SHA-256", {"other": "pencil"}, responses[:2], "250 334 334 535")
    server = Server(["AUTH SCRAM-SHA-256"], users={"user": "pencil"})
    server.connect()
    for line in (b"AUTH SCRAM-SHA-256", base64(responses[0]), base64(responses[1])):
        server.take_out(1000)
        if line[:4] == b"AUTH":
            server.receive(HELLO)
            server.take_out(1000)
        server.receive(line + b"\r\n")
    signature = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    same("signature", from_base64(server.take_out(1000)[4:-2]), signature)


def test_bearer_tokens_of_the_scripted_server():
    for mechanism, right, wrong, answer in (
        ("XOAUTH2", b"user=me\1auth=Bearer abc\1\1", b"user=me\1auth=Bearer x\1\1", b""),
        (
            "OAUTHBEARER",
            b"n,a=me,\1host=mail.example.com\1port=25\1auth=Bearer abc\1\1",
            b"n,a=me,\1auth=Bearer x\1\1",
            b"\1",
        ),
    ):
        check_exchange(mechanism, {"me": "abc"}, [right], "250 334 235")
        server = check_exchange(mechanism, {"me": "abc"}, [wrong, answer], "250 334 334 535")
        same("logins", server.logins, [(mechanism, "me", "x")])
