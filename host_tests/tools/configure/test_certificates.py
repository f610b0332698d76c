"""make configure: which certificate a board is to trust, and what a hostile one can do."""

import datetime
import io
import ssl
import warnings

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from host_tests.support.configuring import SEND_IT, on_micropython
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context
from tools.configure import server, trial
from tools.configure.certificate import Certificate

KEY = ed25519.Ed25519PrivateKey.generate()
HOSTILE = "\x1b[2J\x1b]0;x\x07\x9b1m\u202egnp\u2028y\u200b\u2066\ufeff\r\nTrusted by this PC"

# Which certificate


def test_root_behind_an_intermediate_ca_is_written(configured, answers, device, tmp_path):
    root = trustme.CA()
    leaf = root.create_child_ca().create_child_ca().issue_cert("localhost")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "leaf.pem"))
    root.cert_pem.write_to_path(str(tmp_path / "root.pem"))
    with AiosmtpdServer(server_context(tmp_path / "leaf.pem")) as server:
        for security, port in (("starttls", server.port), ("tls", server.tls_port)):
            chosen = {**answers, "SECURITY": security, "PORT": port}
            configured(chosen, "--ca", tmp_path / "root.pem")
            der = ssl.PEM_cert_to_DER_cert(root.cert_pem.bytes().decode())
            assert (device / "ca.der").read_bytes() == der
            (device / "ca.der").unlink()


def test_self_signed_certificate_is_written(
    configured, answers, device, certificates, micropython
):
    own = Certificate(ssl.PEM_cert_to_DER_cert(certificate_in(certificates.self_signed)))
    with AiosmtpdServer(server_context(certificates.self_signed)) as server:
        answers["PORT"] = server.port
        said = configured(answers, status=1)
        assert "no reason to trust" in said
        assert "FINGERPRINT" in said
        assert own.fingerprint[:47] in said
        said = configured({**answers, "FINGERPRINT": "00:" * 31 + "00"}, status=1)
        assert "was not confirmed" in said
        assert not device.exists()
        configured({**answers, "FINGERPRINT": own.fingerprint.lower()})
        assert (device / "ca.der").read_bytes() == own.der
        assert on_micropython(micropython, device, SEND_IT) == "sent to 2 of 2 recipients\n"


def test_ca_shown_by_the_server_is_written(configured, answers, device, tmp_path):
    ca = trustme.CA()
    pieces = ca.issue_cert("localhost").private_key_and_cert_chain_pem.bytes(), ca.cert_pem.bytes()
    (tmp_path / "with_ca.pem").write_bytes(b"".join(pieces))
    der = ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode())
    with AiosmtpdServer(server_context(tmp_path / "with_ca.pem")) as server:
        answers["PORT"] = server.port
        assert Certificate(der).fingerprint[:47] in configured(answers, status=1)
        configured({**answers, "FINGERPRINT": Certificate(der).fingerprint})
    assert (device / "ca.der").read_bytes() == der


def certificate_in(path):
    text = path.read_text()
    return text[text.index("-----BEGIN CERT") :]


def test_fingerprint_is_compared_although_the_store_trusts(configured, answers, device):
    said = configured({**answers, "FINGERPRINT": "AB:CD"}, status=1)
    assert "was not confirmed" in said
    assert not device.exists()


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("other_name", "It is for mail.example.com: take one of these"),
        ("expired", "It is valid from 2000-01-01 to 2020-01-01, and today is "),
        ("unknown_ca", "name its certificate with --ca FILE"),
    ],
)
def test_declined_certificate_writes_nothing(
    configured, answers, device, certificates, certificate, words
):
    with AiosmtpdServer(server_context(getattr(certificates, certificate))) as server:
        for security, port in (("starttls", server.port), ("tls", server.tls_port)):
            said = configured({**answers, "SECURITY": security, "PORT": port}, status=1)
            assert "ERROR_CERTIFICATE" in said
            assert words in said
            assert "Nothing was written." in said
    assert not device.exists()


def test_own_ca_file(configured, answers, device, certificates, tmp_path):
    ca = trustme.CA()
    ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    ca.cert_pem.write_to_path(tmp_path / "bundle.pem")
    with (tmp_path / "bundle.pem").open("ab") as bundle:
        bundle.write(certificates.ca_pem.read_bytes())
    with AiosmtpdServer(server_context(tmp_path / "own.pem")) as server:
        answers["PORT"] = server.port
        said = configured(answers, "--ca", tmp_path / "own.pem", status=1)
        assert "a board can only trust a CA" in said
        assert not device.exists()
        configured(answers, "--ca", tmp_path / "bundle.pem")
    expected = ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode())
    assert (device / "ca.der").read_bytes() == expected


# Hostile ones


def signed(subject, issuer, extensions=(), key=KEY, algorithm=None):
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2000, 1, 1))
        .not_valid_after(datetime.datetime(3000, 1, 1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, algorithm)


def name(*values):
    oids = (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME, x509.NameOID.EMAIL_ADDRESS)
    pairs = zip(oids, values, strict=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are too long
        return x509.Name([x509.NameAttribute(oid, text, _validate=False) for oid, text in pairs])


def drawn(certificate, host="mail.example.test"):
    """What the screen gets of a certificate, however it is shown."""
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    trial.show(certificate, True, host, console)
    trial.show(certificate, False, host, console)
    for code in (10, 20, 62):
        trial.say(console, str(server._distrusted(code, certificate, "why")))
    return file.getvalue()


def assert_harmless(der):
    """It raises ValueError, or is shown."""
    try:
        certificate = Certificate(der)
    except ValueError as exc:
        assert str(exc).isprintable()
        return
    assert all(map(str.isprintable, (certificate.subject, certificate.issuer, *certificate.names)))
    for line in drawn(certificate).splitlines():
        assert line.isprintable()
        assert len(line) <= 80
    assert len(certificate.subject) <= 200


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60) | st.just(HOSTILE)


def dns_name(host):
    """The value of a subjectAltName, DER, with any bytes as the name."""
    return bytes([0x30, len(host) + 2, 0x82, len(host)]) + host


EXTENSIONS = st.lists(
    st.one_of(
        st.builds(x509.BasicConstraints, st.booleans(), st.none()),
        st.builds(
            x509.UnrecognizedExtension,
            st.sampled_from(["2.5.29.17", "2.5.29.19", "2.5.29.15", "1.2.3.4"]).map(
                x509.ObjectIdentifier
            ),
            st.binary(max_size=30)
            | st.binary(max_size=40).map(
                lambda name: bytes([0x30, len(name) + 2, 0x82, len(name)]) + name
            )
            | st.just(b"\x30\x06\x82\x04\x1b[2J")
            | st.just(b"\x30\x06\x87\x04\x7f\x00\x00\x01")
            | st.just(b"\x30\x05\x87\x03\x7f\x00\x01"),
        ),
    ),
    max_size=3,
    unique_by=lambda extension: extension.oid,
)


@given(
    st.lists(TEXTS, min_size=1, max_size=3), st.lists(TEXTS, min_size=1, max_size=3), EXTENSIONS
)
def test_certificate_cannot_control_the_terminal(subject, issuer, extensions):
    made = signed(name(*subject), name(*issuer), extensions)
    assert_harmless(made.public_bytes(serialization.Encoding.DER))


GOOD = signed(
    name("mail.example.test", "An organisation"),
    name("Some CA"),
    [
        x509.BasicConstraints(True, None),
        x509.SubjectAlternativeName([x509.DNSName("mail.example.test")]),
    ],
).public_bytes(serialization.Encoding.DER)


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(GOOD)),
)
@example([], 0)
def test_damaged_certificate_is_no_traceback(changes, end):
    for cut in (end, len(GOOD)):
        der = bytearray(GOOD)
        for at, byte in changes:
            der[at] = byte
        assert_harmless(bytes(der[:cut]))


@given(st.binary(max_size=200))
def test_random_bytes_are_no_traceback(der):
    assert_harmless(der)


def test_long_name_is_shortened():
    made = signed(name("x" * 5000), name("y" * 5000)).public_bytes(serialization.Encoding.DER)
    assert len(Certificate(made).subject) == 200
    assert Certificate(made).subject.endswith("…")


def test_names_that_look_alike_when_shortened_differ():
    made = signed(name("x" * 5000 + "a"), name("x" * 5000 + "b"))
    assert not Certificate(made.public_bytes(serialization.Encoding.DER)).is_self_signed


@pytest.fixture(params=["self-signed", "other name", "unknown CA", "odd extension"])
def hostile_server(request, tmp_path):
    """A server whose certificate has escape sequences in all of its names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = name(HOSTILE, HOSTILE)
    issuer = subject if request.param in ("self-signed", "odd extension") else name(HOSTILE * 20)
    host = b"\x1b[2J.test" if request.param == "other name" else b"localhost"
    alternative = dns_name(host)
    if request.param == "odd extension":
        alternative = b"\x30\x04\xa3\x02\x30\x00"  # an x400Address
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), alternative)
    made = signed(subject, issuer, [extension], key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + made.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "hostile.pem").write_bytes(pem)
    with AiosmtpdServer(server_context(tmp_path / "hostile.pem")) as running:
        yield running


def test_servers_certificate_cannot_control_the_terminal(
    hostile_server, configured, answers, device
):
    """configured() tells if a line of what it printed is not printable."""
    for security, port in (("starttls", hostile_server.port), ("tls", hostile_server.tls_port)):
        configured({**answers, "SECURITY": security, "PORT": port}, status=1)
    assert not device.exists()
