"""Counts the instructions of every tick, on the board in QEMU: import ticks; ticks.count(MAIL).

What the link and the server take is not. Printed as JSON, in the unit of time.ticks_cpu(): what
the calls that hand a mail over took, and the most that a tick took, by state.
"""

import gc
import json
import time

import hssmtp
import mails
from near_link import NearLink


def _timed(function, *args):
    begun = time.ticks_cpu()
    made = function(*args)
    return made, time.ticks_cpu() - begun


def _client(link):
    return hssmtp.Client(
        "mail.example.com",
        security="none",
        username="boiler",
        password="correct horse",
        allow_plaintext_auth=True,
        link=link,
    )


def count(mail):
    link = NearLink()
    _, nothing = _timed(int)
    client, making_client = _timed(_client, link)
    made, making_message = _timed(mails.message, mail)
    _, handing_over = _timed(client.send_mail, made)
    longest = [0] * 32  # by state
    now = 0
    going = True
    while going:
        now += 1
        state = client.state
        gc.collect()  # what the session throws away must not be collected within a tick
        spent = link.spent
        going, took = _timed(client.tick, now)
        longest[state] = max(longest[state], took - nothing - (link.spent - spent))
    if client.result != hssmtp.SENT:
        raise SystemExit(hssmtp.explain(client))
    calls = (
        ("Client()", making_client - nothing),
        ("Message()", making_message - nothing),
        ("send_mail()", handing_over - nothing),
    )
    print(json.dumps((calls, longest)))
