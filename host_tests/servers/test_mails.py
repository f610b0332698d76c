"""Mails through real servers, from each runtime: the stored mail is the sent one."""

import asyncio
import email
import functools

import pytest
import trustme

from host_tests.support import nameserver, servers
from host_tests.support.mails import PORTS, mail_to, octets_of, read
from host_tests.support.runtimes import MICROPYTHONS
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context
from tools.slow_line import SlowLine

SIZES = [0, 1, 56, 57, 58, 1_023, 1_024, 1_025, 100_000]
BIG = 20_000_000


@pytest.fixture(params=["postfix", "aiosmtpd_server"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("security", PORTS)
@pytest.mark.parametrize("user", [None, *servers.USERS])
def test_mail_by_each_kind_of_security_and_login(server, send, address, security, user):
    login = {}
    if user:
        login = {"username": user, "password": servers.USERS[user]}
        if security == "none":
            login["allow_plaintext_auth"] = True
    told = send(
        server,
        security,
        mail_to(
            address,
            cc=["Zweiter <cc@example.test>", "refused@example.test"],
            bcc="secret@example.test",
            subject="Überdruck: 95 °C, 3.2 bar",
            text="Ventil öffnen!\n.\n..\nSchluss",
        ),
        **login,
    )
    assert (told["result"], told["error"]) == ("SENT", "-"), told
    assert told["events"] == [
        "RESOLVED",
        "CONNECTED",
        *(["SECURED"] if security != "none" else []),
        "READY",
        "RECIPIENT_REFUSED",
        "PROGRESS",
        "SENT",
    ]
    assert told["refused"] == ["refused@example.test"]
    assert (told["accepted"], told["code"]) == (3, 250)
    assert told["sent"] == told["total"]

    kept = server.wait_for_mail(address)
    assert kept.sender == "boiler@example.test"
    assert kept.user == user
    assert kept.tls == (security != "none")
    assert len(kept.content) == told["total"]
    for other in ("cc@example.test", "secret@example.test"):
        if other not in kept.recipients:
            assert server.wait_for_mail(other).content == kept.content
    mail = read(kept.content)
    assert mail["From"] == "Kessel Süd <boiler@example.test>"
    assert mail["To"] == address
    assert mail["Cc"] == "Zweiter <cc@example.test>, refused@example.test"
    assert mail["Bcc"] is None
    assert b"secret" not in kept.content
    assert mail["Subject"] == "Überdruck: 95 °C, 3.2 bar"
    assert mail["Message-ID"].endswith("@example.test>")
    assert mail["Date"].datetime is not None
    assert mail.get_content().splitlines() == ["Ventil öffnen!", ".", "..", "Schluss"]


@pytest.mark.parametrize("how", ["path", "octets", "file", "iterator"])
def test_attachments_are_unchanged(server, send, address, tmp_path, how):
    attachments = []
    for size in SIZES:
        path = tmp_path / f"{size} Oktette €.bin"
        path.write_bytes(octets_of(size))
        attachments.append({"path": str(path), "as": how, "name": path.name})
        attachments[-1]["piece"] = 3 + size * 7 % 1999  # not a multiple of 57 or 3
    told = send(server, "starttls", mail_to(address, text="x", attachments=attachments))
    assert told["result"] == "SENT", told
    assert told["total"] == (None if how == "iterator" else told["sent"])
    mail = read(server.wait_for_mail(address).content)
    found = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert found == {f"{size} Oktette €.bin": octets_of(size) for size in SIZES}


@pytest.mark.parametrize("security", PORTS)
def test_attachment_of_20_mb_in_a_heap_of_256_kb(server, send, address, tmp_path, security):
    path = tmp_path / "film.bin"
    path.write_bytes(octets_of(BIG))
    mail = mail_to(address, subject="20 MB", attachments=[{"path": str(path)}])
    told = send(server, security, mail, heapsize="256K")
    assert told["result"] == "SENT", told
    mail = email.message_from_bytes(server.wait_for_mail(address).content)
    assert mail.get_payload(1).get_payload(decode=True) == octets_of(BIG)


def test_text_html_and_inline_pictures(server, send, address, tmp_path):
    (tmp_path / "curve.png").write_bytes(octets_of(500))
    (tmp_path / "log.csv").write_bytes(b"t,C\n1,95\n")
    html = '<p>95 °C <img src="cid:curve"></p>' + "<!-- long -->" * 100
    told = send(
        server,
        "tls",
        mail_to(
            address,
            text="95 °C\r\nend \n\n",
            html=html,
            headers={"X-Priority": "1", "X-Ort": "Keller – links"},
            reply_to="Ops <ops@example.test>",
            attachments=[
                {"path": str(tmp_path / "curve.png"), "content_id": "curve"},
                {"path": str(tmp_path / "log.csv")},
            ],
        ),
    )
    assert told["result"] == "SENT", told
    assert told["sent"] == told["total"]
    mail = read(server.wait_for_mail(address).content)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "text/csv",
    ]
    assert mail["X-Priority"] == "1"
    assert mail["X-Ort"] == "Keller – links"
    assert mail["Reply-To"] == "Ops <ops@example.test>"
    text = mail.get_body(("plain",)).get_content()
    assert text.replace("\r\n", "\n") == "95 °C\nend \n\n"
    assert mail.get_body(("html",)).get_content() == html
    image, log = (part for part in mail.walk() if part.get_filename())
    assert (image["Content-ID"], image.get_content()) == ("<curve>", octets_of(500))
    assert log.get_content_disposition() == "attachment"
    assert log.get_payload(decode=True) == b"t,C\n1,95\n"


def test_address_list_of_300(server, send, address, tmp_path):
    addresses = [f"l{number}.{address}" for number in range(299)]
    (tmp_path / "list.txt").write_text(
        "# the watch\r\n\r\n" + "\r\n".join(addresses) + "\nnobody\n"
    )
    (tmp_path / "one.txt").write_text(address)
    mail = mail_to(address, text="x", address_lists=True)
    mail |= {"to": str(tmp_path / "list.txt"), "bcc": str(tmp_path / "one.txt")}
    told = send(server, "starttls", mail)
    assert (told["result"], told["accepted"]) == ("SENT", 300), told
    kept = server.wait_for_mail(address)
    to = [each.addr_spec for each in read(kept.content)["To"].addresses]
    assert to == addresses
    assert set(kept.recipients) <= {*addresses, address}


def test_several_mails_over_one_connection(server, send, address):
    mails = [mail_to(address, subject=str(number), text=f"{number}\n") for number in range(3)]
    mails.insert(1, mail_to("refused@example.test", text="nobody gets it"))
    told = send(server, "starttls", *mails, keep_open_ms=60_000)
    assert [each["result"] for each in told] == ["SENT", "FAILED", "SENT", "SENT"], told
    assert told[1]["error"] == "ERROR_RECIPIENTS"
    assert (told[1]["code"], told[1]["enhanced_code"]) == (550, "5.1.1")
    assert not told[1]["transient"]
    assert [each["events"][0] for each in told[1:]] == [
        "RECIPIENT_REFUSED",
        "PROGRESS",
        "PROGRESS",
    ]
    subjects = {read(server.wait_for_mail(address).content)["Subject"] for _ in range(3)}
    assert subjects == {"0", "1", "2"}


def test_wrong_password_fails(server, send, address):
    password = "wr0ng-Paßwort"
    told = send(server, "starttls", mail_to(address), username="boiler", password=password)
    assert (told["result"], told["error"]) == ("FAILED", "ERROR_AUTH"), told
    assert (told["code"], told["transient"], told["state"]) == (535, False, "AUTH")
    assert password not in str(told)


@pytest.mark.parametrize("bad", ["other_name", "expired", "self_signed", "unknown_ca"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_invalid_certificate_fails(certificates, send, address, bad, security):
    with AiosmtpdServer(server_context(getattr(certificates, bad))) as server:
        mail = mail_to(address, text="not for everybody")
        login = {"username": servers.USER, "password": servers.USERS[servers.USER]}
        told = send(server, security, mail, **login)
        assert (told["result"], told["error"]) == ("FAILED", "ERROR_CERTIFICATE"), told
        assert (told["transient"], told["state"]) == (False, "SECURING")
        assert "SECURED" not in told["events"]
        told = send(server, security, mail, insecure=True, **login)
        assert told["result"] == "SENT", told


@pytest.mark.parametrize("ca", ["ca_pem", "ca_der", "rsa"])
def test_ca_may_be_a_path_or_bytes_pem_or_der(certificates, send, address, ca, tmp_path):
    path = getattr(certificates, ca)
    if ca == "rsa":  # several in one file; the key before them is skipped
        path = tmp_path / "bundle.pem"
        path.write_bytes(certificates.unknown_ca.read_bytes() + certificates.ca_pem.read_bytes())
    with AiosmtpdServer(server_context(certificates.rsa)) as server:
        told = send(server, "tls", mail_to(address, text="x"), ca=str(path))
        assert told["result"] == "SENT", told


def test_self_signed_certificate_as_ca(certificates, send, address):
    with AiosmtpdServer(server_context(certificates.self_signed)) as server:
        pin = str(certificates.self_signed)
        told = send(server, "starttls", mail_to(address, text="x"), ca=pin)
        assert told["result"] == "SENT", told


def test_intermediate_ca_as_ca(certificates, send, address, tmp_path):
    root = trustme.CA()
    middle = root.create_child_ca()
    leaf = middle.issue_cert("localhost")
    for name, pem in ("middle", middle.cert_pem), ("leaf", leaf.private_key_and_cert_chain_pem):
        pem.write_to_path(tmp_path / name)
    with AiosmtpdServer(server_context(tmp_path / "leaf")) as server:
        told = send(server, "tls", mail_to(address, text="x"), ca=str(tmp_path / "middle"))
        assert told["result"] == "SENT", told


def test_missing_starttls_fails(aiosmtpd_server, send, address):
    port = aiosmtpd_server.plain_port
    login = {"username": servers.USER, "password": servers.USERS[servers.USER]}
    told = send(aiosmtpd_server, "starttls", mail_to(address), port=port, **login)
    assert (told["error"], told["transient"]) == ("ERROR_UNSUPPORTED", False), told
    told = send(aiosmtpd_server, "tls", mail_to(address), port=port, **login)
    assert (told["error"], told["transient"]) == ("ERROR_TLS", True), told


@pytest.mark.parametrize("runtime", ["micropython"], indirect=True)
def test_name_is_resolved_and_each_address_tried(aiosmtpd_server, send, address):
    """Nothing listens on 127.0.0.2, the first address. CPython would ask the system instead."""
    mail = mail_to(address, text="x")
    for found, result in ((["127.0.0.2", "127.0.0.1"], "SENT"), (["127.0.0.2"], "FAILED")):
        with nameserver.NameServer(nameserver.addresses(*found)) as names:
            job = {"name_servers": [list(names.address)]}
            told = send(aiosmtpd_server, "none", mail, host="mx.example.com", job=job)
            assert told["result"] == result, told
            assert told["error"] == ("-" if result == "SENT" else "ERROR_CONNECT")
            assert [query.asked for query in names.queries] == [("mx.example.com.", "A")]
    with nameserver.NameServer(nameserver.good(rcode="NXDOMAIN")) as names:
        job = {"name_servers": [list(names.address)]}
        told = send(aiosmtpd_server, "none", mail, host="mx.example.com", job=job)
        assert (told["error"], told["state"]) == ("ERROR_DNS", "RESOLVING"), told


def test_refused_connection_fails(send, address):
    (port,) = servers.free_ports(1)
    told = send(None, "none", mail_to(address), port=port)
    assert (told["error"], told["transient"]) == ("ERROR_CONNECT", True), told


@pytest.mark.parametrize("security", PORTS)
@pytest.mark.parametrize("user", servers.USERS)
def test_nothing_is_allocated_while_a_mail_is_sent(
    server, send, address, tmp_path, security, user
):
    """Promise 2, over real sockets and TLS: text, HTML, three attachments, 50 recipients."""
    attachments = []
    for number in range(3):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(octets_of(30_000 + number))
        attachments.append({"path": str(path)})
    mail = mail_to(address, text="95 °C\n", html="<b>95</b>", attachments=attachments)
    mail["bcc"] = [f"{number}.{address}" for number in range(49)]
    login = {"username": user, "password": servers.USERS[user], "allow_plaintext_auth": True}
    told = send(server, security, mail, job={"heap_lock": True}, **login)
    assert (told["result"], told["accepted"]) == ("SENT", 50), told
    parts = list(read(server.wait_for_mail(address).content).iter_attachments())
    assert [part.get_content() for part in parts] == [octets_of(30_000 + n) for n in range(3)]


@pytest.mark.parametrize("security", PORTS)
@pytest.mark.parametrize("runtime", MICROPYTHONS, indirect=True)
def test_nothing_is_allocated_over_a_slow_connection(
    aiosmtpd_server, send, address, tmp_path, security
):
    """Most writes have to wait, over TLS too; the callback allocates nothing."""
    path = tmp_path / "curve.bin"
    path.write_bytes(octets_of(200_000))
    mail = mail_to(address, text="95 °C\n", attachments=[{"path": str(path)}])
    login = {"username": servers.USER, "password": servers.USERS[servers.USER]}

    async def over_a_slow_line():
        port = getattr(aiosmtpd_server, PORTS[security])
        async with SlowLine(port, 1_000_000) as line:
            options = {"port": line.port, "allow_plaintext_auth": True, **login}
            job = {"heap_lock": True}
            sent = functools.partial(send, aiosmtpd_server, security, mail, job=job, **options)
            return await asyncio.to_thread(sent)

    told = asyncio.run(over_a_slow_line())
    assert told["result"] == "SENT", told
    assert {"READY", "PROGRESS", "SENT"} <= set(told["events"])
    # Without waits it would need about one tick for each block.
    assert told["ticks"] > 2 * told["sent"] / 1024
    (found,) = read(aiosmtpd_server.wait_for_mail(address).content).iter_attachments()
    assert found.get_content() == octets_of(200_000)
