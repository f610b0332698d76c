"""What the tests of make flash share: a project, and a virtual board."""

import pytest

from host_tests.support.flashing import ALERT, SETTINGS, VIPER, fits, small_board
from host_tests.support.mpremote import require
from tools.flash import command, follow


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
