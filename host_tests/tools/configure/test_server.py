"""make configure: the server is tried, and a failure writes nothing."""

import io
import ssl

import pytest

from host_tests.support.configuring import written
from host_tests.support.servers import USER, free_ports
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context
from tools.configure import __main__ as configure


@pytest.mark.parametrize("none", [None, ""])
def test_open_wifi(configured, answers, device, none):
    configured({**answers, "WIFI_PASSWORD": none})
    assert written(device)["WIFI_PASSWORD"] is None


# How the server is tried


def test_server_without_tls(configured, answers, device, aiosmtpd_server):
    configured(answers)
    open_relay = {**answers, "SECURITY": "none", "PORT": aiosmtpd_server.plain_port}
    configured({**open_relay, "TEST_MAIL": True})
    mail = aiosmtpd_server.wait_for_mail("smith@example.test")
    assert (mail.user, mail.tls) == (None, False)
    got = written(device)
    assert (got["USER"], got["PASSWORD"], got["CA"]) == (None, None, None)
    assert not (device / "ca.der").exists()


def test_test_mail_is_sent(configured, answers, aiosmtpd_server):
    said = configured({**answers, "TEST_MAIL": True})
    assert "The mail was sent to 2 of 2 recipients." in said
    mail = aiosmtpd_server.wait_for_mail("ops@example.test")
    assert mail.user == USER
    assert b"Subject: boiler room: a test\r\n" in mail.content


def test_no_test_mail_unless_requested(configured, answers, aiosmtpd_server):
    answers["RECIPIENTS"] = ["unwanted@example.test"]
    assert "The server takes the login." in configured(answers)
    with pytest.raises(AssertionError, match="no mail"):
        aiosmtpd_server.wait_for_mail("unwanted@example.test", timeout=0)


def test_refused_recipient_is_named(configured, answers):
    answers["RECIPIENTS"] = ["refused@example.test", "ops@example.test"]
    said = configured({**answers, "TEST_MAIL": True})
    assert "refused@example.test: 550 5.1.1 " in said
    assert "sent to 1 of 2 recipients" in said


@pytest.mark.parametrize("test_mail", [False, True])
def test_refused_password_writes_nothing(configured, answers, device, test_mail):
    configured(answers)
    before = (device / "config.py").read_bytes()
    wrong = {**answers, "PASSWORD": "wrong", "DEVICE": "new", "TEST_MAIL": test_mail}
    said = configured(wrong, status=1)
    assert "ERROR_AUTH" in said
    assert "Nothing was written." in said
    assert (device / "config.py").read_bytes() == before


def test_unreachable_server_writes_nothing(configured, answers, device):
    answers["PORT"] = free_ports(1)[0]
    assert "ERROR_CONNECT" in configured(answers, status=75)
    assert not device.exists()


def test_server_without_tls_1_2_is_refused(configured, answers, device, certificates):
    """MicroPython's ports have no TLS 1.3."""
    context = server_context(certificates.good)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with AiosmtpdServer(context) as server:
        assert "ERROR_TLS" in configured({**answers, "PORT": server.port}, status=75)
    assert not device.exists()


# Answers that can't be meant


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BOARD", "PICO", "one of ESP32_GENERIC, "),
        ("BOARD", "rpi_piko_w", "Did you mean RPI_PICO_W?"),
        ("BOARD", "99", "one of ESP32_GENERIC, "),
        ("SERVER", "gmial", "Did you mean Gmail?"),
        ("SERVER", "99", "none of the providers"),
        ("SERVER", "smtps://mail.example.com", "mail server: a URL, not a name"),
        ("DEVICE", "boiler\r\nBcc: all@example.test", "U+000D not allowed"),
        ("DEVICE", " ", "a name is needed"),
        ("WIFI_NAME", "ü" * 17, "1 to 32 bytes"),
        ("WIFI_PASSWORD", "1234567", "8 to 63 characters"),
        ("SENDER", "boiler", "is not local@domain"),
        ("SENDER", "a@example.test\nRCPT TO:<b@example.test>", "U+000A not allowed"),
        ("SERVER", "smtp.example.com\n", "U+000A not allowed"),
        ("SERVER", "smtp example", "a space is not allowed"),
        ("SECURITY", "ssl", 'security: "starttls", "tls" or "none"'),
        ("PORT", 0, "1 to 65535"),
        ("PORT", "587", "not a number"),
        ("PORT", True, "not a number"),
        ("USER", "a\0b", "U+0000 not allowed"),
        ("PASSWORD", "a\nb", "U+000A not allowed"),
        ("PASSWORD", None, "not a str"),
        ("RECIPIENTS", "ops@example.test", "not a list"),
        ("RECIPIENTS", [], "none"),
        ("RECIPIENTS", ["a@example.test, b@example.test"], "several addresses"),
    ],
)
def test_invalid_answers_are_named(configured, answers, device, name, value, words):
    said = configured({**answers, name: value}, status=1)
    assert f"{name}: " in said
    assert words in said
    assert not device.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DEVICE = 'x\n", "standard input:1: "),
        ("\nimport os\n", "standard input:2: not NAME = value"),
        ("DEVICE = 'x'\nPASSWORD = open('x').read()\n", "standard input:2: not NAME = value"),
        ("PASSWORT = 'x'\n", "standard input:1: nobody asks for PASSWORT"),
        ("DEVICE = 'x'\n", "BOARD is missing among the answers"),
        ("BOARD = 'RPI_PICO_W'\nWIFI_NAME = None\n", "SENDER is missing among the answers"),
        ("WIFI_NAME = 'a'\0", "standard input:1: "),
    ],
)
def test_invalid_answers_files_are_refused(configured, device, text, words):
    assert words in configured(text, status=1)
    assert not device.exists()


def test_answers_are_read_from_a_file(answers, device, tmp_path, capsys):
    path = tmp_path / "answers.py"
    assert configure.main(["--answers", str(path)]) == 1
    path.write_text("".join(f"{name} = {value!r}\n" for name, value in answers.items()))
    assert configure.main(["--answers", str(path), "--device", str(device)]) == 0
    assert written(device)["SERVER"] == "localhost"
    assert "answers.py" in capsys.readouterr().err.replace("\n", "")


def test_missing_answer_without_a_terminal_fails(device, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert configure.main(["--device", str(device)]) == 1
    assert "no terminal to ask at" in capsys.readouterr().err
