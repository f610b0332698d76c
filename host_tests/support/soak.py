"""Run on MicroPython: soak.py COUNT PLAIN_PORT CLOSED_PORT sends so many mails from one process.

All ways to end, over scripted links and, one in twenty, over real sockets. The last line is JSON:
how often each result came, how much more heap is in use at the end than after the first round of
all, and how many files there were open behind a mail, at the most, that were not open before it.
"""

import gc
import json
import os
import sys

import hssmtp
from scripted import ScriptedLink, Server

HOW_OFTEN_REAL = 20
ROUND = 200  # mails, in which every kind and every ending comes
REFUSED = {"RCPT user1@example.com": "550 5.1.1 unknown", "RCPT user2@example.com": "451 later"}
LOGIN = {"username": "boiler", "password": "correct horse", "allow_plaintext_auth": True}

# What the server is like, and what the client is told.
SERVERS = (
    ({}, {}),
    ({"keywords": ["PIPELINING"]}, {}),
    ({"keywords": ["PIPELINING"], "replies": REFUSED}, {}),
    ({"replies": {"MAIL": "550 5.7.1 not you"}}, {}),
    ({"replies": {"RCPT": "550 5.1.1 nobody"}}, {}),
    ({"replies": {"DATA": "451 4.3.0 later"}}, {}),
    ({"replies": {"TEXT": "552 5.3.4 too large"}}, {}),
    ({"replies": {"TEXT": None}}, {}),
    ({"replies": {"EHLO": "421 4.3.2 closing"}}, {}),
    ({"replies": {"GREETING": b"SSH-2.0-OpenSSH\r\n"}}, {}),
    ({"keywords": ["AUTH PLAIN"], "users": {"boiler": "correct horse"}}, LOGIN),
    ({"keywords": ["AUTH LOGIN"], "users": {"boiler": "another"}}, LOGIN),
    ({"keywords": ["STARTTLS", "PIPELINING"]}, {"security": "starttls", "insecure": True}),
)

# What befalls the link, or what the application does, at which byte or tick.
ENDINGS = (None, "reset", "fin", "silence", "abort", "deinit", "pause")


def pieces(count):
    for number in range(count):
        yield b"%d\n" % number
        yield None
    if count == 7:
        raise OSError(5)


def mail(number):
    options = {"to": "ops@example.com", "text": "It boils.\n.\n"}
    kind = number % 8
    if kind == 1:
        options["to"] = ["user%d@example.com" % n for n in range(5)]
    elif kind == 2:
        options["attachments"] = ["small", "large"]
    elif kind == 3:
        options["text"] = "95 °C\n" * 50
        options["html"] = "<p>95 °C</p>"
    elif kind == 4:
        options["bcc"] = hssmtp.AddressList("list")
    elif kind == 5:
        options["attachments"] = [hssmtp.Attachment(pieces(5 + number % 3), name="x.csv")]
    elif kind == 6:
        options["attachments"] = ["missing"]
    return hssmtp.Message("boiler@example.com", subject="mail %d" % number, **options)


def send(client, mail, ending, at, now):
    """Drive it to its end by a clock of its own; return how it ended."""
    try:
        client.send_mail(mail)
    except OSError:
        return "raised"
    ticks = 0
    while client.tick(now):
        ticks += 1
        now += 1000 if client.idle_ms(now) else 1
        if ticks == at and ending == "abort":
            client.abort_mail()
        elif ticks == at and ending == "deinit":
            client.deinit()
        if client.idle_ms(now) == 3600000:
            client.resume()
    return hssmtp.event_name(client.result)


def scripted(number):
    server, options = SERVERS[number % len(SERVERS)]
    ending = ENDINGS[number % len(ENDINGS)]
    at = 1 + number * 37 % 600
    cut = (
        (("in", "out")[number % 2], at, ending) if ending in ("reset", "fin", "silence") else None
    )
    link = ScriptedLink(Server(**server), most_in=number % 3, block=number % 5 == 0, cut=cut)
    options = dict(options)
    options.setdefault("security", "none")
    pause = ending == "pause"
    client = hssmtp.Client(
        "mail.example.com",
        link=link,
        keep_open_ms=1000 * (number % 2),
        on_event=(lambda client, event: hssmtp.PAUSE) if pause else None,
        **options,
    )
    result = send(client, mail(number), ending, at % 40, 0)
    if client.result == hssmtp.SENT and number % 2:  # another over the kept connection
        send(client, mail(number + 1), None, 0, 0)
    client.deinit()
    return result


def real(number, port, closed):
    ending = ENDINGS[number // HOW_OFTEN_REAL % len(ENDINGS)]
    client = hssmtp.Client(
        "127.0.0.1", closed if number % 3 == 0 else port, security="none", **LOGIN
    )
    try:
        client.send_mail(mail(number))
    except OSError:
        return "raised"
    ticks = 0
    while client.tick():
        ticks += 1
        if ticks == 10 and ending == "abort":
            client.abort_mail()
        if client.idle_ms() == 3600000:
            client.resume()
    client.deinit()
    return hssmtp.event_name(client.result)


def files():
    """How many this process has open; the looking itself is one, each time."""
    return len(list(os.ilistdir("/proc/self/fd")))


def in_use():
    gc.collect()
    return gc.mem_alloc()


def main(count, port, closed):
    for name, octets in ("small", b""), ("large", bytes(3000)):
        with open(name, "wb") as file:
            file.write(octets)
    with open("list", "w") as file:
        for number in range(30):
            file.write("user%d@example.com\n" % number)
    results = {}
    heap = most = 0
    before = files()
    for number in range(int(count) + ROUND):
        if number == ROUND:  # all is loaded, and every name known
            heap = in_use()
        if number % HOW_OFTEN_REAL == 0:
            result = real(number, int(port), int(closed))
        else:
            result = scripted(number)
        most = max(most, files())  # before a collection closes what nobody has closed
        results[result] = results.get(result, 0) + 1
    print(json.dumps([results, in_use() - heap, most - before]))


main(*sys.argv[1:])
