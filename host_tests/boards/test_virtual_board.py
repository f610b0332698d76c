"""tools/virtual_board: to mpremote, to a program and to a person it is a board."""

import asyncio
import os
import pty
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import tty
from types import SimpleNamespace

import pytest

from host_tests.support.mpremote import mpremote, put, require, start
from host_tests.support.runtimes import ROOT
from host_tests.support.terminal import Terminal
from tools import wifi
from tools.configure import kinds
from tools.private import FolderInUse
from tools.virtual_board import VirtualBoard, life
from tools.virtual_board.board import TIMEOUT
from tools.virtual_board.device import registers as places


@pytest.fixture(autouse=True)
def on_linux():
    require()


@pytest.fixture
def board():
    with VirtualBoard() as board:
        yield board


# By hand


def test_mpremote_commands_work(board, tmp_path):
    (tmp_path / "one.py").write_text("import sys\nprint('ran on', sys.platform)\n")
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "data.bin").write_bytes(bytes(range(256)) * 4)
    assert mpremote(board, "exec", "print(6 * 7)") == "42\n"
    assert mpremote(board, "eval", "6 * 7") == "42\n"
    assert mpremote(board, "run", tmp_path / "one.py") == "ran on linux\n"
    mpremote(board, "cp", tmp_path / "one.py", ":")
    mpremote(board, "cp", "-r", tmp_path / "many", ":")
    assert "Up to date: ./many/data.bin" in mpremote(board, "cp", "-r", tmp_path / "many", ":")
    assert "one.py" in mpremote(board, "ls")
    assert mpremote(board, "cat", "one.py") == (tmp_path / "one.py").read_text()
    mpremote(board, "cp", ":many/data.bin", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == bytes(range(256)) * 4
    mpremote(board, "rm", "-r", ":many")
    assert "many" not in mpremote(board, "ls")
    assert "1048576" in mpremote(board, "df")


def test_resume_keeps_variables_and_a_soft_reset_does_not(board):
    mpremote(board, "exec", "kept = 5")
    assert mpremote(board, "resume", "exec", "print(kept)") == "5\n"
    mpremote(board, "soft-reset")
    assert mpremote(board, "resume", "exec", "print('kept' in globals())") == "False\n"
    assert set(board.starts[1:]) == {"soft reset"}
    mpremote(board, "reset")
    board.wait_for_start("reset")


class Person:
    """At the keyboard, with `mpremote connect PORT`."""

    def __init__(self, board):
        self.keyboard, theirs = pty.openpty()
        tty.setraw(theirs)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mpremote", "connect", board.port],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)

    def sees(self, text):
        seen = ""
        while text not in seen:
            assert select.select([self.keyboard], [], [], 60)[0], seen
            seen += os.read(self.keyboard, 1000).decode()
        return seen

    def types(self, text):
        os.write(self.keyboard, text.encode())


def test_prompt_takes_input_like_a_board(board, tmp_path):
    put(board, tmp_path, main="import time\nprint('busy')\nwhile True: time.sleep(1)\n")
    person = Person(board)
    person.sees("exit this shell")
    person.types("\x03")
    assert "KeyboardInterrupt: \r\n" in person.sees(">>> ")
    person.types("6 * 7\r")
    person.sees("42\r\n>>> ")
    person.types("\x03")
    person.sees(">>> ")
    person.types("\x04")
    person.sees("MPY: soft reboot\r\nbusy\r\n")
    person.types("\x03")
    person.sees(">>> ")
    person.types("\x05print(1)\rprint(2)\r\x04")  # paste mode
    person.sees("1\r\n2\r\n>>> ")
    person.types("\x1d")
    assert person.process.wait(60) == 0
    os.close(person.keyboard)


def test_command_runs_until_ctrl_c(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.virtual_board", "--keep", tmp_path / "kept"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        # As at a terminal, if these tests run in the background too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        lines = list(iter(process.stdout.readline, "`help` lists the other commands.\n"))
        assert process.stdout.readline() == "\n"
        assert lines[2].split()[:3] == ["mpremote", "connect", str(tmp_path / "kept" / "port")]
        board = VirtualBoard(tmp_path / "kept")  # its names, not another
        mpremote(board, "touch", ":kept.txt")
        program = "import machine\nwhile machine.ADC(26).read_u16() == 0: pass\nprint('hot')"
        waiting = start(board, "exec", program)
        process.stdin.write("adc 26\nadc 26 40000\n")
        process.stdin.flush()
        assert waiting.communicate(timeout=60)[0] == "hot\n"
        assert process.stdout.readline().startswith("not understood: ")
        process.stdin.write("pin LED\n")
        process.stdin.flush()
        assert process.stdout.readline() == "the board puts out: None\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with VirtualBoard(tmp_path / "kept") as board:
        assert "kept.txt" in mpremote(board, "ls")


class Command(Terminal):
    """`make board`. It ends as by a crash: what it held has to be free then."""

    def __init__(self, folder):
        super().__init__("tools.virtual_board", "--keep", folder, kills=True)
        self.reads_until("`help` lists the other commands.")


def test_second_board_in_the_same_folder_is_refused(tmp_path):
    command = [sys.executable, "-m", "tools.virtual_board", "--keep", tmp_path / "kept"]
    with Command(tmp_path / "kept"):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout) == (3, "")
        words = " ".join(done.stderr.split())
        assert words.startswith("make board: a board runs in ")
        assert words.endswith("name another folder: make board KEEP=FOLDER")
        with pytest.raises(FolderInUse), VirtualBoard(tmp_path / "kept"):
            pass
    with Command(tmp_path / "kept"):
        pass


def test_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").touch()
    command = [sys.executable, "-m", "tools.virtual_board", "--keep", tmp_path]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "other files in it" in " ".join(done.stderr.split())


def test_folder_is_made_private(tmp_path):
    before = os.umask(0)
    try:
        with VirtualBoard(tmp_path / "new"):
            pass
        (tmp_path / "old").mkdir(mode=0o777)
        shutil.copy(tmp_path / "new" / "flash.img", tmp_path / "old" / "flash.img")
        (tmp_path / "old" / "flash.img").chmod(0o666)
        with VirtualBoard(tmp_path / "old"):
            pass
    finally:
        os.umask(before)
    for name in ("new", "old"):
        folder = tmp_path / name
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_output_is_shown_without_escape_sequences(tmp_path):
    with Command(tmp_path / "kept") as command:
        board = VirtualBoard(tmp_path / "kept")  # its names, not another
        mpremote(board, "exec", "print('a\\x1b[2Jb\\u202e', 'word ' * 40)")
        command.types("output\npin LED")
        said = command.reads_until("the board puts out")
        assert "a?[2Jb? word" in said
        assert not set(said) & set("\x1b\x04\u202e\r")
        assert max(map(len, said.splitlines())) <= 80
        command.types("p\x1b[2Jn")
        assert "not understood: p?[2Jn" in command.reads_until("not understood")


def test_wifi_password_is_valid_for_make_configure(tmp_path):
    assert kinds.WIFI_PASSWORD.settle(wifi.PASSWORD) == wifi.PASSWORD
    with Command(tmp_path / "kept") as command:
        assert f"“{wifi.NAME}” with the password “{wifi.PASSWORD}”" in command.said
        assert max(map(len, command.said.replace(str(tmp_path), "").splitlines())) <= 80
        board = VirtualBoard(tmp_path / "kept")  # its names, not another
        program = WLAN + f"wlan.connect({wifi.NAME!r}, {wifi.PASSWORD!r})\nprint(wlan.status())\n"
        assert mpremote(board, "exec", program) == "3\n"


# What runs when


def test_boot_and_main_run_at_every_start(board, tmp_path):
    put(
        board,
        tmp_path,
        boot="print('boot', end=' ')\nx = 1\n",
        main="import machine\nprint('main', x, __name__, machine.reset_cause())\n",
    )
    board.wait_for("boot main 1 __main__ 2\r\n")
    board.press_reset()
    board.wait_for("boot main 1 __main__ 2\r\n")
    board.cut_power()
    board.power_on()
    board.wait_for("boot main 1 __main__ 1\r\n")
    assert mpremote(board, "exec", "print(x)") == "1\n"  # mpremote runs boot.py, and no main.py
    assert "main" not in board.wait_for("1\r\n")


def test_program_may_end_with_sys_exit_or_an_exception(board, tmp_path):
    put(board, tmp_path, main="def f():\n    1 / 0\nf()\n")
    assert board.wait_for(">>> ").endswith(
        "Traceback (most recent call last):\r\n"
        '  File "main.py", line 3, in <module>\r\n'
        '  File "main.py", line 2, in f\r\n'
        "ZeroDivisionError: divide by zero\r\n"
        + re.search(r"MicroPython .*\r\n", board.output)[0]
        + 'Type "help()" for more information.\r\n>>> '
    )
    put(board, tmp_path, boot="import nothing\n", main="print('never')\n")
    board.wait_for("ImportError: no module named 'nothing'")
    assert "never" not in board.wait_for(">>> ")
    end = "import os, sys\nif 'x' not in os.listdir():\n    open('x', 'w').close()\n    {}\n"
    for way in ("sys.exit()", "import machine; machine.soft_reset()"):
        put(board, tmp_path, boot="", main=end.format(way) + "print('anew')\n")
        board.wait_for("soft reboot\r\nanew")
        mpremote(board, "rm", ":x")
    put(board, tmp_path, main=end.format("import machine; machine.reset()") + "print('hard')\n")
    board.wait_for("hard")


# Flash and power


def test_full_flash_keeps_its_files(tmp_path):
    with VirtualBoard(flash_size=128 * 1024) as board:
        mpremote(board, "exec", "f = open('old', 'w'); f.write('x' * 5000); f.close()")
        program = (
            "f = open('new', 'wb')\n"
            "try:\n"
            "    while True: f.write(bytes(4096))\n"
            "except OSError as e: print(e.errno)\n"
        )
        assert mpremote(board, "exec", program) == "28\n"  # ENOSPC
        assert mpremote(board, "exec", "print(len(open('old').read()))") == "5000\n"


def test_power_cut_during_a_write(board, tmp_path):
    mpremote(board, "exec", "f = open('whole', 'w'); f.write('x' * 5000); f.close()")
    put(
        board,
        tmp_path,
        main="import os\n"
        "while True:\n"
        "    with open('half', 'w') as f: f.write('y' * 9000)\n"
        "    os.rename('half', 'whole2')\n"
        "    print('again')\n",
    )
    for _ in range(3):
        board.wait_for("again")
        board.cut_power()
        board.discard()
        board.power_on()
    board.wait_for("again")
    check = "print(*(len(open(name).read()) for name in ('whole', 'whole2')))"
    assert mpremote(board, "exec", check) == "5000 9000\n"


def test_reset_during_power_on(board):
    async def power_on_and_reset():
        await board._life.power_on()
        await asyncio.sleep(0)  # it lives, but MicroPython's process is yet to be made
        board._life.reset()

    board.cut_power()
    board._do(power_on_and_reset)
    board.wait_for_start("reset")
    assert mpremote(board, "exec", "print(6 * 7)") == "42\n"


def test_watchdog_resets_a_program_that_hangs(board, tmp_path):
    put(
        board,
        tmp_path,
        main="import machine, time\n"
        "print('cause', machine.reset_cause())\n"
        "watchdog = machine.WDT(timeout=1500)\n"
        "start = time.ticks_ms()\n"
        "while time.ticks_diff(time.ticks_ms(), start) < 2000: watchdog.feed()\n"
        "print('fed')\n"
        "while True: pass\n",
    )
    board.wait_for("cause 2\r\nfed\r\n")
    count, pause = board.feedings()
    assert count > 2
    assert 2000 / count <= pause < 1500
    board.wait_for("cause 3\r\n")


def test_watchdog_may_be_fed_while_it_is_read(board, monkeypatch):
    looks = []

    def monotonic():
        """A clock of a ms at each look, behind which the board feeds at once."""
        looks.append(len(looks))
        board._registers[places.FED] = len(looks) + 1
        return len(looks) / 1000 + 0.0001

    monkeypatch.setattr(life, "time", SimpleNamespace(monotonic=monotonic))
    board._registers[places.FED] = 1
    board._do(board._life._watch, 50)
    deadline = time.monotonic() + TIMEOUT
    while len(looks) < 3 and "watchdog" not in board.starts:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert board.starts == ["power on"]


def test_watchdog_survives_a_soft_reset(board):
    mpremote(board, "exec", "import machine; machine.WDT(timeout=1000)")
    mpremote(board, "soft-reset")
    board.wait_for_start("watchdog")


def test_deepsleep_ends_in_a_start(board, tmp_path):
    put(
        board,
        tmp_path,
        main="import machine\n"
        "print('cause', machine.reset_cause())\n"
        "if machine.reset_cause() == machine.DEEPSLEEP_RESET: machine.deepsleep(3_600_000)\n"
        "machine.deepsleep(10)\n",
    )
    board.wait_for("cause 2\r\n")
    board.wait_for("cause 4\r\n")
    board.press_reset()  # nobody waits an hour
    board.wait_for("cause 2\r\n")


def test_clock_is_unset_at_power_on(board, tmp_path):
    program = "import time\nprint('year', time.gmtime()[0], time.time())\n"
    put(board, tmp_path, main=program)
    board.wait_for("year 2021 16094")
    program = "import machine; machine.RTC().datetime((2031, 7, 8, 1, 10, 11, 12, 0))\n" + program
    assert mpremote(board, "exec", program).startswith("year 2031")
    board.discard()
    board.press_reset()
    board.wait_for("year 2031")
    board.cut_power()
    board.power_on()
    board.wait_for("year 2021")


# Cable


def test_board_runs_without_its_cable(board, tmp_path):
    put(
        board,
        tmp_path,
        main="import time\nfor n in range(1000000):\n    print('turn', n, end=';')\n"
        "    time.sleep_ms(10)\n",
    )
    waiting = start(board, "resume", "exec", "while True: print('talking')")
    board.wait_for("talking")
    board.unplug()
    waiting.communicate(timeout=60)
    assert waiting.returncode != 0
    assert not os.path.lexists(board.port)
    board.press_reset()
    board.wait_for("turn 50;")
    board.plug_in()
    assert int(mpremote(board, "resume", "exec", "print(n)")) > 50


def test_cable_is_unplugged_after_a_number_of_bytes(board):
    board.wait_for(">>> ")
    board.unplug_after(12)
    with open(board.port, "r+b", buffering=0) as port:
        port.write(b"print(1 + 2)" + b"\rprint(4)\r")
    board.wait_for("print(1 + 2)")
    board.plug_in()
    with open(board.port, "r+b", buffering=0) as port:
        port.write(b"\r")
        board.wait_for("\r\n3\r\n>>> ")


def test_native_usb_port_disappears_at_a_reset():
    with VirtualBoard(native_usb=True) as board:
        board.wait_for(">>> ")
        with open(board.port, "r+b", buffering=0) as port:
            board.press_reset()
            with pytest.raises(OSError):
                while True:
                    port.write(b"\r")
        assert mpremote(board, "exec", "print(1)") == "1\n"


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
    """A server that says hello to who connects, and then nothing."""

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


WLAN = "import network, socket, time\nwlan = network.WLAN()\nwlan.active(True)\n"
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
        nobody.bind(("127.0.0.1", 0))  # and doesn't listen
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
    """localhost is ::1 and 127.0.0.1 on most PCs, and a server listens at one of them."""
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


def test_implementation_can_be_set():
    says = {"version": (1, 22, 1), "_machine": "Raspberry Pi Pico W with RP2040"}
    ask = "import sys; i = sys.implementation; print(i.name, i.version, i._machine, i[1][:2])"
    with VirtualBoard(implementation=says) as board:
        answer = "micropython (1, 22, 1) Raspberry Pi Pico W with RP2040 (1, 22)\n"
        assert mpremote(board, "exec", ask) == answer
