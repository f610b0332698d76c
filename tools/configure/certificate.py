"""A certificate: what a person compares, and what a board needs."""

import datetime
import hashlib
import warnings

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from tools.configure.text import shown

MOST = 200  # characters of a name
MOST_NAMES = 10

# What `cryptography` raises for certificates that it can't parse.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class Certificate:
    """A certificate in DER. Raises ValueError for anything else.

    Its names come from outside: they are made printable, and long ones are shortened.
    subject, issuer: "CN=ISRG Root X1,O=…". is_self_signed: it names itself as its signer.
    is_ca: it may sign others (RFC 5280 4.2.1.9). names: the hosts that it is for.
    start, end: its first and last moment. fingerprint: SHA-256, as openssl shows it.
    """

    def __init__(self, der: bytes):
        self.der = der
        self.fingerprint = hashlib.sha256(der).digest().hex(":").upper()
        with warnings.catch_warnings():
            # `cryptography` prints warnings about odd names and numbers that help no user.
            warnings.simplefilter("ignore")
            self._read()

    def _read(self) -> None:
        try:
            certificate = x509.load_der_x509_certificate(self.der)
            self.subject = shown(certificate.subject.rfc4514_string(), MOST)
            self.issuer = shown(certificate.issuer.rfc4514_string(), MOST)
            self.is_self_signed = certificate.subject == certificate.issuer
            self.is_ca = _is_ca(certificate.extensions)
            self.names = [shown(name, MOST) for name in _names(certificate.extensions)]
            self.start: datetime.datetime = certificate.not_valid_before_utc
            self.end: datetime.datetime = certificate.not_valid_after_utc
        except _UNREADABLE as exc:
            reason = shown(str(exc), MOST)
            raise ValueError(f"a certificate that cannot be read: {reason}") from None

    @property
    def validity(self) -> str:
        """Return the dates of its validity as text."""
        return f"{self.start.date().isoformat()} to {self.end.date().isoformat()}"


def _is_ca(extensions: x509.Extensions) -> bool:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _names(extensions: x509.Extensions) -> list[str]:
    try:
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = found.get_values_for_type(x509.IPAddress)
    names = found.get_values_for_type(x509.DNSName) + [str(one) for one in addresses]
    return names[:MOST_NAMES] + (["…"] if len(names) > MOST_NAMES else [])
