"""Counts instructions on the board in QEMU: import ticks; ticks.count(MAIL) and so on.

What the link, the server and the driver of the flash take is not counted. Each function prints
JSON, with times in the unit of time.ticks_cpu().
"""

import gc
import json
import sys
import time

import flash
import hssmtp
import mails
import ram_files
from near_link import NearLink


def _timed(function, *args):
    spent = flash.spent
    begun = time.ticks_cpu()
    made = function(*args)
    took = time.cpu_since(begun)
    return made, took - (flash.spent - spent)


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
    """What the calls that hand a mail over took, and the most that a tick took, by state."""
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


def whole(mail, count):
    """So many mails of one client, one after the other: what each took, from Message() to SENT.

    First what Client() took; then for each mail what Message(), send_mail() and all ticks took,
    and how often the flash was read.
    """
    link = NearLink()
    _, nothing = _timed(int)
    client, making_client = _timed(_client, link)
    found = [making_client - nothing]
    now = 0
    for _ in range(count):
        gc.collect()
        reads = flash.reads
        spent = link.spent
        made, making_message = _timed(mails.message, mail)
        _, handing_over = _timed(client.send_mail, made)
        ticks = 0
        while client.result is None:
            now += 1
            _, took = _timed(client.tick, now)
            ticks += took - nothing
        ticks -= link.spent - spent
        making_message -= nothing
        handing_over -= nothing
        found.append((making_message, handing_over, ticks, flash.reads - reads))
        while client.tick(now):  # QUIT
            now += 1
        if client.result != hssmtp.SENT:
            raise SystemExit(hssmtp.explain(client))
    print(json.dumps(found))


def dropped():
    """The modules of hssmtp that were loaded since the board was switched on, and are not now."""
    found = []
    for path in ram_files.opened():
        name = path.rsplit(".", 1)[0].replace("/", ".")
        if name.endswith(".__init__"):
            name = name[:-9]
        if name.startswith("hssmtp.") and name not in sys.modules:
            found.append(name)
    print(json.dumps(sorted(found)))


def reload(name):
    """Load a module that was dropped, with those that it loads itself, and drop them again.

    What that took, how often the flash was read, and the names of those others.
    """
    _drop([name])
    before = set(sys.modules)
    _, nothing = _timed(int)
    reads = flash.reads
    took = _timed(_load, name)[1] - nothing
    reads = flash.reads - reads
    brought = [each for each in sys.modules if each not in before]
    _drop(brought)
    brought.remove(name)
    print(json.dumps((took, reads, sorted(brought))))


def collect():
    """What a garbage collection takes, as loading a module begins with."""
    gc.collect()
    _, nothing = _timed(int)
    print(json.dumps(_timed(gc.collect)[1] - nothing))


def _load(name):
    load = getattr(hssmtp, "load", None)
    if load:
        load(name[len("hssmtp.") :])
    else:
        __import__(name)


def _drop(names):
    for name in names:
        if name in sys.modules:
            del sys.modules[name]
            package, _, last = name.rpartition(".")
            if package in sys.modules and hasattr(sys.modules[package], last):
                delattr(sys.modules[package], last)
    gc.collect()
