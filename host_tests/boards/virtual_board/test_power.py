"""tools/virtual_board: starts, resets, power, flash, watchdog, clock and cable."""

import asyncio
import os
import re
import time
from types import SimpleNamespace

import pytest

from host_tests.support.mpremote import mpremote, put, start
from tools.virtual_board import VirtualBoard, life
from tools.virtual_board.board import TIMEOUT
from tools.virtual_board.device import registers as places

# What runs at a start


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
        await asyncio.sleep(0)  # powered, but MicroPython's process does not exist yet
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
        """A clock that advances a ms at each read, after which the board feeds at once."""
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
    board.press_reset()  # a test does not wait an hour
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
