"""A client with a scripted server, and checks for tests.

Nothing waits: run() drives a client with its own clock.
"""

import sys

import hssmtp
import hssmtp.mime.file_part
from scripted_link import FAR as FAR
from scripted_link import FEW as FEW
from scripted_link import MANNERS as LINK_MANNERS
from scripted_link import RESET as RESET
from scripted_link import ScriptedLink as ScriptedLink
from scripted_ports import ON_PORTS
from scripted_ports import PORTS as PORTS
from scripted_server import Server as Server

# A scripted link, and the real link on scripted sockets of a port.
MANNERS = LINK_MANNERS[:-1] + ON_PORTS + LINK_MANNERS[-1:]


class Play:
    """A client, its server, and the observed events.

    manner: a ScriptedLink's options, and "port": "rp2" or "esp32", whose sockets are then between
    the client and that link. port: such a port, made by the test. All that the server offers is
    used, unless a test disables it.
    """

    def __init__(self, server, on_event=None, link=None, manner=None, port=None, **options):
        self.server = server
        manner = dict(manner or {})
        kind = manner.pop("port", None)
        self.link = link or ScriptedLink(server, **manner)  # the network, where there is a port
        if kind:
            port = PORTS[kind](self.link)
        self.port = port
        self.events = []
        self.refused = []
        self.now = 1000
        self._on_event = on_event
        if options.get("security", "none") != "none":
            options.setdefault("insecure", True)
        options.setdefault("security", "none")
        options.setdefault("disable", ())
        link = port.link() if port else self.link
        self.client = hssmtp.Client("mail.example.com", link=link, on_event=self._hear, **options)
        if port:
            port.adopt(self.client)

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
            # Like an application that sleeps for idle_ms().
            self.now += min(client.idle_ms(self.now), limit) or 1
        if self.port:
            self.port.check()
        return self

    def send(self, mail, limit=3600000):
        self.client.send_mail(mail)
        return self.run(limit)

    def heard(self):
        """Return the events in order, repeated PROGRESS once."""
        heard = []
        for event in self.events:
            if event != "PROGRESS" or not heard or heard[-1] != event:
                heard.append(event)
        return " ".join(heard)


class Files:
    """Counts the files that the library has open."""

    def __init__(self):
        self.count = 0

    def watch(self, check, *case):
        """Call check(*case); afterwards no file may be open."""
        hssmtp.mime.file_part.open = self._open  # pyright: ignore[reportAttributeAccessIssue]
        try:
            check(*case)
        finally:
            del hssmtp.mime.file_part.open  # pyright: ignore[reportAttributeAccessIssue]
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
    """Call check(*case) for each case, whose first item is its name. Report all failures."""
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


def in_every_manner(check, cases, manners=MANNERS + FAR):
    """Call check(manner, *rest) for each case in each mode of the link."""
    table = []
    for name, manner in manners:
        for case in cases:
            table.append(("%s, %s" % (case[0], name), manner, case[1:]))
    check_table(table, lambda name, manner, rest: check(manner, *rest))


def same(what, found, wanted):
    if found != wanted:
        raise AssertionError("%s is %r, not %r" % (what, found, wanted))
