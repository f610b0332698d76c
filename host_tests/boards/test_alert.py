"""The alert application end to end: a virtual board, real mpremote, mail servers and TLS."""

import asyncio
import re
import socket
import struct
import threading
import time

import pytest

from host_tests.support.alert_device import BOILER, DOOR, Device, board_file, parsed, text
from host_tests.support.gate import Gate
from host_tests.support.mpremote import mpremote
from host_tests.support.nameserver import NameServer, good
from host_tests.support.servers import PASSWORD
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import server_context


class TimeServer:
    """Answers SNTP requests, over UDP: it is 2030."""

    def __init__(self, stratum=1, code=b"GPS\0"):
        self._stratum = stratum
        self._code = code

    def __enter__(self):
        self._sock = socket.socket(type=socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.address = self._sock.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *problem):
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self.address)
        self._thread.join()
        self._sock.close()

    def _serve(self):
        seconds = 2208988800 + 1900000000
        while True:
            request, sender = self._sock.recvfrom(512)
            if not request:
                return
            head = bytes((0x24, self._stratum)) + bytes(10) + self._code + bytes(8)
            reply = head + request[40:48] + bytes(8)
            self._sock.sendto(reply + struct.pack(">II", seconds & 0xFFFFFFFF, 0), sender)


def test_pressed_button_becomes_a_mail(device: Device, aiosmtpd_server, address):
    device.board.set_adc(BOILER, 65535 * 20 // 330)
    device.configure()
    device.wait_for_network()
    device.press()
    message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Subject"] == "boiler room: The door is open"
    assert "Readings then: Door open, Boiler 20.0 °C" in text(message)
    (log,) = message.iter_attachments()
    assert "alarm: The door is open" in log.get_content()
    device.board.wait_for("sent to 1 of 1 recipients")
    assert device.pending() == []


def test_heartbeat_is_sent(device: Device, aiosmtpd_server, address):
    """Every 3.6 s, for longer than the watchdog's time."""
    device.configure(HEARTBEAT_HOURS=0.001, WATCHDOG_SECONDS=3)
    for _ in range(2):
        message = parsed(aiosmtpd_server.wait_for_mail(address))
        assert message["Subject"] == "boiler room: A sign of life"


# What may happen to a board within a mail, and the result.


def lose_the_network(board):
    board.take_network_away()
    board.wait_for("the network is lost")
    board.bring_network_back()


def reset(board):
    board.press_reset()


def cut_the_power(board):
    board.cut_power()
    board.power_on()


@pytest.fixture(params=[lose_the_network, reset, cut_the_power])
def mishap(request):
    return request.param


def test_reset_within_a_mail_loses_no_alert(device: Device, aiosmtpd_server, address, mishap):
    device.put("log/older.txt", "a line of the log, from before\n" * 200)
    device.configure()
    device.wait_for_network()
    # What comes before the text is less, the text is more.
    with Gate(aiosmtpd_server.port, 5000) as gate:
        device.board.route(aiosmtpd_server.port, gate.address)
        device.press()
        assert gate.reached.wait(60)
        mishap(device.board)
        gate.open()
        message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Subject"] == "boiler room: The door is open"
    device.board.wait_for("sent to 1 of 1 recipients")
    assert device.pending() == []


class ReluctantServer(AiosmtpdServer):
    """Accepts mails, without a reply while `silent`."""

    silent = True

    def __init__(self, context):
        super().__init__(context)
        self._transports = []

    async def handle_DATA(self, server, *args):
        self._transports.append(server.transport)
        reply = await super().handle_DATA(server, *args)
        while self.silent:
            await asyncio.sleep(0.05)
        return reply

    async def _end(self):
        for transport in self._transports:  # QUIT may not be finished
            transport.abort()
        await super()._end()
        await asyncio.sleep(0.1)  # turns of the loop in which they are closed


def test_mail_in_doubt_comes_twice_rather_than_never(
    device: Device, certificates, address, mishap
):
    with ReluctantServer(server_context(certificates.good)) as server:
        device.configure(PORT=server.port)
        device.wait_for_network()
        device.press()
        first = parsed(server.wait_for_mail(address))
        mishap(device.board)
        server.silent = False
        second = parsed(server.wait_for_mail(address))
        device.board.wait_for("sent to 1 of 1 recipients")
    assert first["Subject"] == second["Subject"] == "boiler room: The door is open"
    if mishap == lose_the_network:
        assert first["Message-ID"] == second["Message-ID"]
    assert device.pending() == []


def test_alert_is_sent_once_the_server_is_back(device: Device, aiosmtpd_server, address):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        nowhere = sock.getsockname()
    device.board.route(aiosmtpd_server.port, nowhere)
    device.configure()
    device.wait_for_network()
    device.press()
    device.board.wait_for("ERROR_CONNECT")
    device.board.wait_for("ERROR_CONNECT")
    device.board.wait_for("retry in 2 s")
    device.board.press_reset()  # and its quiet time is over
    device.wait_for_network()
    device.board.wait_for("ERROR_CONNECT")  # not during a try: that would be another mail
    device.press()
    device.board.wait_for("ERROR_CONNECT")
    device.board.route(aiosmtpd_server.port, ("127.0.0.1", aiosmtpd_server.port))
    message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Subject"] == "boiler room: The door is open (2 times)"
    assert "ERROR_CONNECT" in next(message.iter_attachments()).get_content()
    device.board.wait_for("sent to 1 of 1 recipients")
    assert device.pending() == []


def test_flapping_contact_sends_one_mail_and_a_count(device: Device, aiosmtpd_server, address):
    device.configure(QUIET_MINUTES=0.1)
    device.wait_for_network()
    flaps = 0
    while " times" not in device.board.output:
        device.board.set_pin(DOOR, flaps % 2)
        flaps += 1
        time.sleep(0.1)  # not in step with the board's loop
        assert flaps < 3000
    device.board.set_pin(DOOR, 1)
    first = parsed(aiosmtpd_server.wait_for_mail(address))
    second = parsed(aiosmtpd_server.wait_for_mail(address))
    assert first["Subject"] == "boiler room: The door is open"
    subject = re.fullmatch(r"boiler room: The door is open \((\d+) times\)", second["Subject"])
    assert subject and 2 <= int(subject[1]) <= flaps
    assert device.board.output.count("sending: ") == 2


def test_alert_is_sent_once_the_password_is_corrected(device: Device, aiosmtpd_server, address):
    device.configure(PASSWORD="not the password")
    device.wait_for_network()
    device.press()
    device.board.wait_for(
        "check USER and PASSWORD; many providers want an app password; retry in 3600 s"
    )
    assert "not the password" not in device.board.output
    assert len(device.pending()) == 1
    device.configure(PASSWORD=PASSWORD)
    aiosmtpd_server.wait_for_mail(address)


def test_full_flash_does_not_stop_alerts(device: Device, aiosmtpd_server, address):
    device.configure()
    mpremote(device.board, "exec", FILL)
    device.board.press_reset()
    device.board.wait_for("the log can't be written: flash is full")
    device.press()
    aiosmtpd_server.wait_for_mail(address)
    device.board.wait_for("sent to 1 of 1 recipients")


FILL = """
for size in (65536, 4096, 100):
    try:
        for number in range(1000):
            with open('full%d-%d' % (size, number), 'wb') as file:
                file.write(bytes(size))
    except OSError:
        pass
"""


def test_first_start_with_a_full_flash(device: Device, aiosmtpd_server, address):
    """The folder for the alerts does not exist, and can't be created."""
    device.configure()
    device.board.wait_for("alerts are pending")  # the folders exist now
    mpremote(device.board, "exec", EMPTY + FILL)
    device.board.press_reset()
    device.board.wait_for("the folder pending can't be read: flash is full")
    device.wait_for_network()
    device.press()
    aiosmtpd_server.wait_for_mail(address)
    device.board.wait_for("sent to 1 of 1 recipients")


EMPTY = """
import os
for folder in ('log', 'pending'):
    for name in os.listdir(folder):
        os.remove(folder + '/' + name)
    os.rmdir(folder)
"""


def test_time_server_with_an_invalid_code(device: Device, aiosmtpd_server, address):
    with TimeServer(stratum=0, code=b"\xff\x1b[2") as clock:
        device.board.route(123, clock.address)
        device.configure(NTP_SERVER="127.0.0.1")
        device.board.wait_for(
            "no time from 127.0.0.1, retry in 16 s: it refuses this device (??[2)"
        )
        device.press()
        aiosmtpd_server.wait_for_mail(address)
    assert "broken down" not in device.board.output


def test_clock_is_set_from_the_network(device: Device, aiosmtpd_server, address):
    record = good("time.example.com. 300 A 127.0.0.1")
    with NameServer(record) as names, TimeServer() as clock:
        device.board.route(53, names.address)
        device.board.route(123, clock.address)
        device.configure(NTP_SERVER="time.example.com")
        device.board.wait_for("s after the start  started")
        device.board.wait_for("the clock is set by time.example.com")
        device.press()
        message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Date"].datetime.year == 2030
    assert "Time: 2030-" in text(message)


def test_silent_time_server_does_not_delay_alerts(device: Device, aiosmtpd_server, address):
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        device.board.route(123, silent.getsockname())
        device.configure(NTP_SERVER="127.0.0.1")
        device.wait_for_network()
        device.press()
        message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Date"] is None
    assert "s after the start" in text(message)


def test_alert_over_ethernet(device: Device, aiosmtpd_server, address):
    device.put("board.py", board_file(wireless=False, interface="LAN"))
    device.configure(WIFI_NAME=None, WIFI_PASSWORD=None)
    device.wait_for_network()
    device.press()
    aiosmtpd_server.wait_for_mail(address)


def test_wrong_wifi_password_is_logged(device: Device):
    device.configure(WIFI_PASSWORD="not the password")
    device.board.wait_for("Wi-Fi home: is the password right?")
    assert "not the password" not in device.board.output


# mpremote always gets in.


def answers(device):
    """Whether mpremote gets in, and finds the REPL."""
    return mpremote(device.board, "exec", "print(6 * 7)") == "42\n"


@pytest.mark.parametrize(
    "setting, value, told",
    [
        ("PORT", "smtp", "PORT has to be a whole number"),
        ("CA", "other.der", "CA: there is no file other.der"),
        ("RECIPIENTS", ["ops@example.com", "boss"], "RECIPIENTS: address: 'boss' is not"),
        ("QUIET_MINUTE", 5, 'QUIET_MINUTE is not a setting: did you mean "QUIET_MINUTES"?'),
        (
            "INPUTS",
            [{"name": "Door", "digtal": 15}],
            "Door: digtal: is not an option of an input: did",
        ),
    ],
)
def test_wrong_setting_is_reported_with_its_line(device: Device, setting, value, told):
    line = device.configure(**{setting: value})[setting]
    device.board.wait_for(f"config.py, line {line}: {told}")
    check_that_a_person_can_mend_it(device)


@pytest.mark.parametrize("code, told", [("INPUTS = = 5\n", "Syntax"), ("1 / 0\n", "Zero")])
def test_configuration_with_a_syntax_error_is_reported(device: Device, code, told):
    lines = device.configure(code)
    device.board.wait_for(f'File "config.py", line {len(lines) + 1}')
    device.board.wait_for(told)
    check_that_a_person_can_mend_it(device)


def check_that_a_person_can_mend_it(device):
    device.board.wait_for("correct config.py, and run `make flash` again")
    device.board.wait_for(">>> ")
    assert device.board.pin("LED") == 1
    assert answers(device)


def test_missing_configuration_is_reported(device: Device):
    assert "there is no config.py" in device.board.output
    assert answers(device)


def test_ctrl_c_releases_the_watchdog(device: Device):
    device.configure(WATCHDOG_SECONDS=3)
    device.wait_for_network()
    mpremote(device.board, "exec", "import time; time.sleep(6)")
    device.board.wait_for("stopped: ")
    assert answers(device)
    assert "watchdog" not in device.board.starts


STUCK = """
import alert.led

def step(led, now, code):
    while now > 0:
        pass

alert.led.Led.step = step
"""


def test_watchdog_resets_a_main_loop_that_hangs(device: Device):
    device.watchdog_may_bite = True
    device.configure(STUCK, WATCHDOG_SECONDS=2)
    device.board.wait_for_start("watchdog", 2)
    assert answers(device)


BROKEN = STUCK.replace("while now > 0:\n        pass", "1 / 0")


def test_exception_of_the_application_is_logged_and_resets(device: Device):
    device.configure(BROKEN, RESTART_SECONDS=1)
    device.board.wait_for("ZeroDivisionError")
    starts = device.board.starts.count("reset")
    device.board.wait_for_start("reset", starts + 2)
    assert answers(device)
    assert "broken down: ZeroDivisionError" in mpremote(device.board, "cat", ":log/log.txt")
