"""make configure: what becomes of answers: config.py, and a board that sends with it."""

import json
import os
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.support.configuring import SAMPLE, SEND_IT, WIFI_PASSWORD, on_micropython, written
from host_tests.support.runtimes import ROOT
from host_tests.support.servers import USER, missing
from tools.configure import __main__ as configure
from tools.configure import configuration
from tools.configure.certificate import Certificate


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
