"""The mail server, tried from this PC as the board will talk to it."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hssmtp
from hssmtp import Client, Link, Message
from hssmtp.net._cpython import python_socket

from tools.configure.certificate import Certificate

# What OpenSSL says of a certificate (X509_V_ERR_…).
NOT_YET_VALID, EXPIRED = 9, 10
SELF_SIGNED, SELF_SIGNED_IN_CHAIN = 18, 19
WRONG_NAME, WRONG_ADDRESS = 62, 64


class Refused(Exception):
    """The server can't be used like this; the text says why and what to do."""

    def __init__(self, words: str, transient: bool = False):
        super().__init__(words)
        self.transient = transient


class BoardLink(Link):
    """A connection as a board makes it; here the server's certificates can be seen."""

    def secure(self, context: Any, host: str) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # MicroPython's ports have no 1.3
        super().secure(context, host)

    def chain(self, verified: bool) -> list[bytes]:
        """What the server sent; verified: what OpenSSL made of it, down to what it trusts."""
        sock = python_socket(self)
        kind = "get_verified_chain" if verified else "get_unverified_chain"
        if hasattr(ssl.SSLSocket, kind):  # Python 3.13
            return getattr(sock, kind)()
        return [
            ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in getattr(sock._sslobj, kind)()
        ]


def root(settings: dict[str, Any], store: Path | None) -> tuple[Certificate, bool]:
    """The certificate that the board has to believe; and whether this PC does already.

    store: a file of CAs instead of the system's. Raises Refused.
    """
    client, chain = _shake_hands(settings, ca=str(store) if store else None)
    if chain:
        found = Certificate(chain[-1])
        if not (found.is_ca or found.self_signed):
            raise Refused(f"a board can only believe a CA, and {store} has the server's own")
        return found, True
    if client.error != hssmtp.ERROR_CERTIFICATE:
        raise Refused(hssmtp.explain(client), client.transient)
    chain = _shake_hands(settings, insecure=True)[1]
    code = getattr(client.cause, "verify_code", None)
    if chain and code in (SELF_SIGNED, SELF_SIGNED_IN_CHAIN):
        return next(one for one in map(Certificate, chain) if one.self_signed), False
    why = _why(code, Certificate(chain[0])) if chain else ""
    raise Refused(f"{hssmtp.explain(client)}{why}")


def _why(code: int | None, shown: Certificate) -> str:
    """What a certificate that isn't believed says of itself, and what to do."""
    if code in (WRONG_NAME, WRONG_ADDRESS):
        return f"\nIt is for {', '.join(shown.names)}: take one of these as the mail server."
    if code in (NOT_YET_VALID, EXPIRED):
        today = time.strftime("%Y-%m-%d")
        return (
            f"\nIt is valid from {shown.validity}, and today is {today}: if that is right, whoever"
            " runs the server has to renew it."
        )
    return (
        f"\nIt was signed by {shown.issuer}, which this PC doesn't know: if that is a CA of your"
        " own, name its certificate with --ca FILE."
    )


def _shake_hands(
    settings: dict[str, Any], ca: str | None = None, insecure: bool = False
) -> tuple[Client, list[bytes]]:
    """Connect, up to TLS; the chain of certificates then, empty if it failed."""
    link = BoardLink()
    chain: list[bytes] = []

    def on_event(client: Client, event: int) -> None:
        if event == hssmtp.SECURED:
            chain.extend(link.chain(verified=not insecure))
            client.abort_mail()

    without = {**settings, "USER": None, "PASSWORD": None}
    return _run(without, "", on_event, link=link, ca=ca, insecure=insecure), chain


def log_in(settings: dict[str, Any], ca: bytes | None) -> None:
    """Connect and log in as the board will, and send nothing. Raises Refused."""

    def on_event(client: Client, event: int) -> None:
        if event == hssmtp.READY:
            client.abort_mail()

    client = _run(settings, "", on_event, link=BoardLink(), ca=ca)
    if client.result == hssmtp.FAILED:
        raise Refused(hssmtp.explain(client), client.transient)


def send_mail(settings: dict[str, Any], ca: bytes | None) -> str:
    """Send a mail as the board will; say what became of it. Raises Refused."""
    refused: list[str] = []

    def on_event(client: Client, event: int) -> None:
        if event == hssmtp.RECIPIENT_REFUSED:
            refused.append(f"{client.recipient}: {client.reply_code} {client.reply_text}\n")

    text = (
        f"So the mails of {settings['DEVICE']} will come. This one was sent from a PC, with the"
        " settings that are meant for the device.\n"
    )
    client = _run(settings, text, on_event, link=BoardLink(), ca=ca)
    told = "".join(refused) + hssmtp.explain(client)
    if client.result == hssmtp.FAILED:
        raise Refused(told, client.transient)
    return told


def _run(
    settings: dict[str, Any], text: str, on_event: Callable[[Client, int], None], **options: Any
) -> Client:
    client = Client(
        settings["SERVER"],
        settings["PORT"],
        settings["SECURITY"],
        settings["USER"],
        settings["PASSWORD"],
        on_event=on_event,
        **options,
    )
    mail = Message(
        settings["SENDER"],
        to=settings["RECIPIENTS"],
        subject=f"{settings['DEVICE']}: a test",
        text=text,
    )
    client.send_mail(mail)
    try:
        while client.tick():
            time.sleep(client.idle_ms() / 1000)
    finally:
        client.deinit()
    return client
