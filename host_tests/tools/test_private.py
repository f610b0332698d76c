"""Folders with secrets: for their owner alone, whatever their rights were, and held by one."""

import os
import stat
import subprocess
import sys

import pytest

from host_tests.support.runtimes import ROOT
from tools.private import FolderInUse, FolderOfOthers, make_private, only_one, write_private

HOLD = """\
import sys
from pathlib import Path
from tools.private import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def careless():
    """Files would be readable by all."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_new_folder_and_files_are_private(tmp_path):
    folder = tmp_path / "above" / "new"
    make_private(folder, "mark")
    write_private(folder / "mark", b"x")
    assert (mode(folder), mode(folder / "mark")) == (0o700, 0o600)


def test_existing_folder_is_made_private(tmp_path):
    (tmp_path / "mark").mkdir(mode=0o777)
    (tmp_path / "mark" / "deep").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"x")
    outside = tmp_path.parent / "outside"
    outside.write_bytes(b"x")
    (tmp_path / "link").symlink_to(outside)
    tmp_path.chmod(0o755)
    make_private(tmp_path, "mark")
    assert mode(tmp_path) == mode(tmp_path / "mark") == 0o700
    assert mode(tmp_path / "file") == mode(tmp_path / "mark" / "deep") == 0o600
    assert mode(outside) == 0o666


def test_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_bytes(b"x")
    tmp_path.chmod(0o755)
    with pytest.raises(FolderOfOthers, match="other files"):
        make_private(tmp_path, "mark")
    assert mode(tmp_path) == 0o755
    assert mode(tmp_path / "thesis.txt") == 0o666


def test_new_file_replaces_no_existing_one(tmp_path):
    write_private(tmp_path / "one", b"old")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "one", b"new", exclusive=True)
    assert (tmp_path / "one").read_bytes() == b"old"


def hold(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_folder_is_locked_until_the_process_ends(tmp_path):
    with hold(tmp_path) as process:
        with pytest.raises(FolderInUse), only_one(tmp_path):
            pass
        process.kill()
        process.wait()
        # The file that it was held by may still be there: that alone means nothing.
        with only_one(tmp_path):
            pass


def test_stale_lock_file_does_not_lock(tmp_path):
    (tmp_path / "lock").write_text("12345")
    with only_one(tmp_path):
        pass


def test_same_process_cannot_lock_twice(tmp_path):
    with only_one(tmp_path), pytest.raises(FolderInUse), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
