"""ESMTP with real servers, from each runtime: offered extensions are used."""

import random
import re

import pytest

from host_tests.support import servers
from host_tests.support.mails import mail_to, octets_of, read
from host_tests.support.runtimes import run
from host_tests.support.servers import wait_for
from tools.bench.compiled import library

LOGIN = {"username": servers.USER, "password": servers.PASSWORD}
LONG_LOGIN = {"username": servers.LONG_PASSWORD_USER, "password": servers.LONG_PASSWORD}
PASSWORDS = ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"]
TOKENS = ["XOAUTH2", "OAUTHBEARER"]
EURO = "95 °C, 3 €\n.\n..\n"


@pytest.fixture
def mark():
    """The common part of the addresses of a test."""
    return f"c{random.randrange(1 << 60):x}"


def crowd(mark, count):
    return [f"{number}.{mark}@crowd.test" for number in range(count)]


def counts(postfix, before):
    """Count the commands of each kind, from Postfix's log."""

    def find():
        return re.search(r"disconnect from \S+ (.*)", postfix.log()[before:])

    words = wait_for(find, 30, postfix.log)[1].split()
    return dict(word.split("=") for word in words)


# How the text is sent

WAYS = {
    "plain_port": ("bdat", "8bit"),
    "data_port": ("data", "8bit"),
    "lockstep_port": ("bdat", "8bit"),
    "old_port": ("data", "quoted-printable"),
}


@pytest.mark.parametrize("port", WAYS)
def test_mail_by_data_or_chunk(postfix, send, address, tmp_path, port):
    path = tmp_path / "octets.bin"
    path.write_bytes(octets_of(30_000))
    before = len(postfix.log())
    mail = mail_to(address, text=EURO, html="<p>€</p>", attachments=[{"path": str(path)}])
    told = send(postfix, "none", mail, port=getattr(postfix, port))
    assert (told["result"], told["delivered"]) == ("SENT", 1), told
    verb, encoding = WAYS[port]
    commands = counts(postfix, before)
    assert commands == {
        **dict.fromkeys(["ehlo", "mail", "rcpt", verb, "quit"], "1"),
        "commands": "5",
    }
    kept = read(postfix.wait_for_mail(address).content)
    text = kept.get_body(("plain",))
    assert text["Content-Transfer-Encoding"] == encoding
    assert text.get_content().replace("\r\n", "\n") == EURO
    assert next(kept.iter_attachments()).get_content() == octets_of(30_000)


def test_mail_that_is_too_large_is_not_begun(postfix, send, address, tmp_path):
    """Before it is begun if its size is known, else at the server's limit."""
    path = tmp_path / "octets.bin"
    path.write_bytes(octets_of(20_000))
    before = len(postfix.log())
    mail = mail_to(address, attachments=[{"path": str(path)}])
    told = send(postfix, "none", mail, port=postfix.small_port)
    assert (told["result"], told["error"]) == ("FAILED", "ERROR_TOO_LARGE"), told
    assert not told["transient"]
    assert "mail" not in counts(postfix, before)
    mail["attachments"][0]["as"] = "iterator"
    told = send(postfix, "none", mail, port=postfix.small_port)
    assert (told["error"], told["code"], told["transient"]) == ("ERROR_TOO_LARGE", 0, False), told


@pytest.mark.parametrize("security", ["none", "starttls"])
def test_non_ascii_addresses(postfix, send, address, security):
    person = "jürgen." + address
    mail = mail_to(person, cc="Käthe <käthe@example.test>", text=EURO)
    mail["sender"] = "Kessel <kessel@bücher.test>"
    told = send(postfix, security, mail)
    assert (told["result"], told["delivered"]) == ("SENT", 2), told
    kept = postfix.wait_for_mail(person)
    assert kept.sender == "kessel@bücher.test"
    heads = kept.content.decode()
    assert "\r\nFrom: Kessel <kessel@bücher.test>\r\n" in heads
    assert f"\r\nTo: {person}\r\n" in heads
    told = send(postfix, "none", mail, port=postfix.old_port)
    assert (told["error"], told["transient"]) == ("ERROR_UNSUPPORTED", False), told


def test_attachments_without_base64(aiosmtpd_server, send, address, tmp_path):
    octets = octets_of(30_000) + b"\r\n.\r\n\n\r\0"
    path = tmp_path / "octets.bin"
    path.write_bytes(octets)
    mail = mail_to(address, text=EURO, attachments=[{"path": str(path)}])
    port = aiosmtpd_server.extended_port
    told = send(aiosmtpd_server, "none", mail, port=port, disable=())
    assert told["result"] == "SENT", told
    kept = aiosmtpd_server.wait_for_mail(address)
    assert "BODY=BINARYMIME" in kept.mail_parameters
    assert f"SIZE={len(kept.content)}" in kept.mail_parameters
    assert kept.content.count(octets) == 1
    assert len(kept.content) == told["total"] < 32_000


# Delivery status notifications


def test_delivery_report_comes_back(postfix, send, address):
    sender = "from." + address
    mail = mail_to(address, text="x", notify="success", envelope_id="id+7=a b")
    told = send(postfix, "none", mail | {"sender": sender})
    assert told["result"] == "SENT", told
    report = postfix.wait_for_mail(sender)
    assert report.sender == ""
    assert b"Original-Envelope-Id: id+7=a b\r\n" in report.content
    assert b"Action: delivered\r\n" in report.content
    # RET=HDRS: the mail's headers come along, not its text.
    assert b"text/rfc822-headers" in report.content


def test_dsn_request_is_passed_on(submission, send, address):
    """Dovecot passes it on unchanged."""
    mail = mail_to(address, text="x", notify="failure delay", envelope_id="+=")
    told = send(submission, "starttls", mail, **LOGIN)
    assert told["result"] == "SENT", told
    kept = submission.wait_for_mail(address)
    assert {"RET=HDRS", "ENVID=+2B+3D"} <= set(kept.mail_parameters)
    (notify,) = [word for word in kept.rcpt_parameters[address] if word[:7] == "NOTIFY="]
    assert set(notify[7:].upper().split(",")) == {"FAILURE", "DELAY"}


@pytest.mark.parametrize("server", ["postfix.old_port", "aiosmtpd_server.plain_port"])
def test_server_without_dsn(request, send, address, server):
    name, port = server.split(".")
    server = request.getfixturevalue(name)
    mail = mail_to(address, text="x", notify="never", envelope_id="7")
    told = send(server, "none", mail, port=getattr(server, port))
    assert told["result"] == "SENT", told


# Dovecot's submission service: PIPELINING, CHUNKING, BINARYMIME, and a login first


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_submission_service_takes_a_mail(submission, send, address, tmp_path, security):
    """Dovecot makes each bare LF a CRLF: the bytes have neither."""
    octets = bytes(octet for octet in octets_of(20_000) if octet not in b"\r\n")
    path = tmp_path / "octets.bin"
    path.write_bytes(octets)
    mail = mail_to(address, text=EURO, attachments=[{"path": str(path)}])
    mail["cc"] = "refused@example.test"
    told = send(submission, security, mail, disable=(), **LOGIN)
    assert (told["result"], told["delivered"]) == ("SENT", 1), told
    assert told["refused"] == ["refused@example.test"]
    kept = submission.wait_for_mail(address)
    assert kept.tls
    assert "BODY=BINARYMIME" in kept.mail_parameters
    assert kept.content.count(octets) == 1
    assert len(kept.content) == told["total"]


# Logins


@pytest.mark.parametrize("server", ["postfix", "submission"])
@pytest.mark.parametrize("login", [LOGIN, LONG_LOGIN], ids=["a password", "a long one"])
@pytest.mark.parametrize("mechanism", [None, *PASSWORDS])
def test_each_password_mechanism_logs_in(request, send, address, server, mechanism, login):
    server = request.getfixturevalue(server)
    told = send(server, "starttls", mail_to(address, text="x"), auth=mechanism, **login)
    assert told["result"] == "SENT", told
    kept = server.wait_for_mail(address)
    assert kept.user in (login["username"], None)


@pytest.mark.parametrize("server", ["postfix", "submission"])
@pytest.mark.parametrize("mechanism", [None, *TOKENS])
def test_each_token_mechanism_logs_in(request, dovecot, send, address, server, mechanism):
    server = request.getfixturevalue(server)
    login = {"username": servers.USER, "token": dovecot.token(servers.USER), "auth": mechanism}
    told = send(server, "tls", mail_to(address, text="x"), **login)
    assert told["result"] == "SENT", told
    assert server.wait_for_mail(address).user in (servers.USER, None)


@pytest.mark.parametrize("server", ["postfix", "submission"])
@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
def test_wrong_secret_is_refused(request, dovecot, send, address, server, mechanism):
    """Each mechanism answers the error challenge of a token; then the server replies 535."""
    server = request.getfixturevalue(server)
    secret = "password" if mechanism in PASSWORDS else "token"
    wrong = dovecot.token(servers.USER)[:-4] + "wr0n"
    login = {"username": servers.USER, secret: wrong, "auth": mechanism}
    told = send(server, "starttls", mail_to(address, text="x"), **login)
    assert (told["result"], told["error"]) == ("FAILED", "ERROR_AUTH"), told
    assert (told["code"], told["transient"]) == (535, False)
    assert wrong not in str(told)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "CRAM-MD5"])
def test_mechanisms_allowed_without_tls(postfix, send, address, mechanism):
    told = send(postfix, "none", mail_to(address, text="x"), auth=mechanism, **LOGIN)
    assert told["result"] == "SENT", told
    assert postfix.wait_for_mail(address).user == servers.USER


def test_login_for_each_connection(postfix, send, address):
    """The second login uses the stored salted password."""
    mails = [mail_to(address, text=str(number)) for number in range(3)]
    for options in {"keep_open_ms": 60_000}, {}:
        told = send(postfix, "starttls", *mails, auth="SCRAM-SHA-256", **options, **LOGIN)
        assert [each["result"] for each in told] == ["SENT"] * 3, told
        assert {postfix.wait_for_mail(address).user for _ in range(3)} == {servers.USER}


# Recipients without end


@pytest.mark.parametrize(("port", "transactions"), [("few_port", 4), ("plain_port", 1)])
def test_100_recipients(postfix, send, mark, port, transactions):
    """One port accepts 30 recipients: the others get another transaction."""
    before = len(postfix.log())
    first, *others = crowd(mark, 100)
    mail = mail_to(first, text="x", bcc=[*others, f"refused.{mark}@crowd.test"])
    told = send(postfix, "none", mail, port=getattr(postfix, port))
    assert (told["result"], told["delivered"]) == ("SENT", 100), told
    assert told["refused"] == [f"refused.{mark}@crowd.test"]
    assert sorted(postfix.wait_for_crowd(mark, 100)) == sorted(crowd(mark, 100))
    commands = counts(postfix, before)
    assert commands.get("bdat") == str(transactions)
    assert commands["ehlo"] == "1"


def test_150_recipients_of_the_submission_service(submission, send, mark):
    """After 100 it replies 451 4.5.3, but passes some of those on: they get two copies."""
    to = [f"{number}.{mark}@example.test" for number in range(150)]
    mail = mail_to(to[0], text="x", bcc=to[1:])
    told = send(submission, "starttls", mail, **LOGIN)
    assert (told["result"], told["delivered"]) == ("SENT", 150), told
    first, second = submission.wait_for_mail(to[0]), submission.wait_for_mail(to[-1])
    assert first.content == second.content
    assert set(first.recipients + second.recipients) == set(to)
    assert len(second.recipients) == 50


# A list of 10,000 as a device sends it: the library's .mpy files, and the heap of a small board.
# 64 bits take twice the bytes of 32.
HEAPS = {"micropython": ("x64", "128K"), "micropython32": ("x86", "64K")}
TO_A_LIST = """
import sys
import hssmtp

port, path = sys.argv[1:]
refused = []


def on_event(client, event):
    if event == hssmtp.RECIPIENT_REFUSED:
        refused.append(client.recipient)


client = hssmtp.Client("127.0.0.1", int(port), security="none", on_event=on_event)
bcc = hssmtp.AddressList(path)
client.send_mail(hssmtp.Message("a@example.test", to="first@crowd.test", bcc=bcc, text="x"))
while client.tick():
    pass
print(hssmtp.event_name(client.result), hssmtp.error_name(client.error), client.cause)
print(client.accepted, client.refused, client.delivered)
print(" ".join(refused))
"""


def test_address_list_of_10_000(postfix, micropython, mark, tmp_path):
    to = crowd(mark, 10_000)
    lines = list(to)
    for number in range(900, 10_000, 900):
        lines[number] = f"refused{lines[number]}"
    refused = [lines[number] for number in range(900, 10_000, 900)]
    lines[5000:5000] = ["# a comment", "", "nobody", "two words@crowd.test"]
    path = tmp_path / "crowd"
    path.write_text("\n".join(lines))
    (tmp_path / "send.py").write_text(TO_A_LIST)
    arch, heapsize = HEAPS[micropython]
    done = run(
        micropython,
        tmp_path / "send.py",
        [postfix.plain_port, path],
        {"MICROPYPATH": str(library(arch))},
        timeout=250,
        heapsize=heapsize,
    )
    result, counts, told = done.stdout.splitlines()
    assert result == "SENT - None"
    taken = sorted(set(to) - {one[7:] for one in refused})
    assert counts == f"{len(taken) + 1} {len(refused) + 2} {len(taken) + 1}"
    assert sorted(told.split()) == sorted([*refused, f"{path}:5003", f"{path}:5004"])
    assert sorted(postfix.wait_for_crowd(mark, len(taken))) == taken
