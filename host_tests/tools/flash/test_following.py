"""make flash: what the board prints is shown until its network is up."""

import shutil

import pytest

from host_tests.support.flashing import (
    ALERT,
    FILES,
    HOSTILE,
    files,
    in_one_line,
    says,
    small_board,
)
from host_tests.support.mpremote import mpremote
from tools.flash import follow, problems
from tools.flash.board import Board


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
