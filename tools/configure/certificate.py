"""A certificate, as a person compares it and as a board needs it."""

import datetime
import hashlib

from cryptography import x509


class Certificate:
    """Reads a DER certificate."""

    def __init__(self, der: bytes):
        self.der = der
        self._certificate = x509.load_der_x509_certificate(der)

    @property
    def subject(self) -> str:
        """Who it is of, "CN=ISRG Root X1,O=…"."""
        return self._certificate.subject.rfc4514_string()

    @property
    def issuer(self) -> str:
        """Who signed it."""
        return self._certificate.issuer.rfc4514_string()

    @property
    def self_signed(self) -> bool:
        """Whether it names itself as who signed it."""
        return self.issuer == self.subject

    @property
    def is_ca(self) -> bool:
        """Whether it may vouch for others (RFC 5280 4.2.1.9)."""
        try:
            found = self._certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        except x509.ExtensionNotFound:
            return False
        return found.value.ca

    @property
    def names(self) -> list[str]:
        """The hosts that it is for."""
        try:
            found = self._certificate.extensions.get_extension_for_class(
                x509.SubjectAlternativeName
            )
        except x509.ExtensionNotFound:
            return []
        addresses = found.value.get_values_for_type(x509.IPAddress)
        return found.value.get_values_for_type(x509.DNSName) + [str(one) for one in addresses]

    @property
    def validity(self) -> str:
        """From when to when."""
        certificate = self._certificate
        return f"{certificate.not_valid_before_utc:%Y-%m-%d} to {self.end:%Y-%m-%d}"

    @property
    def end(self) -> datetime.datetime:
        """Its last moment."""
        return self._certificate.not_valid_after_utc

    @property
    def fingerprint(self) -> str:
        """SHA-256, as browsers and openssl show it."""
        return hashlib.sha256(self.der).digest().hex(":").upper()
