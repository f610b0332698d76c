"""Count the waits for the server, and time a mail over a slow connection."""

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
RATE = 10_000_000  # bytes/s: the delay matters, not the rate

OFFERS = {"PIPELINING": ("PIPELINING",), "CHUNKING": ("PIPELINING", "CHUNKING")}
BUDGETS = {
    ("starttls", "PIPELINING"): 6,
    ("starttls", "CHUNKING"): 5,
    ("tls", "PIPELINING"): 4,
    ("tls", "CHUNKING"): 3,
}
RECIPIENTS = (1, 50, 1000)


class PatientLink:
    """A link to a server that replies only when the client has nothing more to send.

    `waits`: how often the client waited for a reply, without the greeting.
    """

    def __init__(self, session: Session) -> None:
        self.waits = 0
        self._session = session
        self._phase = 0
        self._said = b""
        self._heard = session.greeting

    def open(self, host: str, port: int) -> None:
        """Do nothing."""

    def step(self, now: int) -> int:
        """Return resolved, then connected."""
        self._phase += 1
        return self._phase

    def skip(self) -> bool:
        """Whether there is another address."""
        return False

    def secure(self, context: object, host: str) -> None:
        """Begin TLS, which does nothing here."""
        self._session.secured()

    def write(self, buf: bytearray, off: int, n: int) -> int:
        """Take all bytes."""
        self._said += buf[off : off + n]
        return n

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        """Return what the server has sent."""
        heard = self._heard[:n]
        self._heard = self._heard[n:]
        buf[: len(heard)] = heard
        return len(heard) or None

    def idle(self) -> None:
        """Let the server reply if the client has read everything."""
        if self._said and not self._heard:
            self._heard = self._session.receive(self._said)
            self._said = b""
            self.waits += 1

    def close(self) -> None:
        """Do nothing."""


def waits(security: str, keywords: tuple[str, ...], recipients: int) -> int:
    """Return how often a mail to some recipients waits for the server."""
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
    """Count waits with a scripted server; time a mail to a distant real one."""
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
    """Return the seconds of a mail, with TLS and the start of MicroPython."""
    with Server() as server:
        port = {"starttls": server.starttls, "tls": server.tls}[security]
        async with SlowLine(port, RATE, ROUND_TRIP / 2) as line:
            how = ("plain", security, NAME, line.port, server.names, server.ca)
            begun = time.monotonic()
            await asyncio.to_thread(micropython.run, "one_mail", 1, *how)
            return time.monotonic() - begun
