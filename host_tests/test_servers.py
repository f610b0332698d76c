"""The servers by themselves, with smtplib: what fails here is no fault of the library."""

import base64
import smtplib
import ssl

import pytest

from host_tests import servers
from host_tests.runtimes import run
from host_tests.servers.aiosmtpd import AiosmtpdServer
from host_tests.servers.certificates import server_context

CONTENT = (
    b"Subject: octets\r\nBcc: kept@example.test\r\n\r\n.\r\n..dots\r\n\xe2\x82\xac\r\n\r\nend\r\n"
)


@pytest.fixture(params=["postfix", "aiosmtpd_server"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["port", "tls_port", "plain_port"])
def client(request, server, certificates):
    """An smtplib client, connected, and secured where the port knows how."""
    port = getattr(server, request.param)
    context = ssl.create_default_context(cafile=certificates.ca_pem)
    if request.param == "tls_port":
        smtp = smtplib.SMTP_SSL("localhost", port, timeout=30, context=context)
    else:
        smtp = smtplib.SMTP("localhost", port, timeout=30)
    with smtp:
        if request.param == "port":
            smtp.ehlo()
            assert not smtp.has_extn("auth"), "AUTH must not be offered before TLS"
            smtp.starttls(context=context)
        smtp.ehlo()
        yield smtp


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("user", servers.USERS)
def test_a_mail_is_kept_as_it_was_sent(server, client, mechanism, user):
    authenticate(client, mechanism, user, servers.USERS[user])
    client.sendmail("a@example.test", ["one@example.test", "two@example.test"], CONTENT)
    mail = server.wait_for_mail("two@example.test")
    assert mail.content == CONTENT
    assert mail.sender == "a@example.test"
    assert mail.user == user
    assert mail.tls == isinstance(client.sock, ssl.SSLSocket)
    assert "two@example.test" in mail.recipients
    if mail.recipients == ["two@example.test"]:  # each has a mail of its own
        assert server.wait_for_mail("one@example.test").content == CONTENT


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_refused(client, mechanism):
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        authenticate(client, mechanism, servers.USER, "wrong")
    assert caught.value.smtp_code == 535


def test_a_recipient_is_refused(server, client):
    refused = client.sendmail(
        "a@example.test", ["refused@example.test", "three@example.test"], CONTENT
    )
    code, text = refused.pop("refused@example.test")
    assert (code, text[:5], refused) == (550, b"5.1.1", {})
    assert server.wait_for_mail("three@example.test").recipients == ["three@example.test"]


def test_a_mail_is_handed_out_once(server, client):
    client.sendmail("a@example.test", ["once@example.test"], CONTENT)
    server.wait_for_mail("once@example.test")
    with pytest.raises(AssertionError, match="no mail"):
        server.wait_for_mail("once@example.test", timeout=0)


def authenticate(client, mechanism, user, password):
    """smtplib's own would try other mechanisms, and knows ASCII only."""
    answers = {
        "PLAIN": [f"\0{user}\0{password}"],
        "LOGIN": [user, password],
    }[mechanism]
    code, text = client.docmd("AUTH", mechanism)
    for answer in answers:
        if code != 334:
            break
        code, text = client.docmd(base64.b64encode(answer.encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


@pytest.mark.parametrize("server", ["postfix"], indirect=True)
@pytest.mark.parametrize("client", ["plain_port"], indirect=True)
def test_postfix_takes_no_bare_newline(client):
    client.putcmd("MAIL", "FROM:<a@example.test>")
    client.getreply()
    assert client.rcpt("b@example.test")[0] == 250
    assert client.docmd("DATA")[0] == 354
    client.send(b"Subject: x\r\n\r\nbare\nnewline\r\n.\r\n")
    assert client.getreply()[0] in (521, 550)


# What CPython's OpenSSL and MicroPython's mbedTLS hold against each.
FAULTS = {
    "good": None,
    "rsa": None,
    "other_name": ("mismatch", "expected CN"),
    "expired": ("expired", "expired"),
    "unknown_ca": ("local issuer certificate", "not correctly signed by the trusted CA"),
    "self_signed": ("self-signed certificate", "not correctly signed by the trusted CA"),
}


@pytest.fixture(params=FAULTS)
def presented(request, certificates):
    """A server that shows a certificate of some kind, and the faults of it."""
    with AiosmtpdServer(server_context(getattr(certificates, request.param))) as server:
        yield server, FAULTS[request.param]


def test_cpython_on_the_certificates(presented, certificates):
    server, faults = presented
    context = ssl.create_default_context(cafile=certificates.ca_pem)
    if faults is None:
        with smtplib.SMTP_SSL("localhost", server.tls_port, timeout=30, context=context) as smtp:
            assert smtp.noop()[0] == 250
    else:
        with pytest.raises(ssl.SSLCertVerificationError, match=faults[0]):
            smtplib.SMTP_SSL("localhost", server.tls_port, timeout=30, context=context)


HANDSHAKE = """
import socket, sys, tls
port, ca = sys.argv[1:]
context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
with open(ca, "rb") as file:
    context.load_verify_locations(file.read())
sock = socket.socket()
sock.connect(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
try:
    print(context.wrap_socket(sock, server_hostname="localhost").read(3))
except (OSError, ValueError) as problem:
    print(problem)
"""


def test_micropython_on_the_certificates(presented, certificates, micropython, tmp_path):
    server, faults = presented
    script = tmp_path / "handshake.py"
    script.write_text(HANDSHAKE)
    said = run(micropython, script, [server.tls_port, certificates.ca_der]).stdout
    assert (faults[1] if faults else "b'220'") in said
