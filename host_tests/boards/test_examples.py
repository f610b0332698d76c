"""firmware/examples on a virtual board: each as main.py, with a real server and TLS."""

import ast
import csv
import re
import time

import pytest

from host_tests.support.alert_device import DOOR, Device, board_file, parsed
from host_tests.support.runtimes import ROOT

EXAMPLES = sorted((ROOT / "firmware" / "examples").glob("*.py"))
FAST = {
    "mail_and_sleep.py": {"SECONDS_FOR_CTRL_C": 0, "HOURS_ASLEEP": 0.0002},
    "csv_log.py": {"MINUTES": 0.0005, "LINES": 20, "RETRY_MS": 100},
}


def start(device: Device, name: str, **constants: object) -> None:
    """Put an example onto the board as main.py, with other constants, and start it."""
    examples = ROOT / "firmware" / "examples"
    text = (examples / name).read_text(encoding="utf-8")
    for constant, value in constants.items():
        text, count = re.subn(rf"^{constant} = .*$", f"{constant} = {value}", text, flags=re.M)
        assert count == 1
    device.put("online.py", (examples / "online.py").read_text(encoding="utf-8"))
    device.put("main.py", text)
    device.configure()


def check_nothing_was_raised(device: Device) -> None:
    """The output since main.py runs: mpremote raises exceptions of its own before."""
    assert "Traceback" not in device.board.output.split("connecting to Wi-Fi", 1)[1]


def test_mail_and_sleep_sends_and_sleeps(device: Device, aiosmtpd_server, address):
    device.board.set_adc(26, 32768)
    start(device, "mail_and_sleep.py", **FAST["mail_and_sleep.py"])
    for _ in range(2):
        message = parsed(aiosmtpd_server.wait_for_mail(address))
        assert message["Subject"] == "boiler room: 1.65 V"
    device.board.wait_for_start("deepsleep")


def test_camera_frame_sends_a_picture(device: Device, aiosmtpd_server, address):
    start(device, "camera_frame.py")
    message = parsed(aiosmtpd_server.wait_for_mail(address))
    (frame,) = message.iter_attachments()
    octets = frame.get_content()
    assert frame.get_content_type() == "image/bmp"
    assert octets[:2] == b"BM" and len(octets) == 54 + 3 * 320 * 240
    assert [octets[54 + 960 * row + 2] for row in range(240)] == list(range(240))
    device.board.wait_for("sent to 1 of 1 recipients")


def test_csv_log_loses_no_line(device: Device, aiosmtpd_server, address):
    device.board.set_adc(26, 12345)
    start(device, "csv_log.py", **FAST["csv_log.py"])
    for _ in range(2):
        message = parsed(aiosmtpd_server.wait_for_mail(address))
        (attachment,) = message.iter_attachments()
        rows = list(csv.reader(attachment.get_content().splitlines()))
        assert attachment.get_content_type() == "text/csv"
        assert len(rows) == 20 and {row[1] for row in rows} == {"12345"}


@pytest.mark.parametrize("led", ["LED", None])
def test_with_asyncio_sends_one_mail_a_press(device: Device, aiosmtpd_server, address, led):
    """Also if the button is held, and without an LED."""
    device.put("board.py", board_file(led=led))
    start(device, "with_asyncio.py")
    device.board.wait_for("the network is up")
    for presses in (1, 2):
        device.board.set_pin(DOOR, 0)
        message = parsed(aiosmtpd_server.wait_for_mail(address))
        assert message["Subject"] == f"boiler room: pressed {presses} times"
        device.board.wait_for("sent to 1 of 1 recipients")
        time.sleep(1)  # held down
        assert device.board.output.count("sent to") == presses
        device.board.set_pin(DOOR, 1)
        time.sleep(1)
    check_nothing_was_raised(device)
    if led:
        assert device.board.pin(led) in (0, 1)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_name_no_pins(path):
    """board.py has the pins, and says if there is an LED."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            is_pin = call.func.attr in ("Pin", "ADC")
            assert not is_pin or not isinstance(call.args[0], ast.Constant), ast.unparse(call)


@pytest.mark.parametrize("name", ["mail_and_sleep.py", "camera_frame.py", "csv_log.py"])
def test_example_runs_with_other_pins_and_without_an_led(
    device: Device, aiosmtpd_server, address, name
):
    other = board_file(led=None).replace("ANALOGUE = 26", "ANALOGUE = 4")
    device.put("board.py", other.replace("DIGITAL = 15", "DIGITAL = 5"))
    start(device, name, **FAST.get(name, {}))
    aiosmtpd_server.wait_for_mail(address)
    check_nothing_was_raised(device)
