"""mpremote as a person calls it."""

import subprocess
import sys
from pathlib import Path

import pytest

from host_tests.support.runtimes import RUNTIMES
from host_tests.support.servers import missing
from tools.virtual_board import VirtualBoard


def mpremote(board: VirtualBoard, *arguments: object) -> str:
    """Run it on that board; return what it printed."""
    done = start(board, *arguments)
    out, _ = done.communicate(timeout=60)
    assert done.returncode == 0, out
    return out


def start(board: VirtualBoard, *arguments: object) -> subprocess.Popen[str]:
    """Let it run."""
    return subprocess.Popen(
        [sys.executable, "-m", "mpremote", "connect", board.port, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def put(board: VirtualBoard, folder: Path, **programs: str) -> None:
    """Write main="…" as /main.py, and so on, by way of a folder here; then start anew."""
    for name, text in programs.items():
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        mpremote(board, "cp", path, f":{name}.py")
    board.discard()
    board.press_reset()


def require() -> None:
    """Skip where there can't be a virtual board."""
    if sys.platform != "linux":
        pytest.skip("the virtual board needs Linux")
    if RUNTIMES["micropython"].command() is None:
        missing("no micropython", RUNTIMES["micropython"].hint)
