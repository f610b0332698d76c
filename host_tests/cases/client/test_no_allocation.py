"""Nothing is allocated from the server's greeting to the reply that ends the mail.

A dialogue is played once and written down; then a second client plays it against the record, with
the heap locked. The record allocates nothing: what was said and sent is at hand as bytes.
"""

import hssmtp
import micropython
from scripted import LINK_MANNERS, Play, ScriptedLink, Server, check_table, same

ONLY = "micropython"  # CPython has no heap to lock

GREETING = 4
PAUSE = hssmtp.PAUSE  # looked up now: the library creates them at first use
PAUSED = hssmtp.PAUSED
LOGIN = {"username": "boiler", "password": "correct horse", "allow_plaintext_auth": True}
LONG_LOGIN = {"username": "boiler", "password": "x" * 3000, "allow_plaintext_auth": True}
TLS_AND_LOGIN = {"username": "boiler", "password": "correct horse", "security": "starttls"}
TLS_FIRST = {"username": "boiler", "password": "correct horse", "security": "tls"}
EXTENSIONS = ["PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "DSN", "LIMITS RCPTMAX=20"]
CHUNKING = ["PIPELINING", "SIZE", "8BITMIME", "CHUNKING"]


class RecordingLink(ScriptedLink):
    """Records what was sent and received, and how much was sent before each reply."""

    def open(self, host, port):
        ScriptedLink.open(self, host, port)
        self.sent = bytearray()
        self.said = bytearray()
        self.needs = []  # how many bytes were sent …
        self.ends = []  # … before the replies up to here

    def write(self, buf, off, n):
        n = ScriptedLink.write(self, buf, off, n)
        if n:
            self.sent.extend(memoryview(buf)[off : off + n])
        return n

    def readinto(self, buf, n):
        n = ScriptedLink.readinto(self, buf, n)
        if n:
            self.said.extend(memoryview(buf)[:n])
            if not self.needs or self.needs[-1] < self.taken:
                self.needs.append(self.taken)
                self.ends.append(0)
            self.ends[-1] = self.given
        return n


class RecordedLink:
    """Plays the record, without allocating."""

    def __init__(self, record, block, most_in, most_out):
        self.sent = record.sent
        self.said = record.said
        self.needs = record.needs
        self.ends = record.ends
        self.mark = 0
        self.end = 0  # readable bytes
        self.block = block
        self.most_in = most_in or 100000
        self.most_out = most_out or 100000
        self.phase = 0
        self.taken = 0
        self.given = 0
        self.other = -1  # where other bytes were sent
        self.read_ready = self.write_ready = False
        self.blocked = 0

    def open(self, host, port):
        pass

    def step(self, now):
        self.phase += 1
        return self.phase

    def skip(self):
        return False

    def secure(self, context, host):
        pass

    def write(self, buf, off, n):
        if self.block:
            self.write_ready = not self.write_ready
            if self.write_ready:
                self.blocked += 1
                return None
        n = min(n, self.most_out) if self.most_out > 0 else max(n - 1, 1)
        sent = self.sent
        at = self.taken
        for i in range(n):
            if sent[at] != buf[off + i] and self.other < 0:
                self.other = at
            at += 1
        self.taken = at
        return n

    def readinto(self, buf, n):
        if self.block:
            self.read_ready = not self.read_ready
            if self.read_ready:
                self.blocked += 1
                return None
        while self.mark < len(self.needs) and self.needs[self.mark] <= self.taken:
            self.end = self.ends[self.mark]
            self.mark += 1
        n = min(n, self.most_in, self.end - self.given)
        for i in range(n):
            buf[i] = self.said[self.given + i]
        self.given += n
        return n or None

    def close(self):
        pass


def play_locked(client, mail):
    """Send a mail with the heap locked from the greeting on; return the number of ticks."""
    now = 0
    locked = 0
    client.send_mail(mail)
    while not client.result and now < 1000000:
        now += 1
        if client.state < GREETING:  # connecting and setting up TLS may allocate
            client.tick(now)
            continue
        micropython.heap_lock()
        try:
            client.tick(now)
        finally:
            micropython.heap_unlock()
        locked += 1
    return locked


class Counter:
    """A callback that only counts, without allocating."""

    def __init__(self):
        self.events = bytearray(12)

    def on_event(self, client, event):
        self.events[event] = min(self.events[event] + 1, 255)
        return PAUSE if event == PAUSED else None


def many(count):
    return ["user%d@example.com" % n for n in range(count)]


def message(to: object = "ops@example.com", **more):
    return hssmtp.Message("boiler@example.com", to=to, subject="95 degrees", **more)


def plain():
    return message(text="It boils.\n.\n..\n" + "It goes on boiling.\n.dot\r.\n" * 200)


def with_attachments():
    for name, size in ("small", 0), ("larger", 58), ("large", 20000):
        with open(name, "wb") as file:
            file.write(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    return message(
        text="95 \u00b0C\n.\n" * 100,
        html="<p>95 \u00b0C</p>\n.\n" * 100,
        attachments=[
            hssmtp.Attachment(b"a,b\n" * 1000, name="values.csv"),
            hssmtp.Attachment("small"),
            "larger",
            "large",
        ],
    )


def to_fifty():
    return message(many(50), text="It boils.")


def to_a_list():
    with open("list", "w") as file:
        for who in many(100):
            file.write(who + "\n")
    return message(hssmtp.AddressList("list"), cc="boss@example.com", text=".\n")


def text_from_a_file():
    with open("text", "wb") as file:
        file.write("95 \u00b0C\n.\n..\n".encode() * 500)
    return message(text=open("text", "rb"))


def with_messages():
    letter = b"Subject: x\n\n.\nIt boils.\n" * 200
    with open("letter", "wb") as file:
        file.write(letter)
    return message(
        text="95 \u00b0C",
        attachments=[
            hssmtp.Attachment("letter", content_type="message/rfc822"),
            hssmtp.Attachment(letter, content_type="message/rfc822"),
        ],
    )


MAILS = (
    ("plain", plain),
    ("attachments", with_attachments),
    ("50 recipients", to_fifty),
    ("an address list", to_a_list),
    ("a text from a file", text_from_a_file),
    ("messages", with_messages),
)

REFUSED = {"RCPT user7@example.com": "550 5.1.1 unknown", "RCPT user8@example.com": "451 later"}
LINES = {"GREETING": "220-hi\r\n220-there\r\n220 mail", "TEXT": "250-2.0.0 taken\r\n250 bye"}

# name, server, client
SERVERS = (
    ("plain", {}, {}),
    ("PIPELINING", {"keywords": ["PIPELINING"]}, {}),
    ("refusing some", {"replies": REFUSED}, {}),
    ("refusing some, PIPELINING", {"keywords": ["PIPELINING"], "replies": REFUSED}, {}),
    ("HELO", {"replies": {"EHLO": "500 what?"}}, {}),
    ("long replies", {"replies": LINES}, {}),
    ("AUTH PLAIN", {"keywords": ["AUTH PLAIN"]}, LOGIN),
    ("AUTH LOGIN", {"keywords": ["AUTH LOGIN"]}, LOGIN),
    ("AUTH PLAIN, long", {"keywords": ["AUTH PLAIN"]}, LONG_LOGIN),
    ("AUTH LOGIN, long", {"keywords": ["AUTH LOGIN"]}, LONG_LOGIN),
    ("STARTTLS", {"keywords": ["STARTTLS", "PIPELINING", "AUTH LOGIN"]}, TLS_AND_LOGIN),
    ("TLS from the start", {"keywords": ["PIPELINING", "AUTH PLAIN"]}, TLS_FIRST),
    ("extensions", {"keywords": EXTENSIONS}, {}),
    ("CHUNKING", {"keywords": CHUNKING}, {}),
    ("CHUNKING, BINARYMIME", {"keywords": CHUNKING + ["BINARYMIME"]}, {}),
    ("CHUNKING, not PIPELINING", {"keywords": ["CHUNKING"]}, {}),
    ("kept", {}, {"keep_open_ms": 1000}),
    ("a small buffer", {}, {"buffer_size": 512}),
    ("a large buffer", {"keywords": ["PIPELINING"]}, {"buffer_size": 8192}),
)


def check_locked(name, mail, server, options, manner):
    mail = mail()
    record = RecordingLink(Server(**server))
    first = Play(record.server, link=record, **options).send(mail)
    same("result, recorded", hssmtp.event_name(first.client.result), "SENT")
    manner = dict(manner)
    link = RecordedLink(
        record, manner.get("block", False), manner.get("most_in", 0), manner.get("most_out", 0)
    )
    counter = Counter()
    options = dict(options)
    options.setdefault("security", "none")
    options.setdefault("disable", ())
    if options["security"] != "none":
        options["insecure"] = True
    client = hssmtp.Client("mail.example.com", link=link, on_event=counter.on_event, **options)
    locked = play_locked(client, mail)
    same("result, %r" % client.cause, hssmtp.event_name(client.result), "SENT")
    same("something else was sent at", link.other, -1)
    most = 20 if "LIMITS RCPTMAX=20" in server.get("keywords", ()) else 1000
    recipients = first.client.accepted + first.client.refused
    same("texts", len(record.server.texts), (recipients + most - 1) // most)
    same("octets", client.bytes_sent, first.client.bytes_sent)
    same(
        "counts", (client.accepted, client.refused), (first.client.accepted, first.client.refused)
    )
    same("SENT", counter.events[hssmtp.SENT], 1)
    same("PROGRESS", counter.events[hssmtp.PROGRESS] > 0, True)
    if locked < 8 or options.get("block") and not link.blocked:
        raise AssertionError("%d ticks with the heap locked" % locked)


def test_nothing_is_allocated_while_a_mail_is_sent():
    cases = []
    for server in SERVERS:
        for mail in MAILS:
            cases.append((server[0] + ", " + mail[0], mail[1], server[1], server[2], {}))
    check_table(cases, check_locked)


def test_nothing_is_allocated_in_any_link_mode():
    cases = []
    for way, manner in LINK_MANNERS[1:]:
        for server in SERVERS[:4] + SERVERS[10:14]:
            for mail in MAILS[:3]:
                name = "%s, %s, %s" % (server[0], mail[0], way)
                cases.append((name, mail[1], server[1], server[2], manner))
    check_table(cases, check_locked)


def test_event_names_allocate_nothing():
    """A callback's comparison with hssmtp.SENT allocates nothing."""

    def on_event(client, event):
        if event == hssmtp.PROGRESS:
            client.resume()

    record = RecordingLink(Server())
    mail = plain()
    Play(record.server, link=record).send(mail)
    link = RecordedLink(record, False, 0, 0)
    client = hssmtp.Client("mail.example.com", security="none", link=link, on_event=on_event)
    play_locked(client, mail)
    same("result", hssmtp.event_name(client.result), "SENT")


def test_heap_lock_notices_an_allocation():
    """The check can fail: a callback that allocates is noticed."""
    record = RecordingLink(Server())
    mail = plain()
    Play(record.server, link=record).send(mail)
    heard = []

    def on_event(client, event):
        heard.append(bytes(1000))

    client = hssmtp.Client(
        "mail.example.com",
        security="none",
        link=RecordedLink(record, False, 0, 0),
        on_event=on_event,
    )
    try:
        play_locked(client, mail)
    except MemoryError:
        return
    raise AssertionError("nobody noticed")
