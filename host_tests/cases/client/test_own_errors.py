"""An error in hssmtp itself surfaces from tick(), and is not taken for the network's (promise 12).

A mail is sent once, to see which functions of the library its ticks call. Then each of these is
made to fail, by each kind of exception that the network, a file or a caller may raise too.
"""

import hssmtp
from scripted import Play, Server, check_table, mail, same

ERRORS = (ValueError, KeyError, OSError)

# The examined modules: all between tick() and the link.
MODULES = (
    "client",
    "connection",
    "session",
    "reply",
    "extensions",
    "mime",
    "recipients",
    "auth",
    "auth.plain",
)
PIPELINING = ["PIPELINING", "SIZE", "8BITMIME", "AUTH PLAIN"]
CHUNKING = PIPELINING + ["CHUNKING", "STARTTLS"]
LOGIN = {"username": "boiler", "password": "correct horse"}


def plain():
    return mail(["ops@example.com", "boss@example.com"])


def attachment():
    with open("values.csv", "wb") as file:
        file.write(b"95 degrees\r\n" * 500)
    return mail(attachments=["values.csv"])


def umlauts():
    return mail(text="95 \u00b0C\n" * 200)


# name, what makes the mail, the server, the client's options
MAILS = (
    ("plain", plain, {"replies": {"RCPT boss@example.com": "550 5.1.1 unknown"}}, {}),
    (
        "an attachment, PIPELINING, a login",
        attachment,
        {"keywords": PIPELINING},
        dict(LOGIN, allow_plaintext_auth=True),
    ),
    ("CHUNKING, STARTTLS", umlauts, {"keywords": CHUNKING}, dict(LOGIN, security="starttls")),
)


def a_method(self):
    """Its type is that of methods."""


def methods():
    """(class, name) of each method of the library."""
    found = []
    for module in MODULES:
        module = __import__("hssmtp." + module, None, None, (module,))
        for name in dir(module):
            kind = getattr(module, name)
            if isinstance(kind, type) and getattr(kind, "__module__", "hssmtp").startswith(
                "hssmtp"
            ):
                for method in dir(kind):
                    if type(getattr(kind, method, None)) is type(a_method) and method[:2] != "__":
                        found.append((kind, method))
    return found


class Ticking:
    """A client whose ticks are counted."""

    def __init__(self, case):
        _, make, server, options = case
        self.play = Play(Server(**server), **options)
        self.client = self.play.client
        self.is_in_tick = False
        self.client.send_mail(make())

    def run(self):
        now = self.play.now
        going = True
        while going:
            now += 1
            self.is_in_tick = True
            try:
                going = self.client.tick(now)
            finally:
                self.is_in_tick = False
        self.play.now = now


def with_method(kind, name, method, function):
    """Call function() while a method of the class is replaced."""
    before = getattr(kind, name)
    is_own = name in kind.__dict__
    setattr(kind, name, method)
    try:
        return function()
    finally:
        if is_own:
            setattr(kind, name, before)
        else:
            delattr(kind, name)


def calls_in_ticks(case, kind, name):
    """Count the ticks' calls of the method while a mail is sent."""
    ticking = Ticking(case)
    real = getattr(kind, name)
    calls = []

    def method(*args, **options):
        if ticking.is_in_tick:
            calls.append(name)
        return real(*args, **options)

    with_method(kind, name, method, ticking.run)
    same("result", ticking.client.result, hssmtp.SENT)
    return len(calls)


def check_surfaces(case, kind, name, error, which):
    """Let a call of the method fail."""
    ticking = Ticking(case)
    client = ticking.client
    real = getattr(kind, name)
    injected = error("injected")
    left = [which]

    def method(*args, **options):
        if ticking.is_in_tick:
            left[0] -= 1
            if left[0] == 0:
                raise injected
        return real(*args, **options)

    try:
        with_method(kind, name, method, ticking.run)
    except error as raised:
        same("raised", raised is injected, True)
    else:
        raise AssertionError("nothing was raised; the result is %r" % client.result)
    same("connection is open", ticking.play.link.is_open, False)
    if client.result != hssmtp.SENT:  # otherwise only QUIT was left
        same("result", client.result, hssmtp.ABORTED)
        same("error", client.error, 0)
        same("cause", client.cause is injected, True)
    client.send_mail(mail())  # and the client can be used again
    ticking.run()
    same("result of the next mail", client.result, hssmtp.SENT)


def test_errors_of_hssmtp_itself_surface():
    cases = []
    for case in MAILS:
        for kind, name in methods():
            if name in (
                "deliver",
                "send_mail",
                "abort_mail",
                "resume",
                "deinit",
                "idle_ms",
                "tick",
            ):
                continue
            # _tick() gives up, and calls the others for that.
            if name in ("_tick", "_give_up", "_drop", "_close", "close", "_end", "end"):
                continue
            calls = calls_in_ticks(case, kind, name)
            for which in {1, calls} if calls else ():
                for error in ERRORS if which == 1 else ERRORS[:1]:
                    label = "%s, %s.%s, call %d of %d, %s" % (
                        case[0], kind.__name__, name, which, calls, error.__name__,
                    )  # fmt: skip
                    cases.append((label, case, kind, name, error, which))
    same("enough methods", len(cases) > 300, True)
    check_table(cases, lambda label, *rest: check_surfaces(*rest))
