"""make flash: each problem has its words and its exit status."""

import os
import pty

import pytest
import serial
from serial.tools import list_ports, list_ports_common

from host_tests.support.flashing import files, says, small_board
from tools.flash import board as boards
from tools.flash import problems, update
from tools.flash.board import Board
from tools.virtual_board import VirtualBoard


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
