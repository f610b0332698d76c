"""How often the server is waited for, and how long a mail takes where each wait is long."""

import asyncio
import time

import hssmtp

from tools.bench import compiled
from tools.bench.devices import Device, device
from tools.bench.on_device.session import Session
from tools.bench.report import Figure, Report, number, table
from tools.bench.server import NAME, Server
from tools.slow_line import SlowLine

ROUND_TRIP = 0.2  # s
RATE = 10_000_000  # octets/s: what takes its time is the way, not the line

OFFERS = {"PIPELINING": ("PIPELINING",), "CHUNKING": ("PIPELINING", "CHUNKING")}
BUDGETS = {
    ("starttls", "PIPELINING"): 6,
    ("starttls", "CHUNKING"): 5,
    ("tls", "PIPELINING"): 4,
    ("tls", "CHUNKING"): 3,
}
RECIPIENTS = (1, 50, 1000)


class PatientLink:
    """A link whose server is infinitely far: it hears all that can be said before it replies.

    `waits`: how often it had to reply before more was said, the greeting not counted.
    """

    def __init__(self, session: Session) -> None:
        self.waits = 0
        self._session = session
        self._phase = 0
        self._said = b""
        self._heard = session.greeting

    def open(self, host: str, port: int) -> None:
        """Begin; there is nothing to do."""

    def step(self, now: int) -> int:
        """Resolved, connected."""
        self._phase += 1
        return self._phase

    def skip(self) -> bool:
        """Whether there is another address."""
        return False

    def secure(self, context: object, host: str) -> None:
        """TLS without the work."""
        self._session.secured()

    def write(self, buf: bytearray, off: int, n: int) -> int:
        """Take all."""
        self._said += buf[off : off + n]
        return n

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Give what there is to hear."""
        heard = self._heard[:n]
        self._heard = self._heard[n:]
        buf[: len(heard)] = heard
        return len(heard) or None

    def idle(self) -> None:
        """The client has nothing to do: if it has heard all, what it said is replied to now."""
        if self._said and not self._heard:
            self._heard = self._session.receive(self._said)
            self._said = b""
            self.waits += 1

    def close(self) -> None:
        """There is nothing to let go of."""


def waits(security: str, keywords: tuple[str, ...], recipients: int) -> int:
    """How often a mail to so many has to wait for the server, from greeting to final reply."""
    session = Session((*keywords, "AUTH PLAIN"), security == "starttls")
    link = PatientLink(session)
    client = hssmtp.Client(
        NAME,
        security=security,
        username="boiler",
        password="correct horse",
        insecure=True,
        link=link,  # pyright: ignore[reportArgumentType]
    )
    to = [f"user{number}@example.com" for number in range(recipients)]
    client.send_mail(hssmtp.Message("boiler@example.com", to=to, text="It boils.\n"))
    now = 0
    while client.result is None:
        now += 1
        client.tick(now)
        if client.idle_ms(now):
            link.idle()
    if client.result != hssmtp.SENT:
        raise RuntimeError(hssmtp.explain(client))
    return link.waits


def measure() -> Report:
    """Count the waits by a scripted server; time a mail to a real one that is far away."""
    report = Report()
    shown = table("Times the server is waited for", "", *(f"{n} recipients" for n in RECIPIENTS))
    for (security, offer), budget in BUDGETS.items():
        found = [waits(security, OFFERS[offer], recipients) for recipients in RECIPIENTS]
        shown.add_row(f"{security}, AUTH PLAIN, {offer}", *map(number, found))
        what = f"waits: {security}, AUTH PLAIN, {offer}"
        report.figures.append(Figure(what, max(found), "", budget))
    plain = waits("tls", (), RECIPIENTS[0])
    shown.add_row("tls, AUTH PLAIN, without PIPELINING", number(plain))
    report.tables.append(shown)
    micropython = device(64)
    if micropython:
        compiled.library(micropython.arch)  # not in the time of the first mail
        for security in ("starttls", "tls"):
            took = asyncio.run(far_away(micropython, security))
            what = f"a mail over {1000 * ROUND_TRIP:.0f} ms round trip, {security}"
            report.figures.append(Figure(what, round(took, 2), "s"))
    return report


async def far_away(micropython: Device, security: str) -> float:
    """How many seconds a mail takes, TLS and the start of MicroPython included."""
    with Server() as server:
        port = {"starttls": server.starttls, "tls": server.tls}[security]
        async with SlowLine(port, RATE, ROUND_TRIP / 2) as line:
            how = ("plain", security, NAME, line.port, server.names, server.ca)
            begun = time.monotonic()
            await asyncio.to_thread(micropython.run, "one_mail", 1, *how)
            return time.monotonic() - begun
