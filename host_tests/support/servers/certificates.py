"""Certificates for "localhost" and 127.0.0.1: a good one, and one for each way to be bad."""

import datetime
import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NAMES = ("localhost", "127.0.0.1")
_LONG_AGO = datetime.datetime(2000, 1, 1)
_SINCE_THEN = datetime.datetime(2020, 1, 1)


class Certificates:
    """Files in a folder. Each server's PEM file holds its key and then its chain."""

    def __init__(self, folder: Path) -> None:
        ca = trustme.CA()
        self.ca_pem = folder / "ca.pem"
        self.ca_der = folder / "ca.der"
        self.ca_pem.write_bytes(ca.cert_pem.bytes())
        self.ca_der.write_bytes(ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode()))

        self.good = folder / "good.pem"
        self.rsa = folder / "rsa.pem"
        self.other_name = folder / "other_name.pem"
        self.expired = folder / "expired.pem"
        self.unknown_ca = folder / "unknown_ca.pem"
        self.self_signed = folder / "self_signed.pem"
        _write(self.good, ca.issue_cert(*_NAMES))
        _write(self.rsa, ca.issue_cert(*_NAMES, key_type=trustme.KeyType.RSA))
        _write(self.other_name, ca.issue_cert("mail.example.com"))
        _write(self.expired, ca.issue_cert(*_NAMES, not_before=_LONG_AGO, not_after=_SINCE_THEN))
        _write(self.unknown_ca, trustme.CA().issue_cert(*_NAMES))
        self.self_signed.write_bytes(_self_signed())


def server_context(path: Path) -> ssl.SSLContext:
    """A server's side of TLS with the certificate in `path`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _write(path: Path, certificate: trustme.LeafCert) -> None:
    path.write_bytes(certificate.private_key_and_cert_chain_pem.bytes())


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_LONG_AGO)
        .not_valid_after(datetime.datetime(3000, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
