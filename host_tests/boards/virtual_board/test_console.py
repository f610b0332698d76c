"""tools/virtual_board: to mpremote and to a person it is a board."""

import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import sys
import tty

import pytest

from host_tests.support.mpremote import mpremote, put, start
from host_tests.support.runtimes import ROOT
from host_tests.support.terminal import Terminal
from host_tests.support.virtual_boards import WLAN
from tools import wifi
from tools.configure import kinds
from tools.private import FolderInUse
from tools.virtual_board import VirtualBoard

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
    """A person at `mpremote connect PORT`."""

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
    """`make board`, killed as by a crash: its locks must be free then."""

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


def test_implementation_can_be_set():
    says = {"version": (1, 22, 1), "_machine": "Raspberry Pi Pico W with RP2040"}
    ask = "import sys; i = sys.implementation; print(i.name, i.version, i._machine, i[1][:2])"
    with VirtualBoard(implementation=says) as board:
        answer = "micropython (1, 22, 1) Raspberry Pi Pico W with RP2040 (1, 22)\n"
        assert mpremote(board, "exec", ask) == answer
