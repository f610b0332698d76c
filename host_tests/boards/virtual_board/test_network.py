"""tools/virtual_board: pins, Wi-Fi, Ethernet, connections and datagrams."""

import socket
import threading

import pytest

from host_tests.support.mpremote import mpremote, put, start
from host_tests.support.virtual_boards import WLAN
from tools import wifi
from tools.virtual_board import VirtualBoard

# Pins


def test_pins_read_levels_and_voltages(board):
    setup = (
        "from machine import ADC, Pin\n"
        "up = Pin(15, Pin.IN, Pin.PULL_UP); down = Pin('GP16', Pin.IN, Pin.PULL_DOWN)\n"
        "led = Pin('LED', Pin.OUT); adc = ADC(Pin(26))\n"
        "def show(): print(up.value(), down(), led.value(), adc.read_u16())\n"
    )
    assert board.pin("LED") is None
    assert mpremote(board, "exec", setup + "show(); led.on()") == "1 0 0 0\n"
    assert board.pin("LED") == 1
    board.set_pin(15, 0)
    board.set_pin(16, 1)
    board.set_adc(26, 65535)
    assert mpremote(board, "resume", "exec", "show(); led.toggle()") == "0 1 1 65535\n"
    assert board.pin("LED") == 0
    board.set_pin(15, None)
    assert mpremote(board, "resume", "exec", "show(); led.on()") == "1 1 0 65535\n"
    mpremote(board, "soft-reset")
    assert board.pin("LED") == 1
    mpremote(board, "exec", "from machine import Pin; Pin('LED', Pin.IN)")
    assert board.pin("LED") is None
    for end, begin in ((board.cut_power, board.power_on), (board.press_reset, lambda: None)):
        mpremote(board, "exec", "from machine import Pin; Pin(2, Pin.OUT, value=1)")
        board.discard()
        end()
        begin()
        board.wait_for(">>> ")
        assert board.pin(2) is None


# Network


class Greeter:
    """A server that sends hello to each connection, and then nothing."""

    def __init__(self):
        self.connections = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # close()
                return
            self.connections.append(connection)
            connection.sendall(b"hello\n")

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for sock in (self._listener, *self.connections):
            sock.close()


@pytest.fixture
def greeter():
    greeter = Greeter()
    yield greeter
    greeter.close()


JOIN = WLAN + f"wlan.connect({wifi.NAME!r}, {wifi.PASSWORD!r})\n"
CONNECT = """\
def connect(host, port):
    sock = socket.socket()
    try:
        sock.connect(socket.getaddrinfo(host, port)[0][-1])
    except OSError as exc:
        print('errno', exc.errno)
    else:
        print(sock.readline())
    return sock
"""


def test_wifi_accepts_its_password_only(board):
    ask = "print(wlan.isconnected(), wlan.status(), wlan.ifconfig()[0], network.ipconfig('dns'))\n"
    assert mpremote(board, "exec", WLAN + ask) == "False 0 0.0.0.0 0.0.0.0\n"
    for name, key, answer in (
        ("elsewhere", wifi.PASSWORD, "False -2 0.0.0.0 0.0.0.0\n"),
        (wifi.NAME, "wrong", "False -3 0.0.0.0 0.0.0.0\n"),
        (wifi.NAME, wifi.PASSWORD, "True 3 127.0.0.1 127.0.0.1\n"),
    ):
        program = WLAN + f"network.WLAN().connect({name!r}, {key!r})\n" + ask
        assert mpremote(board, "exec", program) == answer


def test_connection_breaks_when_the_network_goes(greeter, tmp_path):
    with VirtualBoard(routes={587: greeter.address}) as board:
        put(
            board,
            tmp_path,
            main=JOIN + CONNECT + "sock = connect('smtp.example.com', 587)\n"
            "try:\n"
            "    print(sock.read(1))\n"
            "except OSError as exc:\n"
            "    print('broken', exc.errno, wlan.isconnected())\n"
            "connect('smtp.example.com', 587)\n"
            "print('waits')\n"
            f"while wlan.status() != network.STAT_GOT_IP: {JOIN.splitlines()[-1]}\n"
            "connect('smtp.example.com', 587)\n",
        )
        board.wait_for("b'hello\\n'")
        board.take_network_away()
        board.wait_for("broken 104 False\r\nerrno 113\r\nwaits\r\n")
        board.bring_network_back()
        board.wait_for("b'hello\\n'")
        with pytest.raises(OSError):  # its other end too
            while True:
                greeter.connections[0].sendall(b"anybody there?")


@pytest.mark.parametrize("end", [VirtualBoard.press_reset, VirtualBoard.cut_power])
def test_connection_breaks_when_the_board_resets(greeter, end):
    with VirtualBoard(routes={587: greeter.address}) as board:
        program = JOIN + CONNECT + "sock = connect('smtp.example.com', 587)\n"
        assert mpremote(board, "exec", program) == "b'hello\\n'\n"
        end(board)
        with pytest.raises(OSError):
            while True:
                greeter.connections[0].sendall(b"anybody there?")


def test_server_that_is_down_refuses_connections(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        with VirtualBoard(routes={587: nobody.getsockname()}) as board:
            again = "connect('smtp.example.com', 587)\n"
            assert mpremote(board, "exec", JOIN + CONNECT + again) == "errno 111\n"
            nobody.listen()
            waiting = start(board, "resume", "exec", again)
            connection, _ = nobody.accept()
            with connection:
                connection.sendall(b"up\n")
            out, _ = waiting.communicate(timeout=60)
            assert out == "b'up\\n'\n"
            nobody.close()
            assert mpremote(board, "resume", "exec", again) == "errno 111\n"


def test_name_with_several_addresses_leads_to_the_one_that_answers(board, greeter, monkeypatch):
    """localhost is ::1 and 127.0.0.1 on most PCs; the server listens at one of them."""
    port = greeter.address[1]
    real = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        if host != "two.example.com":
            return real(host, *arguments, **options)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    program = JOIN + CONNECT + f"connect('two.example.com', {port})\n"
    assert mpremote(board, "exec", program) == "b'hello\\n'\n"


def test_replies_to_datagrams_arrive(board):
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        board.route(123, server.getsockname())
        asking = start(
            board,
            "exec",
            JOIN + "to = socket.getaddrinfo('pool.ntp.org', 123)[0][-1]\n"
            "socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]\n"
            "for n, sock in enumerate(socks): sock.sendto(b'question %d' % n, to)\n"
            "for sock in socks: print(sock.recv(100))\n",
        )
        for _ in range(2):
            question, address = server.recvfrom(100)
            server.sendto(question.replace(b"question", b"answer"), address)
        out, _ = asking.communicate(timeout=60)
        assert out == "b'answer 0'\nb'answer 1'\n"


def test_ethernet_needs_no_joining(board):
    program = "import network\nlan = network.LAN()\nlan.active(True)\nprint(lan.isconnected())\n"
    assert mpremote(board, "exec", program) == "True\n"
    board.take_network_away()
    assert mpremote(board, "resume", "exec", "print(lan.isconnected())") == "False\n"
    board.bring_network_back()
    assert mpremote(board, "resume", "exec", "print(lan.isconnected())") == "True\n"
