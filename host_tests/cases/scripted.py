"""A link and an SMTP server by script: all that a network and a server can do wrong, on demand.

Nothing here waits, and the clock is the test's: run() drives a client with a time of its own.
"""

import sys
from binascii import a2b_base64

import hssmtp
import hssmtp.attachment

RESET = 104  # ECONNRESET

# The ways in which a link can hand over the same octets.
MANNERS = (
    ("whole", {}),
    ("one octet at a time", {"most_in": 1}),
    ("would-block before every read and write", {"block": True}),
    ("one octet written at a time", {"most_out": 1}),
    ("all but one octet written", {"most_out": -1}),
    ("all of these", {"most_in": 1, "most_out": 1, "block": True}),
)


class Server:
    """An SMTP server that keeps to the RFCs but where its rules say otherwise.

    keywords, tls_keywords: what EHLO offers, before TLS and behind it (None: the same, less
        STARTTLS).
    replies: what is said instead, by step: GREETING EHLO HELO STARTTLS AUTH RESPONSE MAIL RCPT
        "RCPT address" DATA TEXT RSET QUIT. A str is a reply without its last line end ("" hangs
        up), bytes are sent as they are, None is silence. Of a list each is said once.
    users: who may log in, {name: password}; None: who doesn't log in may send too.
    strict: AssertionError for a client that doesn't wait for a reply where it has to, or sends
        what no client may.

    commands: what came, "<open>" and "<TLS>" in between; "<response>" for one of AUTH, "<text>"
    for a text. mails: what was taken, as (sender, [recipients], text). logins: as (mechanism,
    name, password).
    """

    def __init__(self, keywords=(), tls_keywords=None, replies=None, users=None, strict=True):
        if tls_keywords is None:
            tls_keywords = [word for word in keywords if word != "STARTTLS"]
        self.keywords = keywords
        self.tls_keywords = tls_keywords
        self.replies = {}
        for step, said in (replies or {}).items():
            self.replies[step] = list(said) if isinstance(said, list) else said
        self.users = users
        self.strict = strict
        self.commands = []
        self.mails = []
        self.texts = []  # every text that came whole, taken or not
        self.logins = []
        self.out = b""  # what there is to read, and has been read of that
        self._read = 0
        self.gone = True

    # What the link asks and tells

    def connect(self):
        self.commands.append("<open>")
        self.gone = False
        self.secured = False
        self.out = b""
        self._read = 0
        self._begin()
        self._say("GREETING", "220 mail.example.com ESMTP")

    def secure(self):
        if self.commands[-1] != "<open>":
            self._check(self._wants_tls and not self.out, "TLS that was not agreed on")
            self._begin()
        self.commands.append("<TLS>")
        self.secured = True

    def receive(self, octets):
        while octets and not self.gone:
            end = octets.find(b"\n") + 1
            piece = octets[:end] if end else octets
            octets = octets[len(piece) :]
            # RFC 2920 3.1: what has to be the last of a group, and all without PIPELINING.
            self._check(not (self._last and (self.out or self._owes)), "didn't wait for a reply")
            self._check(not self._wants_tls, "in the clear behind STARTTLS")
            self._last = False
            self._line += piece
            if end:
                line = self._line
                self._line = b""
                self._check(line[-2:] == b"\r\n" and b"\r" not in line[:-2], "a bare CR or LF")
                self._take(line[:-2])

    def take_out(self, n):
        """Up to n octets of what there is to read."""
        said = self.out[self._read : self._read + n]
        self._read += len(said)
        if self._read == len(self.out):
            self.out = b""
            self._read = 0
        return said

    # What it makes of that

    def _begin(self):
        """A session begins: nothing that was said before counts."""
        self._greeted = False
        self._pipelining = False
        self._known = self.users is None
        self._mechanism = ""
        self._wants_tls = False
        self._last = True  # nothing may come before all that was said is read
        self._owes = False  # a reply that never comes
        self._line = b""
        self._text = None
        self._reset()

    def _reset(self):
        self._sender = None
        self._recipients = []

    def _check(self, good, problem):
        if self.strict and not good:
            raise AssertionError("the client: " + problem)

    def _say(self, step, good, key=None):
        """Reply; return the code."""
        said = self.replies.get(key or step, self.replies.get(step, good))
        if isinstance(said, list):
            said = said.pop(0) if said else good
        if isinstance(said, str):
            self.gone = said == ""
            said = said.encode() + b"\r\n" if said else b""
        self._last = not self._pipelining or step not in ("MAIL", "RCPT", "TEXT", "RSET")
        self._owes = said is None
        said = said or b""
        self.out += said
        self.gone = self.gone or said[:3] == b"421" or step == "QUIT" and not self._owes
        return int(said[:3]) if said[:3].isdigit() else 0

    def _take(self, line):
        if self._text is not None:
            return self._take_text(line)
        if self._mechanism:
            self.commands.append("<response>")
            return self._take_response(line, "RESPONSE")
        self._check(len(line) <= 510, "a command line above 512 octets")
        line = line.decode()
        self.commands.append(line)
        verb = line.split(" ")[0]
        if verb in ("EHLO", "HELO"):
            return self._hail(verb)
        if verb == "STARTTLS":
            offered = "STARTTLS" in self.keywords and not self.secured
            code = self._say(verb, "220 2.0.0 go ahead" if offered else "502 5.5.1 no TLS here")
            self._wants_tls = code == 220
        elif verb == "AUTH":
            words = line.split(" ")
            self._mechanism = words[1]
            self._answers = []
            if len(words) == 3:
                return self._take_response(words[2].encode(), "AUTH")
            self._check(len(words) == 2, "an AUTH of " + str(len(words)) + " words")
            self._prompt("AUTH")
        elif verb == "MAIL":
            self._mail(line)
        elif verb == "RCPT":
            self._check(line[:9] == "RCPT TO:<" and line[-1] == ">", "RCPT: " + line)
            address = line[9:-1]
            asked = self._sender is not None
            good = "250 2.1.5 ok" if asked else "503 5.5.1 MAIL first"
            if self._say(verb, good, "RCPT " + address) // 100 == 2 and asked:
                self._recipients.append(address)
        elif verb == "DATA":
            good = "354 go ahead" if self._recipients else "554 5.5.1 no valid recipients"
            if self._say(verb, good) == 354:
                self._text = b""
        elif verb == "RSET":
            if self._say(verb, "250 2.0.0 ok") // 100 == 2:
                self._reset()
        elif verb == "QUIT":
            self._say(verb, "221 2.0.0 bye")
        else:
            self._check(False, "no command: " + line)

    def _hail(self, verb):
        keywords = self.tls_keywords if self.secured else self.keywords
        lines = ["mail.example.com"]
        for word in keywords if verb == "EHLO" else ():
            lines.append(word)
        good = ""
        for line in lines[:-1]:
            good += "250-" + line + "\r\n"
        if self._say(verb, good + "250 " + lines[-1]) // 100 == 2:
            self._greeted = True
            self._pipelining = "PIPELINING" in [word.upper() for word in lines]

    def _prompt(self, step):
        good = "334 "
        if self._mechanism == "LOGIN":  # "Username:" and "Password:"
            good += "UGFzc3dvcmQ6" if self._answers else "VXNlcm5hbWU6"
        if self._say(step, good) != 334:
            self._mechanism = ""

    def _take_response(self, line, step):
        answer = b"" if line == b"=" and step == "AUTH" else a2b_base64(line)
        if self._mechanism == "PLAIN":
            self._answers = answer.split(b"\0")[1:]
        else:
            self._answers.append(answer)
            if len(self._answers) < 2:
                return self._prompt(step)
        name, password = [word.decode() for word in self._answers]
        self.logins.append((self._mechanism, name, password))
        known = self.users is None or self.users.get(name) == password
        good = "235 2.7.0 welcome" if known else "535 5.7.8 authentication failed"
        code = self._say(step, good)
        self._known = self._known or code == 235
        if code != 334:
            self._mechanism = ""

    def _mail(self, line):
        self._check(line[:11] == "MAIL FROM:<" and line[-1] == ">", "MAIL: " + line)
        good = "250 2.1.0 ok"
        if not self._greeted:
            good = "503 5.5.1 EHLO first"
        elif not self._known:
            good = "530 5.7.0 log in first"
        elif self._sender is not None:
            good = "503 5.5.1 nested MAIL"
        if self._say("MAIL", good) // 100 == 2:
            self._sender = line[11:-1]

    def _take_text(self, line):
        if line != b".":
            if line[:1] == b".":  # RFC 5321 4.5.2
                line = line[1:]
            self._check(len(line) <= 998, "a line of %d octets" % len(line))
            self._text += line + b"\r\n"
            return
        self.commands.append("<text>")
        self.texts.append(self._text)
        if self._say("TEXT", "250 2.0.0 queued") // 100 == 2:
            self.mails.append((self._sender, self._recipients, self._text))
        self._text = None
        self._reset()


class ScriptedLink:
    """A link to a Server.

    block: a would-block before every read and write. most_in, most_out: octets at once; -1: one
    less than offered. cut: (direction "in" or "out", octet, "reset", "fin" or "silence"): what
    happens to the first connection when so many octets have gone that way.
    """

    def __init__(self, server, block=False, most_in=0, most_out=0, cut=None):
        self.server = server
        self.block = block
        self.most_in = most_in
        self.most_out = most_out
        self.cut = cut
        self.is_open = False
        self.opened = []  # (host, port) of each
        self.secured_by = []  # (context, host) of each
        self.given = self.taken = 0  # octets, of the last connection

    def open(self, host, port):
        if self.is_open:
            raise AssertionError("open: open already")
        if self.opened:
            self.cut = None
        self.opened.append((host, port))
        if len(self.opened) > 20:
            raise AssertionError("opened again and again")
        self.is_open = True
        self.given = self.taken = 0
        self._phase = 1
        self._waited = not self.block
        self._offered = None  # what has to be offered again, for TLS libraries want that
        self._read_ready = self._write_ready = not self.block

    def step(self, now):
        self._must_be_open()
        if not self._waited:
            self._waited = True
            return self._phase
        self._waited = not self.block
        self._phase += 1
        if self._phase == 3:
            self.server.connect()
        return self._phase

    def skip(self):
        return False

    def secure(self, context, host):
        self._must_be_open()
        self.secured_by.append((context, host))
        self.server.secure()

    def write(self, buf, off, n):
        self._must_be_open()
        if n <= 0 or off + n > len(buf):
            raise AssertionError("write: of %d octets" % n)
        offered = bytes(memoryview(buf)[off : off + n])
        if self._offered is not None and offered != self._offered:
            raise AssertionError("write: after a would-block other octets than before")
        happened = self._cut("out")
        if happened == "reset":
            raise OSError(RESET)
        if happened == "silence" or not self._write_ready:
            self._write_ready = True
            self._offered = offered
            return None
        self._write_ready = not self.block
        self._offered = None
        if self.most_out:
            n = min(n, self.most_out) if self.most_out > 0 else max(1, n - 1)
        n = self._up_to("out", self.taken, n)
        self.taken += n
        if happened != "fin":  # else they are lost on their way
            self.server.receive(offered[:n])
        return n

    def readinto(self, buf, n):
        self._must_be_open()
        happened = self._cut("in")
        if happened == "reset":
            raise OSError(RESET)
        if not self._read_ready:
            self._read_ready = True
            return None
        self._read_ready = not self.block
        said = self.server.take_out(self._up_to("in", self.given, min(n, self.most_in or n)))
        if said:
            self.given += len(said)
            buf[: len(said)] = said
            return len(said)
        if happened == "silence":
            return None
        return 0 if happened == "fin" or self.server.gone else None

    def close(self):
        self.is_open = False

    def _must_be_open(self):
        if not self.is_open:
            raise AssertionError("a closed link is used")

    def _cut(self, asked):
        """What has happened to the connection, as seen by a read ("in") or a write ("out")."""
        if not self.cut:
            return None
        direction, octet, how = self.cut
        if (self.given if direction == "in" else self.taken) < octet:
            return None
        # Silence is one way's; what the server has said already can still be read.
        return None if how == "silence" and direction != asked else how

    def _up_to(self, direction, gone, n):
        if self.cut and self.cut[0] == direction and gone < self.cut[1]:
            return min(n, self.cut[1] - gone)
        if self.cut and self.cut[0] == direction == "in" and self._cut("in"):
            return 0
        return n


class Play:
    """A client and its server, and what was seen of them."""

    def __init__(self, server, on_event=None, link=None, manner=None, **options):
        self.server = server
        self.link = link or ScriptedLink(server, **(manner or {}))
        self.events = []
        self.refused = []
        self.now = 1000
        self._on_event = on_event
        if options.get("security", "none") != "none":
            options.setdefault("insecure", True)
        options.setdefault("security", "none")
        self.client = hssmtp.Client(
            "mail.example.com", link=self.link, on_event=self._hear, **options
        )

    def _hear(self, client, event):
        if event == hssmtp.RECIPIENT_REFUSED:
            self.refused.append(client.recipient)
        self.events.append(hssmtp.event_name(event))
        return self._on_event(client, event) if self._on_event else None

    def run(self, limit=3600000):
        """Tick until there is no more to do; AssertionError if that takes more than `limit` ms."""
        end = self.now + limit
        client = self.client
        while client.tick(self.now):
            if self.now > end:
                raise AssertionError("no end after %d ms, in %s" % (limit, state(client)))
            # An application that sleeps for as long as it may.
            self.now += min(client.idle_ms(self.now), limit) or 1
        return self

    def send(self, mail, limit=3600000):
        self.client.send_mail(mail)
        return self.run(limit)

    def heard(self):
        """The events in their order, PROGRESS only once in a row."""
        heard = []
        for event in self.events:
            if event != "PROGRESS" or not heard or heard[-1] != event:
                heard.append(event)
        return " ".join(heard)


class Files:
    """Counts the attachments' files that the library holds open."""

    def __init__(self):
        self.count = 0

    def watch(self, check, *case):
        """check(*case), behind which none may be open."""
        hssmtp.attachment.open = self._open  # pyright: ignore[reportAttributeAccessIssue]
        try:
            check(*case)
        finally:
            del hssmtp.attachment.open  # pyright: ignore[reportAttributeAccessIssue]
        same("open files", self.count, 0)

    def _open(self, path, mode):
        self.count += 1
        return _File(self, open(path, mode))


class _File:
    def __init__(self, files, file):
        self._files = files
        self._file = file
        self._open = True

    def readinto(self, buf):
        return self._file.readinto(buf)

    def close(self):
        self._files.count -= self._open
        self._open = False
        self._file.close()


def state(client):
    return hssmtp.state_name(client.state)


def mail(to: object = "ops@example.com", text="It boils.", **more):
    return hssmtp.Message("boiler@example.com", to=to, subject="95 degrees", text=text, **more)


def check_table(cases, check):
    """check(*case) for each; the first word of a case is its name. All that fail are told of."""
    problems = []
    for case in cases:
        try:
            check(*case)
        except Exception as problem:
            if len(problems) < 3:
                print("\n--", case[0])
                if hasattr(sys, "print_exception"):
                    sys.print_exception(problem)  # pyright: ignore[reportAttributeAccessIssue]
                else:
                    import traceback

                    traceback.print_exception(problem)
            text = "%s: %s" % (case[0], str(problem) or type(problem).__name__)
            problems.append(text[:400])
    if problems:
        told = "\n".join(problems[:20])
        raise AssertionError("%d of %d cases\n%s" % (len(problems), len(cases), told))


def same(what, found, wanted):
    if found != wanted:
        raise AssertionError("%s is %r, not %r" % (what, found, wanted))
