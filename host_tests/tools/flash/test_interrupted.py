"""make flash: the cable pulled and the power cut; each file is old or new."""

import contextlib
import itertools

import pytest

from host_tests.support.flashing import FILES, files
from tools.flash import content, problems
from tools.flash.board import Board

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
