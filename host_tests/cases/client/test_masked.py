"""Secrets that a server repeats are masked, and all other words are shown."""

from binascii import b2a_base64

import hssmtp
from hssmtp.auth import Auth
from hssmtp.auth.credentials import check_credentials
from hssmtp.auth.mask import mask
from scripted import Play, Server, check_table, mail, same

USER = "boiler@example.com"
PASSWORD = "correct horse battery"
TOKEN = "ya29.vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg"

PLAIN = ("\0%s\0%s" % (USER, PASSWORD)).encode()
BEARER = {
    "XOAUTH2": ("user=%s\1auth=Bearer %s\1\1" % (USER, TOKEN)).encode(),
    "OAUTHBEARER": ("n,a=%s,\1auth=Bearer %s\1\1" % (USER, TOKEN)).encode(),
}


def base64(data):
    return b2a_base64(data)[:-1].decode()


def forms(secret):
    """All forms in which five characters of a secret could be shown."""
    data = secret.encode()
    found = [secret]
    for before, skipped in (b"", 0), (b"a", 2), (b"ab", 3):
        found.append(base64(before + data).rstrip("=")[skipped:-1])
    return found


def check_nothing_shown(client, secret):
    for text in client.reply_text, hssmtp.explain(client), repr(client), str(client.cause):
        for form in forms(secret):
            for spelled in form, form.upper():
                for at in range(len(spelled) - 4):
                    part = spelled[at : at + 5]
                    same("%r in %r" % (part, text), part in text, False)


def echoes(secret, sent):
    """Replies that repeat what the server refused."""
    line = base64(sent)
    return (
        secret,
        "bad: <%s>" % secret,
        "'%s'" % line,
        "unknown command: " + line.upper(),
        line[:31] + "...",
        "..." + line[-29:],
        base64(b"x" + secret.encode() + b"yz"),
        base64(b"xx" + secret.encode() + b"y"),
        "login %s failed" % secret[3:12],
    )


def test_repeated_login_is_masked():
    def check(name, mechanism, secret, step, said):
        options = {"username": USER, "password": secret}
        if mechanism in BEARER:
            options = {"username": USER, "token": secret}
        for is_asked in (False, True) if "token" in options else (False,):
            if is_asked:
                options["token"] = lambda: secret
            server = Server(
                ["AUTH " + mechanism], users={USER: secret}, replies={step: "535 " + said}
            )
            client = Play(server, security="tls", **options).send(mail()).client
            same("error", hssmtp.error_name(client.error), "ERROR_AUTH")
            same("a function is asked: %s" % is_asked, client.reply_code, 535)
            check_nothing_shown(client, secret)

    cases = []
    for mechanism, sent in BEARER.items():
        for said in echoes(TOKEN, sent):
            cases.append(("%s: %s" % (mechanism, said), mechanism, TOKEN, "AUTH", said))
    for mechanism, sent, step in (
        ("PLAIN", PLAIN, "AUTH"),
        ("LOGIN", PASSWORD.encode(), "RESPONSE"),
        ("CRAM-MD5", PASSWORD.encode(), "RESPONSE"),
        ("SCRAM-SHA-256", PASSWORD.encode(), "RESPONSE"),
    ):
        for said in echoes(PASSWORD, sent):
            cases.append(("%s: %s" % (mechanism, said), mechanism, PASSWORD, step, said))
    check_table(cases, check)


def test_repeated_token_is_masked_after_the_dummy_response():
    """A refused token needs a second, empty response: the first is still a secret."""
    for mechanism, sent in BEARER.items():
        for said in echoes(TOKEN, sent):
            server = Server(
                ["AUTH " + mechanism], users={USER: "x"}, replies={"RESPONSE": "535 " + said}
            )
            for token in TOKEN, lambda: TOKEN:
                options = {"username": USER, "token": token, "security": "tls"}
                client = Play(server, **options).send(mail()).client
                same("error", hssmtp.error_name(client.error), "ERROR_AUTH")
                check_nothing_shown(client, TOKEN)


def test_secret_repeated_after_the_login_is_masked():
    for option, secret in ("password", PASSWORD), ("token", TOKEN):
        offer = "AUTH PLAIN" if option == "password" else "AUTH XOAUTH2"
        for said in echoes(secret, PLAIN):
            server = Server([offer], users={USER: secret}, replies={"MAIL": "550 " + said})
            options = {"username": USER, option: secret, "security": "tls"}
            client = Play(server, **options).send(mail()).client
            same("error", hssmtp.error_name(client.error), "ERROR_SENDER")
            check_nothing_shown(client, secret)


def masked(text, password=None, token=None):
    auth = Auth(*check_credentials(USER, password, token, None, False))
    return bytes(mask(auth, text.encode())).decode()


def test_ordinary_words_are_not_masked():
    """A secret may contain a word that the server uses."""
    check_table(
        (
            ("nothing in common", PASSWORD, "5.7.8 Error: authentication failed", None),
            ("a word of the password", "app password", "wrong password", None),
            ("in capitals", "app password", "Wrong Password.", None),
            ("the password is longer", "password1234", "the password is wrong", None),
            ("the word is longer", "my passw0rd", "invalid password: denied", None),
            ("two words", "an expired token", "token expired", None),
            ("the end of a word", "sword fish", "the password", None),
            ("all of it", "password", "wrong password", "wrong ********"),
            ("the word and more", "password1234", "no password12", "no **********"),
            ("two words of it", "wrong password!", "wrong password", "*" * 14),
            ("no ordinary word", PASSWORD, "horse", "*****"),
            ("four characters in a word", "cate", "authentication", None),
            ("four characters as a word", "cate", "user (cate)", "user (****)"),
            ("one character", "a", "a fatal alert", "* fatal alert"),
            ("beyond ASCII", "Pa\u00dfw\u00f6rt", "<Pa\u00dfw\u00f6rt>", "<*********>"),
            ("the user's name", PASSWORD, USER + " is unknown", None),
        ),
        check_password,
    )
    same("a token", masked("the token ya29.vF9d is invalid", token=TOKEN)[:10], "the token ")


def check_password(name, password, said, wanted):
    same("shown", masked(said, password), wanted or said)
