"""The mail server, tried from this PC in the way the board will use it."""

import ssl
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import hssmtp
from hssmtp import Client, Link, Message
from hssmtp.command_line.messages import explained
from hssmtp.net._cpython import python_socket

from tools.choices import guess
from tools.configure.certificate import Certificate
from tools.configure.kinds import WORDS
from tools.configure.providers import PROVIDERS
from tools.configure.questions import questions
from tools.configure.text import shown

# OpenSSL's errors for certificates (X509_V_ERR_…).
NOT_YET_VALID, EXPIRED = 9, 10
SELF_SIGNED, SELF_SIGNED_IN_CHAIN = 18, 19
WRONG_NAME, WRONG_ADDRESS = 62, 64


class Refused(Exception):
    """The server can't be used with these answers. The text says why, and what to do.

    is_transient: another try may help. questions: answers that may be wrong. wants_ca: the
    certificate of another CA would help.
    """

    def __init__(
        self,
        words: str,
        is_transient: bool = False,
        questions: Collection[str] = (),
        wants_ca: bool = False,
    ):
        super().__init__(words)
        self.is_transient = is_transient
        self.questions = questions
        self.wants_ca = wants_ca


class BoardLink(Link):
    """A link as on a board, which also gives access to the server's certificates."""

    def secure(self, context: Any, host: str) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # MicroPython's ports have no 1.3
        super().secure(context, host)

    def chain(self, verified: bool) -> list[bytes]:
        """The chain that the server sent; verified: the chain up to a trusted CA."""
        sock = python_socket(self)
        kind = "get_verified_chain" if verified else "get_unverified_chain"
        if hasattr(ssl.SSLSocket, kind):  # Python 3.13
            return getattr(sock, kind)()
        return [
            ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in getattr(sock._sslobj, kind)()
        ]


def root(settings: dict[str, Any], store: Path | None) -> tuple[Certificate, bool]:
    """Return the certificate that the board must trust, and whether this PC trusts it.

    store: a file of CAs instead of the system's. Raises Refused.
    """
    try:
        client, chain = _shake_hands(settings, ca=str(store) if store else None)
    except (OSError, ValueError) as exc:  # of that file
        if not store:
            raise
        reason = getattr(exc, "strerror", None) or str(exc).removeprefix("ca: ")
        raise Refused(f"{store}: {reason}", wants_ca=True) from None
    if chain:
        found = _read(chain[-1], settings)
        if not (found.is_ca or found.is_self_signed):
            raise Refused(
                f"a board can only trust a CA, and {store} has the server's own certificate",
                wants_ca=True,
            )
        return found, True
    if client.error != hssmtp.ERROR_CERTIFICATE:
        raise _refused(client, settings)
    code = getattr(client.cause, "verify_code", None)
    told = _explained(client)
    chain = _shake_hands(settings, insecure=True)[1]
    if not chain:
        raise Refused(told)
    certificates = [_read(der, settings) for der in chain]
    if code in (SELF_SIGNED, SELF_SIGNED_IN_CHAIN):
        for one in certificates:
            if one.is_self_signed:
                return one, False
    raise _distrusted(code, certificates[0], told)


def _read(der: bytes, settings: dict[str, Any]) -> Certificate:
    try:
        return Certificate(der)
    except ValueError as exc:
        raise Refused(f"{settings['SERVER']} shows {exc}", questions=["SERVER"]) from None


def _distrusted(code: int | None, certificate: Certificate, told: str) -> Refused:
    """Describe a certificate that is not trusted, and what to do."""
    if code in (WRONG_NAME, WRONG_ADDRESS):
        names = ", ".join(certificate.names) or "no host"
        told += f"\nIt is for {names}: take one of these as the mail server."
        return Refused(told, questions=["SERVER"])
    if code in (NOT_YET_VALID, EXPIRED):
        today = time.strftime("%Y-%m-%d")
        return Refused(
            f"{told}\nIt is valid from {certificate.validity}, and today is {today}: if that is"
            " right, whoever runs the server has to renew it."
        )
    return Refused(
        f"{told}\nIt was signed by {certificate.issuer}, which this PC doesn't know: if that is a"
        " CA of your own, name its certificate with --ca FILE.",
        wants_ca=True,
    )


def _refused(client: Client, settings: dict[str, Any], before: str = "") -> Refused:
    told = before + _explained(client)
    if client.error == hssmtp.ERROR_DNS:
        told += "." + guess(settings["SERVER"], [one.host for one in PROVIDERS])
    return Refused(told, client.transient, questions(client, settings))


def _explained(client: Client) -> str:
    return explained(client, WORDS)


def _shake_hands(
    settings: dict[str, Any], ca: str | None = None, insecure: bool = False
) -> tuple[Client, list[bytes]]:
    """Connect, including TLS; return the chain of certificates, [] if that failed."""
    link = BoardLink()
    chain: list[bytes] = []

    def on_event(client: Client, event: int) -> None:
        if event == hssmtp.SECURED:
            chain.extend(link.chain(verified=not insecure))
            client.abort_mail()

    without = {**settings, "USER": None, "PASSWORD": None}
    return _run(without, "", on_event, link=link, ca=ca, insecure=insecure), chain


def log_in(settings: dict[str, Any], ca: bytes | None) -> None:
    """Connect and log in as the board will, without a mail. Raises Refused."""

    def on_event(client: Client, event: int) -> None:
        if event == hssmtp.READY:
            client.abort_mail()

    client = _run(settings, "", on_event, link=BoardLink(), ca=ca)
    if client.result == hssmtp.FAILED:
        raise _refused(client, settings)


def send_mail(settings: dict[str, Any], ca: bytes | None) -> str:
    """Send a mail as the board will; return the result in words. Raises Refused."""
    refused: list[str] = []

    def on_event(client: Client, event: int) -> None:
        if event == hssmtp.RECIPIENT_REFUSED:
            reply = shown(client.reply_text)
            refused.append(f"{client.recipient}: {client.reply_code} {reply}\n")

    text = (
        f"This mail tests the settings of {settings['DEVICE']}. It was sent from a PC; the mails"
        " of the device will come in the same way.\n"
    )
    client = _run(settings, text, on_event, link=BoardLink(), ca=ca)
    if client.result == hssmtp.FAILED:
        raise _refused(client, settings, "".join(refused))
    return "".join(refused) + _explained(client)


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
