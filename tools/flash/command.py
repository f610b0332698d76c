"""The command: `python -m tools.flash PORT [--board BOARD]`."""

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from tools.flash.board import Board, Facts, ports_in_words
from tools.flash.content import Project
from tools.flash.problems import NoBoard, Problem, TooOld, WrongPython
from tools.flash.update import plan, update

ROOT = Path(__file__).resolve().parent.parent.parent
OLDEST = (1, 23, 0)
# The board's first lines are over after so many, so long (s), or when it is quiet for so long (s).
LINES = 20
LONGEST = 15.0
QUIET = 2.0


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Flash a board; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.flash",
        description="Put the firmware, the library and device/config.py onto a board.",
    )
    parser.add_argument("port", nargs="?", help="its serial port, as mpremote takes it")
    parser.add_argument("--board", help="which of boards/; without it the board is asked")
    options = parser.parse_args(arguments)
    try:
        if not options.port:
            raise NoBoard(f"at which port is the board? PORT=… names it. {ports_in_words()}")
        flash(options.port, options.board, Project(root))
    except Problem as problem:
        print(f"hssmtp: {problem}", file=sys.stderr)
        return problem.status
    except KeyboardInterrupt:
        print("hssmtp: stopped. Run this again and it goes on", file=sys.stderr)
        return 130
    return 0


def flash(port: str, name: str | None, project: Project) -> None:
    """Ask, compare, copy, reset, listen."""
    with Board(port) as board:
        facts = board.facts
        check(facts)
        board.soft_reset()
        name = name or project.which(facts.machine)
        print(
            f"{facts.machine}, MicroPython {'.'.join(map(str, facts.version))}:"
            f" {facts.free * facts.block // 1024} of {facts.blocks * facts.block // 1024} KB flash"
            f" and {facts.heap // 1024} KB heap free; flashed as {name}"
        )
        todo = plan(board, project.files(name, facts))
        nothing = not todo.octets or None  # None: no bar where nobody sees it
        with tqdm(total=todo.octets, unit="B", unit_scale=True, disable=nothing) as bar:

            def progress(path: str, octets: int) -> None:
                bar.set_description(path)
                bar.update(octets)

            update(board, todo, progress)
        for path in todo.foreign:
            if path in todo.changed:
                print(f"{path} was another's: it is kept as {path}.old")
        print(
            f"{len(todo.changed)} files written ({todo.octets:,} octets), {todo.same} were there"
            f" already, {len(todo.gone)} removed; every checksum is right"
        )
        if not (project.root / "device" / "config.py").exists():
            print("There is no device/config.py, the board keeps what it has: make configure")
        board.reset()
        print("The board starts:")
        for line in itertools.islice(board.lines(QUIET, LONGEST), LINES):
            print("  " + line)


def check(facts: Facts) -> None:
    """Raise if it can't run there."""
    if facts.implementation != "micropython":
        raise WrongPython(
            f"this is {facts.implementation} {'.'.join(map(str, facts.version))}, and the firmware"
            " is for MicroPython: https://micropython.org/download has it for your board"
        )
    if facts.version < OLDEST:
        raise TooOld(
            f"the board has MicroPython {'.'.join(map(str, facts.version))}, and 1.23 is the"
            " oldest that will do: https://micropython.org/download"
        )
