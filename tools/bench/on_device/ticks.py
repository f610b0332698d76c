"""Counts the instructions of every tick, on the board in QEMU: import ticks; ticks.count(MAIL).

What the link and the server take is not. Printed as JSON: how much making the client, making the
message and send_mail took, and the most that a tick took in each state.
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
    found = {}
    _, nothing = _timed(int)
    client, found["Client()"] = _timed(_client, link)
    made, found["Message()"] = _timed(mails.message, mail)
    _, found["send_mail()"] = _timed(client.send_mail, made)
    now = 0
    going = True
    while going:
        now += 1
        state = hssmtp.state_name(client.state)
        gc.collect()  # what the session throws away must not be collected within a tick
        spent = link.spent
        going, took = _timed(client.tick, now)
        took -= link.spent - spent
        found[state] = max(found.get(state, 0), took)
    if client.result != hssmtp.SENT:
        raise SystemExit(hssmtp.explain(client))
    for what in found:
        found[what] -= nothing
    print(json.dumps(found))
