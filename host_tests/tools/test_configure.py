"""make configure: what it asks, finds out and writes; no secret shown, nothing half written."""

import io
import json
import os
import ssl
import stat
import sys

import pytest
from hssmtp import Client
from hypothesis import given
from hypothesis import strategies as st

from host_tests.support.runtimes import ROOT, run
from host_tests.support.servers import PASSWORD, USER, free_ports, missing
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context
from tools import choices
from tools.configure import __main__ as configure
from tools.configure import configuration, kinds, providers
from tools.configure.certificate import Certificate

WIFI_PASSWORD = 'a "wi-fi" \\ of\' mine'
SAMPLE = '''\
"""What this device is told."""

DEVICE = "boiler room"  # what the mails call it
RECIPIENTS = [
    "ops@example.com",  # who is on duty
]
INPUTS = [{"name": "tür", "digital": 1400, "x": 1}, {"analogue": 3}]  # "ä"
'''


@pytest.fixture(autouse=True)
def store(certificates, tmp_path, monkeypatch):
    """This PC's own: the tests' CA alone. And the sample that a first run starts from."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_pem))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    sample = tmp_path / "config_example.py"
    sample.write_text(SAMPLE, encoding="utf-8")
    monkeypatch.setattr(configure, "TEMPLATE", sample)


@pytest.fixture
def device(tmp_path):
    return tmp_path / "device"


@pytest.fixture
def answers(aiosmtpd_server):
    """Answers that are right, for the server with STARTTLS."""
    return {
        "BOARD": "RPI_PICO_W",
        "DEVICE": "boiler room",
        "WIFI_NAME": "Müller's",
        "WIFI_PASSWORD": WIFI_PASSWORD,
        "SENDER": "Boiler <boiler@example.test>",
        "SERVER": "localhost",
        "SECURITY": "starttls",
        "PORT": aiosmtpd_server.port,
        "USER": USER,
        "PASSWORD": PASSWORD,
        "RECIPIENTS": ["ops@example.test", '"Smith, J" <smith@example.test>'],
    }


@pytest.fixture
def configured(device, monkeypatch, capsys):
    """Run it with answers, a dict or their text; return all that it printed."""

    def configured(answers, *arguments, status=0):
        if not isinstance(answers, str):
            answers = "".join(f"{name} = {value!r}\n" for name, value in answers.items())
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        done = configure.main(["--answers", "-", "--device", str(device), *map(str, arguments)])
        said = "".join(capsys.readouterr())
        assert done == status, said
        assert all(len(line) <= 80 and line.isprintable() for line in said.splitlines()), said
        assert PASSWORD not in said
        assert WIFI_PASSWORD not in said
        return " ".join(said.split())  # lines are broken at 80 columns

    return configured


def written(device):
    """The configuration's plain values."""
    return configuration.read(device / "config.py")


def meant(answers):
    """What of the answers belongs into it."""
    return {name: value for name, value in answers.items() if name != "BOARD"}


# What it writes


def test_answers_become_config_py(configured, answers, device, certificates):
    said = configured(answers)
    assert Certificate((certificates.ca_der).read_bytes()).subject in said
    assert "trusts localhost" in said
    assert (device / "ca.der").read_bytes() == certificates.ca_der.read_bytes()
    rest = {"CA": "ca.der", "INPUTS": [{"name": "tür", "digital": 15, "x": 1}, {"analogue": 26}]}
    assert written(device) == {**meant(answers), **rest}
    text = (device / "config.py").read_text(encoding="utf-8")
    assert "DEVICE = 'boiler room'  # what the mails call it\n" in text
    assert SAMPLE.splitlines()[-1].replace("1400", "15").replace("3", "26") in text


def test_config_is_private(configured, answers, device):
    configured(answers)
    configured(answers)
    assert stat.S_IMODE(device.stat().st_mode) == 0o700
    assert {name.name for name in device.iterdir()} == {"config.py", "ca.der"}
    for path in device.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_device_folder_is_ignored_by_git():
    assert "/device/" in (ROOT / ".gitignore").read_text().splitlines()


READ_IT = """
import json
import config
print(json.dumps({name: getattr(config, name) for name in dir(config) if name.isupper()}))
"""

SEND_IT = """
import hssmtp
from config import *
client = hssmtp.Client(SERVER, PORT, SECURITY, USER, PASSWORD, ca=CA)
client.send_mail(hssmtp.Message(SENDER, RECIPIENTS, text="x"))
while client.tick():
    pass
print(hssmtp.explain(client))
"""


def on_micropython(micropython, device, script):
    (device / "script.py").write_text(script)
    done = run(micropython, "script.py", env={"MICROPYPATH": f".:{ROOT}/lib:.frozen"}, cwd=device)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_micropython_reads_the_same_values(configured, answers, device, micropython):
    answers["DEVICE"] = "'\"\\\" + __import__('os') #\\'{}%s \u2028 \u0394T 95 °C 🔥\\"
    configured(answers)
    got = json.loads(on_micropython(micropython, device, READ_IT))
    assert got == {**written(device), **meant(answers)}


def test_micropython_sends_with_the_configuration(
    configured, answers, device, micropython, aiosmtpd_server
):
    for security, port in (("starttls", aiosmtpd_server.port), ("tls", aiosmtpd_server.tls_port)):
        configured({**answers, "SECURITY": security, "PORT": port})
        assert on_micropython(micropython, device, SEND_IT) == "sent to 2 of 2 recipients\n"
        assert aiosmtpd_server.wait_for_mail("smith@example.test").user == USER


@given(
    st.dictionaries(
        st.sampled_from(["DEVICE", "RECIPIENTS", "PASSWORD", "CA"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text())),
    )
)
def test_odd_values_are_read_back_unchanged(values):
    text = configuration.rendered(SAMPLE, values)
    got = {}
    exec(text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass"), got)
    assert {name: got[name] for name in values} == values
    assert got["INPUTS"][0]["name"] == "tür"


def test_board_with_ethernet_is_not_asked_for_wifi(configured, answers, device):
    del answers["WIFI_NAME"], answers["WIFI_PASSWORD"]
    configured({**answers, "BOARD": "W5500_EVB_PICO"})
    got = written(device)
    assert (got["WIFI_NAME"], got["WIFI_PASSWORD"]) == (None, None)


def test_certificate_check_is_switched_on_again(configured, answers, device):
    device.mkdir()
    (device / "config.py").write_text("INSECURE = True\n")
    configured(answers)
    assert written(device)["INSECURE"] is False


def test_own_lines_of_config_py_stay(configured, answers, device):
    device.mkdir()
    (device / "config.py").write_text(
        "import secrets  # mine\n"
        "NOTE = 'ä'; PORT = 1; SENDER = 'old@example.test'  # several in a line\n"
        "if secrets.HOME:\n    QUIET_MINUTES = 5\n"
        "SERVER = secrets.raise_if_run()\n"
    )
    configured(answers)
    text = (device / "config.py").read_text(encoding="utf-8")
    assert text.startswith(
        "import secrets  # mine\n"
        f"NOTE = 'ä'; PORT = {answers['PORT']}; SENDER = 'Boiler <boiler@example.test>'"
        "  # several in a line\n"
        "if secrets.HOME:\n    QUIET_MINUTES = 5\n"
        "SERVER = 'localhost'\n"
    )


def test_invalid_old_values_are_not_offered(configured, answers, device):
    device.mkdir()
    (device / "config.py").write_text("RECIPIENTS = 'ops@example.com'\nDEVICE = 5\n")
    del answers["RECIPIENTS"], answers["DEVICE"]
    configured(answers)
    got = written(device)
    assert (got["RECIPIENTS"], got["DEVICE"]) == (["boiler@example.test"], "board")


# Which board


def test_board_is_chosen_by_name_or_number(configured, answers, device):
    boards = {"rpi_pico_w": 15, "Raspberry Pi Pico W": 15, "3": 5, "esp32 generic": 27}
    for board, pin in boards.items():
        (device / "config.py").unlink(missing_ok=True)
        configured({**answers, "BOARD": board})
        assert written(device)["INPUTS"][0]["digital"] == pin, board


def test_another_board_changes_an_existing_configuration(configured, answers, device):
    configured(answers)
    path = device / "config.py"
    chosen = "{'name': 'my own', 'digital': 22}"
    path.write_text(path.read_text().replace("INPUTS = [", f"INPUTS = [{chosen}, "))
    configured({**answers, "BOARD": "esp32_generic_s3"})
    digital = [one.get("digital") for one in written(device)["INPUTS"]]
    assert digital == [22, 5, None]  # what a person has chosen stays
    del answers["BOARD"]
    configured(answers)
    assert [one.get("digital") for one in written(device)["INPUTS"]] == digital
    configured({**answers, "BOARD": "RPI_PICO_W"})
    assert [one.get("digital") for one in written(device)["INPUTS"]] == [22, 15, None]
    assert path.read_text().count("The pins in INPUTS") == 1


def test_board_without_wifi_removes_the_wifi(configured, answers, device):
    configured(answers)
    del answers["WIFI_NAME"], answers["WIFI_PASSWORD"]
    configured({**answers, "BOARD": "W5500_EVB_PICO"})
    assert written(device)["WIFI_NAME"] is None
    said = configured({**answers, "BOARD": "RPI_PICO_W"}, status=1)
    assert "WIFI_NAME is missing among the answers" in said


def test_old_configuration_gets_the_boards_pins(configured, answers, device):
    """It does not say which board it was made for: pins of any board are replaced."""
    device.mkdir()
    (device / "config.py").write_text("INPUTS = [{'digital': 15}, {'digital': 22}]\n")
    configured({**answers, "BOARD": "ESP32_GENERIC_S3"})
    assert written(device)["INPUTS"] == [{"digital": 5}, {"digital": 22}]


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
    assert "answers.py" in capsys.readouterr().err


def test_missing_answer_without_a_terminal_fails(device, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert configure.main(["--device", str(device)]) == 1
    assert "no terminal to ask at" in capsys.readouterr().err


def test_configuration_that_is_no_python_is_left_alone(configured, answers, device):
    device.mkdir()
    (device / "config.py").write_text("DEVICE = 'x'\nINPUTS = [\n")
    said = configured(answers, status=1)
    assert f"{device / 'config.py'}:2:" in said.replace(" ", "")
    assert (device / "config.py").read_text() == "DEVICE = 'x'\nINPUTS = [\n"


# Broken off


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("problem", "status"),
    [(OSError(28, "No space left on device"), 1), (KeyboardInterrupt(), 130)],
)
def test_configuration_is_written_completely_or_not_at_all(
    configured, answers, device, monkeypatch, call, nth, problem, status
):
    configured(answers)
    before = (device / "config.py").read_bytes()
    done = getattr(os, call)
    left = [nth]

    def broken(*args):
        left[0] -= 1
        if not left[0]:
            raise problem
        done(*args)

    monkeypatch.setattr(os, call, broken)
    configured({**answers, "DEVICE": "new"}, status=status)
    assert (device / "config.py").read_bytes() == before
    assert {path.name for path in device.iterdir()} == {"config.py", "ca.der"}


# All the way


def test_answers_lead_to_an_alert_from_a_board(
    configured, answers, device, tmp_path, aiosmtpd_server, monkeypatch
):
    if sys.platform != "linux":
        missing("no Linux", "the virtual board needs it")
    from tools.flash.__main__ import main as flash
    from tools.virtual_board import VirtualBoard

    monkeypatch.setattr(configure, "TEMPLATE", ROOT / "firmware" / "config_example.py")
    for name in ("boards", "firmware", "lib"):
        (tmp_path / name).symlink_to(ROOT / name)
    answers["RECIPIENTS"] = ["alert@example.test"]
    configured(answers)
    with VirtualBoard(networks={answers["WIFI_NAME"]: WIFI_PASSWORD}) as board:
        assert flash([board.port, "--board", "RPI_PICO_W"], tmp_path) == 0
        board.set_pin(written(device)["INPUTS"][0]["digital"], 0)
        mail = aiosmtpd_server.wait_for_mail("alert@example.test", 120)
    assert (mail.user, mail.tls) == (USER, True)
    assert b"Subject: boiler room: The button was pressed\r\n" in mail.content


# The providers


def test_table_of_providers_is_valid():
    keys = [one.name.lower().replace(" ", "") for one in providers.PROVIDERS]
    domains = [domain for one in providers.PROVIDERS for domain in one.domains]
    hosts = [one.host for one in providers.PROVIDERS]
    for words in (keys, domains, hosts):
        assert len(set(words)) == len(words)
        assert [word.lower() for word in words] == words
    for one in providers.PROVIDERS:
        assert Client(one.host, None, one.security, insecure=True).port in (465, 587)
        assert providers.by_host(one.host) is one


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (providers.by_host(kinds.server().settle("microsoft365")), "Microsoft 365"),
        (providers.by_host(kinds.server().settle("GMAIL")), "Gmail"),
        (providers.by_host(kinds.server().settle("2")), "Outlook"),
        (choices.choose("smtp.gmail.com", {"Gmail": "smtp.gmail.com"}), None),
        (providers.by_address("x@GoogleMail.com"), "Gmail"),
        (providers.by_address("x@gmx.com"), "GMX.com"),
        (providers.by_address("x@gmx.net"), "GMX"),
        (providers.by_address("x@notgmail.com"), None),
    ],
)
def test_provider_is_found_by_name(found, name):
    assert (found and found.name) == name


def test_providers_name_stands_for_its_server(answers, device, monkeypatch, configured):
    monkeypatch.setattr(
        providers, "PROVIDERS", (providers.Provider("Here", "localhost", "starttls", "any"),)
    )
    configured({**answers, "SERVER": "here"})
    assert written(device)["SERVER"] == "localhost"
