"""Check config.py on the PC with the board's own code, before anything is copied."""

import ast
import json
import os
import subprocess
import tempfile
from pathlib import Path

from tools.flash.board import Board, Facts
from tools.flash.content import Project
from tools.flash.problems import ConfigWrong
from tools.micropython import find_micropython
from tools.terminal import printable, short

# Not imported: the virtual board needs Linux, this check does not.
_DEVICE = Path(__file__).resolve().parents[1] / "virtual_board" / "device"
_REGISTERS = bytes(4096)  # more pins than device/registers.py has, all at 0
_SECONDS = 30  # time limit of the check
_SHOWN = 4000  # characters of output; config.py may print too
_STOPS = "it stops MicroPython: is there a sys.exit() in it?"


def check_config(board: Board, project: Project, name: str) -> bool:
    """Check device/config.py for a board, with the code that runs there.

    Returns False if it can't be checked: this PC has no MicroPython, or one that is too old.
    Raises ConfigWrong, with what the check printed.
    """
    micropython = find_micropython()
    if not micropython:
        return False
    with tempfile.TemporaryDirectory() as scratch:
        flash = Path(scratch, "flash")
        _lay_out(flash, board, project, name)
        numbers = Path(scratch, "registers")
        numbers.write_bytes(_REGISTERS)
        printed = _run(micropython, flash, numbers, board.facts)
    if not printed.startswith("begin\n"):
        return False
    said = printable(printed.removeprefix("begin\n")[-_SHOWN:].rstrip(), keep_lines=True)
    *_, last = said.split("\n")
    if last != "end":
        raise ConfigWrong(
            "config.py is wrong, and nothing was copied. The board's own check of\n"
            f"{short(project.config)} says:\n"
            + "".join(f"  {line}\n" for line in (said or _STOPS).split("\n"))
            + "Correct the file, or run `make configure`; then `make flash` again"
        )
    return True


def _lay_out(flash: Path, board: Board, project: Project, name: str) -> None:
    """Write the files that the board will have, the code as sources."""
    files = project.sources(name)
    ca = _ca(project.config)
    if ca and "/" + ca not in files:
        # The user may have copied this file to the board.
        content = board.read_file("/" + ca)
        if content is not None:
            files["/" + ca] = content
    for path, content in files.items():
        target = flash / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _ca(config: Path) -> str | None:
    """Return the file that config.py names as CA, without a leading /; None if there is none."""
    try:
        body = ast.parse(config.read_bytes()).body
    except (SyntaxError, ValueError):
        return None  # the check reports it
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CA":
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            return os.path.normpath("/" + value).lstrip("/") if isinstance(value, str) else None
    return None


def _run(micropython: str, flash: Path, numbers: Path, facts: Facts) -> str:
    """Run device/config_check.py; return its output."""
    implementation = {"_machine": facts.machine, "version": facts.version, "_mpy": facts.mpy}
    settings = {"registers": str(numbers), "port": 9, "implementation": implementation}
    try:
        done = subprocess.run(
            [micropython, "-c", "import config_check"],
            cwd=flash,
            env={"MICROPYPATH": str(_DEVICE), "SETTINGS": json.dumps(settings), "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"begin\nconfig.py does not come to its end within {_SECONDS} s."
    return done.stdout.decode(errors="replace")
