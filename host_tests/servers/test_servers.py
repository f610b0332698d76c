"""The servers themselves, with smtplib: failures here are not the library's."""

import base64
import smtplib
import ssl

import pytest

from host_tests.support import servers
from host_tests.support.runtimes import run
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context

CONTENT = (
    b"Subject: octets\r\nBcc: kept@example.test\r\n\r\n.\r\n..dots\r\n\xe2\x82\xac\r\n\r\nend\r\n"
)


@pytest.fixture(params=["postfix", "aiosmtpd_server"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["port", "tls_port", "plain_port"])
def client(request, server, certificates):
    """A connected smtplib client, with TLS if the port has it."""
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
def test_server_stores_the_mail_unchanged(server, client, mechanism, user):
    authenticate(client, mechanism, user, servers.USERS[user])
    client.sendmail("a@example.test", ["one@example.test", "two@example.test"], CONTENT)
    mail = server.wait_for_mail("two@example.test")
    assert mail.content == CONTENT
    assert mail.sender == "a@example.test"
    assert mail.user == user
    assert mail.tls == isinstance(client.sock, ssl.SSLSocket)
    assert "two@example.test" in mail.recipients
    if mail.recipients == ["two@example.test"]:  # each gets its own mail
        assert server.wait_for_mail("one@example.test").content == CONTENT


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_server_refuses_a_wrong_password(client, mechanism):
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        authenticate(client, mechanism, servers.USER, "wrong")
    assert caught.value.smtp_code == 535


def test_server_refuses_a_recipient(server, client):
    refused = client.sendmail(
        "a@example.test", ["refused@example.test", "three@example.test"], CONTENT
    )
    code, text = refused.pop("refused@example.test")
    assert (code, text[:5], refused) == (550, b"5.1.1", {})
    assert server.wait_for_mail("three@example.test").recipients == ["three@example.test"]


def test_server_hands_out_a_mail_once(server, client):
    client.sendmail("a@example.test", ["once@example.test"], CONTENT)
    server.wait_for_mail("once@example.test")
    with pytest.raises(AssertionError, match="no mail"):
        server.wait_for_mail("once@example.test", timeout=0)


def authenticate(client, mechanism, user, password):
    """smtplib's login() would try other mechanisms, and supports ASCII only."""
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
def test_postfix_refuses_bare_newlines(client):
    client.putcmd("MAIL", "FROM:<a@example.test>")
    client.getreply()
    assert client.rcpt("b@example.test")[0] == 250
    assert client.docmd("DATA")[0] == 354
    client.send(b"Subject: x\r\n\r\nbare\nnewline\r\n.\r\n")
    assert client.getreply()[0] in (521, 550)


OFFERS = {
    "postfix.port": "PIPELINING SIZE=41943040 STARTTLS ENHANCEDSTATUSCODES 8BITMIME DSN SMTPUTF8"
    " CHUNKING",
    "postfix.plain_port": "PIPELINING SIZE=41943040 AUTH ENHANCEDSTATUSCODES 8BITMIME DSN"
    " SMTPUTF8 CHUNKING",
    "postfix.small_port": "PIPELINING SIZE=10000 ENHANCEDSTATUSCODES 8BITMIME DSN SMTPUTF8"
    " CHUNKING",
    "postfix.lockstep_port": "SIZE=41943040 ENHANCEDSTATUSCODES 8BITMIME DSN SMTPUTF8 CHUNKING",
    "postfix.data_port": "PIPELINING SIZE=41943040 ENHANCEDSTATUSCODES 8BITMIME DSN SMTPUTF8",
    "postfix.old_port": "ENHANCEDSTATUSCODES",
    "aiosmtpd_server.plain_port": "SIZE=41943040 8BITMIME SMTPUTF8 AUTH HELP",
    "aiosmtpd_server.extended_port": "PIPELINING CHUNKING BINARYMIME DSN SIZE=41943040 8BITMIME"
    " SMTPUTF8 HELP",
    "submission.port": "8BITMIME AUTH BINARYMIME BURL=imap CHUNKING DSN ENHANCEDSTATUSCODES SIZE"
    " STARTTLS PIPELINING",
}


def connect(request, where):
    server, port = where.split(".")
    return smtplib.SMTP("localhost", getattr(request.getfixturevalue(server), port), timeout=30)


@pytest.mark.parametrize("where", OFFERS)
def test_server_offers_its_extensions(request, where):
    """The extensions that other tests rely on, without VRFY, ETRN and mechanisms."""
    with connect(request, where) as smtp:
        smtp.ehlo()
        found = {f"{name.upper()}={value}" for name, value in smtp.esmtp_features.items()}
    found = {"AUTH" if word[:5] == "AUTH=" else word.rstrip("=") for word in found}
    assert found - {"VRFY", "ETRN"} == set(OFFERS[where].split())


@pytest.mark.parametrize("where", ["postfix.plain_port", "submission.port"])
@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_server_accepts_tokens(request, dovecot, where, mechanism):
    """A wrong token gets an error challenge, then the refusal."""
    blobs = {
        "XOAUTH2": "user={user}\1auth=Bearer {token}\1\1",
        "OAUTHBEARER": "n,a={user},\1auth=Bearer {token}\1\1",
    }
    token = dovecot.token(servers.USER)
    with connect(request, where) as smtp:
        smtp.ehlo()
        for word, code in ((token[:-4], 334), (token, 235)):
            blob = blobs[mechanism].format(user=servers.USER, token=word).encode()
            reply = smtp.docmd("AUTH", f"{mechanism} {base64.b64encode(blob).decode()}")
            assert reply[0] == code
            if code == 334:
                assert b'"status"' in base64.b64decode(reply[1])
                answer = "AQ==" if mechanism == "OAUTHBEARER" else ""
                assert smtp.docmd(answer)[0] == 535


def test_postfix_limits_recipients_to_30(request):
    with connect(request, "postfix.few_port") as smtp:
        smtp.ehlo()
        smtp.mail("a@example.test")
        codes = [smtp.rcpt(f"{number}@crowd.test") for number in range(32)]
    assert [code for code, _ in codes] == [250] * 30 + [452] * 2
    assert codes[-1][1].startswith(b"4.5.3 ")


def test_postfix_limits_mails_to_10_000_bytes(request):
    with connect(request, "postfix.small_port") as smtp:
        smtp.ehlo()
        assert smtp.mail("a@example.test", ["SIZE=10000"])[0] == 250
        smtp.rset()
        assert smtp.mail("a@example.test", ["SIZE=10001"])[0] == 552


def test_server_takes_many_recipients(request, postfix):
    crowd = [f"{number}.smtplib@crowd.test" for number in range(20)]
    with connect(request, "postfix.plain_port") as smtp:
        refused = smtp.sendmail("a@example.test", [*crowd, "refused@crowd.test"], CONTENT)
    assert list(refused) == ["refused@crowd.test"]
    assert sorted(postfix.wait_for_crowd("smtplib", 20)) == sorted(crowd)


BINARY = b"Subject: octets\r\n\r\n\0\x1a\xff\r\n.\r\nno line end"


@pytest.mark.parametrize("where", ["aiosmtpd_server.extended_port", "submission.port"])
def test_server_takes_any_bytes_with_bdat(request, where):
    """Dovecot makes each bare LF a CRLF, in spite of RFC 3030 3: here there is none."""
    with connect(request, where) as smtp:
        smtp.ehlo()
        if where == "submission.port":
            authenticate(smtp, "PLAIN", servers.USER, servers.PASSWORD)
        parameters = ["BODY=BINARYMIME", f"SIZE={len(BINARY)}", "RET=HDRS", "ENVID=aB"]
        smtp.mail("a@example.test", parameters)
        assert smtp.rcpt("any@example.test", ["NOTIFY=NEVER"])[0] == 250
        assert smtp.rcpt("refused@example.test")[0] == 550
        smtp.send(b"BDAT 5\r\n" + BINARY[:5])
        assert smtp.getreply()[0] == 250
        smtp.send(b"BDAT %d LAST\r\n" % len(BINARY[5:]) + BINARY[5:])
        assert smtp.getreply()[0] == 250
    mail = request.getfixturevalue(where.split(".")[0]).wait_for_mail("any@example.test")
    assert mail.content == BINARY
    assert set(mail.mail_parameters) == set(parameters)
    assert mail.rcpt_parameters == {"any@example.test": ["NOTIFY=NEVER"]}


def test_submission_service_requires_auth(request):
    with connect(request, "submission.port") as smtp:
        smtp.ehlo()
        assert smtp.mail("a@example.test")[0] == 530


# The errors of CPython's OpenSSL and MicroPython's mbedTLS for each.
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
    """A server with a kind of certificate, and the expected errors."""
    with AiosmtpdServer(server_context(getattr(certificates, request.param))) as server:
        yield server, FAULTS[request.param]


def test_certificates_are_judged_by_cpython(presented, certificates):
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


def test_certificates_are_judged_by_micropython(presented, certificates, micropython, tmp_path):
    server, faults = presented
    script = tmp_path / "handshake.py"
    script.write_text(HANDSHAKE)
    said = run(micropython, script, [server.tls_port, certificates.ca_der]).stdout
    assert (faults[1] if faults else "b'220'") in said
