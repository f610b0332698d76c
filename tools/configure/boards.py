"""The boards of boards/, and the sample's pins on each of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.configure import configuration

# In config.py: the application on the board takes no setting that it does not know.
_NOTE = "# The pins in INPUTS are those of {}."
_NOTED = re.compile(r"^# The pins in INPUTS are those of (\w+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Board:
    """A board: its folder's name, what its firmware calls it, and the pins for INPUTS."""

    folder: str
    name: str
    is_wireless: bool
    pins: Mapping[str, object]  # by the kind of input: "digital", "analogue"


def known(folder: Path) -> dict[str, Board]:
    """The boards of a folder, by the names of theirs."""
    boards: dict[str, Board] = {}
    for path in sorted(folder.glob("*/board.py")):
        told = configuration.read(path)
        pins = {"digital": told["DIGITAL"], "analogue": told["ANALOGUE"]}
        name = path.parent.name
        boards[name] = Board(name, str(told["NAME"]), bool(told["WIRELESS"]), pins)
    return boards


def noted(text: str) -> str | None:
    """Return the board that a config.py was made for, if that is known."""
    found = _NOTED.search(text)
    return found[1] if found else None


def fitted(text: str, board: Board, boards: Mapping[str, Board]) -> str:
    """Return a config.py with the board's pins in its INPUTS.

    Only a pin that came from a board is replaced; one that a person has chosen stays.
    """
    before = noted(text)
    given = [boards[before]] if before and before in boards else list(boards.values())
    old = {kind: [one.pins[kind] for one in given] for kind in board.pins}
    return noting(configuration.wired(text, board.pins, old), board)


def noting(text: str, board: Board) -> str:
    """Return a config.py that tells which board it was made for."""
    note = _NOTE.format(board.folder)
    if _NOTED.search(text):
        return _NOTED.sub(note, text, count=1)
    return text + ("" if not text or text.endswith("\n") else "\n") + note + "\n"
