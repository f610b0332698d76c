"""The mailbox's folder: CA, password, answers for `make configure`, and mails."""

import hashlib
import itertools
import secrets
import ssl
import time
from pathlib import Path

import trustme

from tools import wifi
from tools.private import write_private

HOST = "localhost"  # the host name in the certificate
USER = "board@example.com"
RECIPIENT = "you@example.com"
MAILS = "mails"  # the folder of the mails, and the first that is made in the mailbox's

ANSWERS = """\
# For `make configure`: a virtual board (make board) that mails to this mailbox (make mailbox).
BOARD = "RPI_PICO_W"
DEVICE = "virtual board"
WIFI_NAME = {wifi_name!r}
WIFI_PASSWORD = {wifi_password!r}
SENDER = "Virtual board <{user}>"
SERVER = {host!r}
SECURITY = "starttls"
PORT = {port}
USER = {user!r}
PASSWORD = {password!r}
RECIPIENTS = [{recipient!r}]
TEST_MAIL = True
FINGERPRINT = "{fingerprint}"
"""


class Store:
    """A private folder with a CA and a password, which the first start makes.

    Raises OSError or ValueError if they can't be made or read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mails = folder / MAILS
        self.mails.mkdir(mode=0o700, exist_ok=True)
        self.ca_file = folder / "ca.pem"
        self._ca = self._kept_ca()
        self.password = self._kept_password()

    def _kept_ca(self) -> trustme.CA:
        key_file = self.folder / "ca-key.pem"
        if self.ca_file.exists():
            return trustme.CA.from_pem(self.ca_file.read_bytes(), key_file.read_bytes())
        ca = trustme.CA(organization_name="hssmtp", organization_unit_name="make mailbox")
        write_private(key_file, ca.private_key_pem.bytes())
        write_private(self.ca_file, ca.cert_pem.bytes())
        return ca

    def _kept_password(self) -> str:
        file = self.folder / "password"
        if not file.exists():
            write_private(file, secrets.token_hex(8).encode())
        return file.read_text(encoding="ascii")

    def context(self) -> ssl.SSLContext:
        """Return the server's TLS context, with a certificate for HOST signed by the CA."""
        certificate = self._ca.issue_cert(HOST)
        file = self.folder / "server.pem"
        # The chain includes the CA, so that `make configure` can compare its fingerprint.
        chain = [*certificate.cert_chain_pems, self._ca.cert_pem]
        blobs = [certificate.private_key_pem, *chain]
        write_private(file, b"".join(blob.bytes() for blob in blobs))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def fingerprint(self) -> str:
        """The SHA-256 of the CA, as openssl shows it."""
        der = ssl.PEM_cert_to_DER_cert(self._ca.cert_pem.bytes().decode("ascii"))
        return hashlib.sha256(der).digest().hex(":").upper()

    def write_answers(self, port: int) -> Path:
        """Write the answers for `make configure`; return the file's path."""
        path = self.folder / "answers"
        answers = ANSWERS.format(
            wifi_name=wifi.NAME,
            wifi_password=wifi.PASSWORD,
            user=USER,
            host=HOST,
            port=port,
            password=self.password,
            recipient=RECIPIENT,
            fingerprint=self.fingerprint(),
        )
        write_private(path, answers.encode())
        return path

    def keep(self, content: bytes) -> Path:
        """Write a mail to a new file; return its path. Raises OSError."""
        moment = time.strftime("%Y-%m-%d-%H%M%S")
        for number in itertools.count(1):
            path = self.mails / f"{moment}-{number}.eml"
            try:
                write_private(path, content, exclusive=True)
            except FileExistsError:
                continue
            except OSError:
                path.unlink(missing_ok=True)  # it may be incomplete
                raise
            return path
        raise AssertionError
