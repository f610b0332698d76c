"""Sends the mails of a job, on whatever runtime runs this, and prints what became of each as JSON.

The job is a JSON file: {"client": {…}, "mails": [{…}, …]}, arguments of Client and of Message.
An attachment is {"path": …, "as": "path" | "octets" | "file" | "iterator", "piece": bytes, …},
the rest being Attachment's arguments. "address_lists" makes AddressLists of to, cc and bcc.
"heap_lock": nothing may be allocated from the greeting to the final reply, TLS apart.
"""

import json
import sys

import hssmtp

MICROPYTHON = sys.implementation.name == "micropython"
if MICROPYTHON:
    import gc

    import micropython

GREETING = 4
STARTTLS = 7


def pieces(path, size):
    """The bytes of a file, in pieces of so many; None comes between them now and then."""
    with open(path, "rb") as file:
        count = 0
        while True:
            piece = file.read(size)
            if not piece:
                return
            yield piece
            count += 1
            if count % 3 == 0:
                yield None


def attachment(path, how="path", piece=1000, **options):
    if how == "octets":
        with open(path, "rb") as file:
            source = file.read()
    elif how == "file":
        source = open(path, "rb")  # noqa: SIM115  (the message reads it)
    elif how == "iterator":
        source = pieces(path, piece)
    else:
        source = path
    return hssmtp.Attachment(source, **options)


def message(job):
    job = dict(job)
    if job.pop("address_lists", False):
        for field in ("to", "cc", "bcc"):
            if field in job:
                job[field] = hssmtp.AddressList(job[field])
    found = []
    for options in job.pop("attachments", ()):
        options["how"] = options.pop("as", "path")
        found.append(attachment(**options))
    return hssmtp.Message(attachments=found, **job)


def tick(client, locked):
    # Setting TLS up, within the tick that takes STARTTLS's reply, is the one exception.
    if not locked or client.result or client.state <= GREETING or client.state == STARTTLS:
        return client.tick()
    micropython.heap_lock()
    try:
        return client.tick()
    finally:
        micropython.heap_unlock()


def send(client, mail, locked, events, refused):
    ticks = 0
    del events[:]
    del refused[:]
    client.send_mail(mail)
    while tick(client, locked):
        ticks += 1
    return {
        "result": hssmtp.event_name(client.result),
        "error": hssmtp.error_name(client.error),
        "state": hssmtp.state_name(client.state),
        "transient": client.transient,
        "in_doubt": client.in_doubt,
        "code": client.reply_code,
        "text": client.reply_text,
        "enhanced_code": client.enhanced_code,
        "accepted": client.accepted,
        "delivered": client.delivered,
        "refused": refused,
        "sent": client.bytes_sent,
        "total": client.bytes_total,
        "events": events,
        "ticks": ticks,
        "cause": repr(client.cause),
    }


def main(path):
    with open(path) as file:
        job = json.load(file)
    locked = MICROPYTHON and job.get("heap_lock", False)
    events = []
    refused = []

    def on_event(client, event):
        if event == hssmtp.PAUSED:
            client.resume()
        elif event == hssmtp.RECIPIENT_REFUSED:
            refused.append(client.recipient)
        if not events or events[-1] != hssmtp.event_name(event):
            events.append(hssmtp.event_name(event))

    heard = bytearray(16)  # by event: what a callback can write down without the heap

    def on_event_locked(client, event):
        heard[event] = 1

    options = job["client"]
    if "name_servers" in job:
        servers = [tuple(server) for server in job["name_servers"]]
        options["link"] = hssmtp.Link(servers)
    client = hssmtp.Client(on_event=on_event_locked if locked else on_event, **options)
    for mail in job["mails"]:
        told = send(client, message(mail), locked, events, refused)
        if locked:
            told["events"] = [hssmtp.event_name(n) for n in range(len(heard)) if heard[n]]
        print(json.dumps(told))
        if MICROPYTHON:
            gc.collect()
    client.deinit()


main(sys.argv[1])
