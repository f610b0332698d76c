"""make flash: what is on the board afterwards, and what stays."""

import shutil

from host_tests.support.flashing import FILES, files, small_board
from host_tests.support.mpremote import mpremote


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


def test_board_that_loads_no_mpy_gets_sources(flash):
    with small_board(says={"_mpy": 0}) as board:
        status, said = flash(board)
        assert status == 0, said
        assert {path.replace(".mpy", ".py") for path in FILES} == set(files(board))
        assert "  Small Board smtp.example.com mail 42\n" in said
