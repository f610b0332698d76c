"""The environments that `make` builds: the users' is small, and a failure is told in words."""

import importlib.util
import os
import subprocess
import sys

import pytest

from host_tests.support.runtimes import ROOT

MOST_MEGABYTES = 120  # of the environment for users; the other one is far larger

_spec = importlib.util.spec_from_file_location("environment", ROOT / "tools" / "environment.py")
environment = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(environment)


def test_users_environment_is_small_and_runs_the_commands(tmp_path):
    folder = tmp_path / "user"
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "environment.py", folder, "user"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"making the Python environment {folder}" in done.stdout
    size = int(done.stdout.split("user: ")[1].split(" MB")[0])
    assert size <= MOST_MEGABYTES
    for command in ("flash", "configure", "mailbox", "virtual_board"):
        help_text = subprocess.run(
            [folder / "bin" / "python", "-m", f"tools.{command}", "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert help_text.returncode == 0, help_text.stderr
        assert "usage:" in help_text.stdout
    imported = [folder / "bin" / "python", "-c", "import tools.demo"]
    subprocess.run(imported, cwd=ROOT, check=True)


def test_every_command_of_users_is_in_the_makefile():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    users = {line.partition(":")[0] for line in lines if ": $(TOOLS)/ready" in line}
    assert users == {"flash", "configure", "demo", "board", "mailbox"}


def test_make_lists_each_command():
    said = subprocess.check_output(["make"], cwd=ROOT, text=True)
    for name in ("demo", "flash", "test", "lint", "release", "clean"):
        assert f"\nmake {name} " in said, said
    assert max(map(len, said.splitlines())) <= 80


def fails(monkeypatch, *results):
    """Run make() with subprocesses that end so; return what the problem says."""
    ended = iter(results)
    monkeypatch.setattr(environment.subprocess, "run", lambda *_, **__: next(ended))
    with pytest.raises(environment.Problem) as problem:
        environment.make(ROOT / "build" / "never", "user")
    return str(problem.value)


def test_missing_venv_module_is_told(monkeypatch):
    done = subprocess.CompletedProcess([], 1, "", "Traceback:\nNo module named venv\n")
    said = fails(monkeypatch, done)
    assert said == "No module named venv\ninstall Python's venv (Debian: python3-venv)"


def test_old_python_is_told(monkeypatch):
    monkeypatch.setattr(environment, "OLDEST", (9, 0))
    with pytest.raises(environment.Problem, match="is too old"):
        environment.make(ROOT / "build" / "never", "user")


def test_failed_installation_is_told_and_not_taken_for_ready(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "environment.py", tmp_path / "env", "user"],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("hssmtp: ERROR: ")
    assert "is this computer online? run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "env" / "ready").exists()
