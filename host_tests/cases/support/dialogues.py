"""What the cases of whole dialogues share."""

from scripted import Play, Server, mail

TO = ["a@example.com", "b@example.com", "c@example.com"]
USER = "boiler"
PASSWORD = "correct horse"
EXACT = {
    "<open>": "open",
    "<TLS>": "TLS",
    "<text>": "text",
    "<response>": "response",
    "EHLO [127.0.0.1]": "EHLO",
    "HELO [127.0.0.1]": "HELO",
    "MAIL FROM:<boiler@example.com>": "MAIL",
    "AUTH LOGIN": "AUTH_LOGIN",
    "RCPT TO:<a@example.com>": "a",
    "RCPT TO:<b@example.com>": "b",
    "RCPT TO:<c@example.com>": "c",
}
SENT = "open EHLO MAIL a b c DATA text QUIT"


def short(commands):
    """Return the commands in one line, with short names for the usual ones."""
    return " ".join([EXACT.get(command.split(" SIZE=")[0], command) for command in commands])


def play(manner, server, mails=1, to=TO, **options):
    done = Play(Server(**server), manner=manner, **options)
    for n in range(mails):
        done.send(mail(to, text="It boils, %d." % n))
    return done


EHLO_UNKNOWN = {"EHLO": "502 5.5.1 what?"}
TLS_AND_AUTH: dict = {"security": "starttls", "username": USER, "password": PASSWORD}
