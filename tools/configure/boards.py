"""The boards of boards/, and the sample's pins on each of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.configure import configuration

# A comment in config.py: the application refuses settings that it does not know.
_NOTE = "# The pins in INPUTS are those of {}."
_NOTED = re.compile(r"^# The pins in INPUTS are those of (\w+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Board:
    """A board: its folder, the name that its firmware reports, and the pins for INPUTS."""

    folder: str
    name: str
    is_wireless: bool
    pins: Mapping[str, object]  # by kind of input: "digital", "analogue"


def known(folder: Path) -> dict[str, Board]:
    """Return the boards in a folder, by the names of their folders."""
    boards: dict[str, Board] = {}
    for path in sorted(folder.glob("*/board.py")):
        told = configuration.read(path)
        pins = {"digital": told["DIGITAL"], "analogue": told["ANALOGUE"]}
        name = path.parent.name
        boards[name] = Board(name, str(told["NAME"]), bool(told["WIRELESS"]), pins)
    return boards


def noted(text: str) -> str | None:
    """Return the board that a config.py was made for, or None."""
    found = _NOTED.search(text)
    return found[1] if found else None


def fitted(text: str, board: Board, boards: Mapping[str, Board]) -> str:
    """Return a config.py with the board's pins in its INPUTS.

    Only pins that came from a board are replaced. Pins that a person has chosen stay.
    """
    before = noted(text)
    given = [boards[before]] if before and before in boards else list(boards.values())
    old = {kind: [one.pins[kind] for one in given] for kind in board.pins}
    return noting(configuration.wired(text, board.pins, old), board)


def noting(text: str, board: Board) -> str:
    """Return a config.py with a comment that names the board."""
    note = _NOTE.format(board.folder)
    if _NOTED.search(text):
        return _NOTED.sub(note, text, count=1)
    return text + ("" if not text or text.endswith("\n") else "\n") + note + "\n"
