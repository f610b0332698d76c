"""What the cases of AUTH share: names, passwords, and a session with a login."""

import hssmtp
from scripted import (
    Play,
    Server,
    mail,
    same,
)

USER = "boiler@example.com"
PASSWORD = "correct horse battery"
LOGIN = {"username": USER, "password": PASSWORD}
TOKEN = "ya29.vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg"
EVERY = "AUTH LOGIN PLAIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER GSSAPI SCRAM-SHA-1"
# The strongest first.
WITH_PASSWORD = ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"]
WITH_TOKEN = ["OAUTHBEARER", "XOAUTH2"]


def play(keywords, users=None, manner=None, replies=None, scram=None, **options):
    if "security" not in options:
        options["security"] = "tls"
    server = Server(keywords, users=users or {USER: PASSWORD}, replies=replies, scram=scram)
    return Play(server, manner=manner, **options).send(mail())


def tried(played):
    """Return the tried mechanisms in order."""
    return [line.split(" ")[1] for line in played.server.commands if line[:5] == "AUTH "]


def check_sent(played, mechanism, user=USER, password=PASSWORD):
    client = played.client
    same("logins", played.server.logins, [(mechanism, user, password)])
    same("result", hssmtp.event_name(client.result), "SENT")
    same("tried", tried(played), [mechanism])


def check_failed(played, error, transient, code=None):
    client = played.client
    same("result", hssmtp.event_name(client.result), "FAILED")
    same("error", hssmtp.error_name(client.error), error)
    same("transient", (client.transient, client.in_doubt), (transient, False))
    same("MAIL", [line for line in played.server.commands if line[:4] == "MAIL"], [])
    same("link", played.link.is_open, False)
    if code:
        same("reply", client.reply_code, code)


def scram(**lies):
    return play(["AUTH SCRAM-SHA-256 PLAIN"], scram=lies, **LOGIN)
