"""firmware/examples on a virtual board: each as main.py, with a real server and TLS."""

import csv
import re

from host_tests.alert_device import DOOR, Device, parsed
from host_tests.runtimes import ROOT


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


def test_mail_and_sleep(device: Device, aiosmtpd_server, address):
    device.board.set_adc(26, 32768)
    start(device, "mail_and_sleep.py", SECONDS_FOR_CTRL_C=0, HOURS_ASLEEP=0.0002)
    for _ in range(2):
        message = parsed(aiosmtpd_server.wait_for_mail(address))
        assert message["Subject"] == "boiler room: 1.65 V"
    device.board.wait_for_start("deepsleep")


def test_camera_frame(device: Device, aiosmtpd_server, address):
    start(device, "camera_frame.py")
    message = parsed(aiosmtpd_server.wait_for_mail(address))
    (frame,) = message.iter_attachments()
    octets = frame.get_content()
    assert frame.get_content_type() == "image/bmp"
    assert octets[:2] == b"BM" and len(octets) == 54 + 3 * 320 * 240
    assert [octets[54 + 960 * row + 2] for row in range(240)] == list(range(240))
    device.board.wait_for("sent to 1 of 1 recipients")


def test_csv_log(device: Device, aiosmtpd_server, address):
    device.board.set_adc(26, 12345)
    start(device, "csv_log.py", MINUTES=0.0005, LINES=20, RETRY_MS=100)
    for _ in range(2):
        message = parsed(aiosmtpd_server.wait_for_mail(address))
        (attachment,) = message.iter_attachments()
        rows = list(csv.reader(attachment.get_content().splitlines()))
        assert attachment.get_content_type() == "text/csv"
        assert len(rows) == 20 and {row[1] for row in rows} == {"12345"}


def test_with_asyncio(device: Device, aiosmtpd_server, address):
    start(device, "with_asyncio.py")
    device.board.wait_for("the network is up")
    device.board.set_pin(DOOR, 0)
    message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Subject"] == "boiler room: pressed 1 times"
    device.board.wait_for("sent to 1 of 1 recipients")
    assert device.board.pin("LED") in (0, 1)
