"""Update the files on a board. At any moment each file is the old or the new one."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from tools.flash.board import Board
from tools.flash.content import FOLDERS
from tools.flash.problems import Damaged, FlashFull

# The name of a file until it is complete and verified.
PART = "/flash.part"

_SPARE = 4  # blocks that littlefs needs for itself
_FOLDER = 2  # blocks for a folder


@dataclass
class Plan:
    """What an update does."""

    changed: dict[str, bytes]
    gone: list[str]
    foreign: list[str]  # the user's own earlier program
    same: int  # files

    @property
    def octets(self) -> int:
        return sum(map(len, self.changed.values()))


def plan(board: Board, wanted: dict[str, bytes]) -> Plan:
    """Compare the files. Raises FlashFull if they do not fit."""
    folders = {"/", *FOLDERS, *map(os.path.dirname, wanted)}
    have = {folder: board.sizes(folder) for folder in sorted(folders)}
    sizes = {path: size for files in have.values() for path, size in files.items()}
    changed = {
        path: octets
        for path, octets in wanted.items()
        if sizes.get(path) != len(octets)
        or board.checksum(path) != hashlib.sha256(octets).digest()
    }
    _check_space(board, changed, sizes, sum(not have[folder] for folder in folders))
    gone = [path for path in sizes if path not in wanted and _ours(path, wanted)]
    foreign = [path for path in ("/boot.py", "/main.py") if path in sizes and not have["/alert"]]
    return Plan(changed, gone, foreign, len(wanted) - len(changed))


def _ours(path: str, wanted: dict[str, bytes]) -> bool:
    """Whether an unneeded file is left from an earlier update."""
    stem = os.path.splitext(path)[0]
    return (
        path == PART
        or any(path.startswith(folder + "/") for folder in FOLDERS)
        # MicroPython would import a .py file instead of our .mpy.
        or any(stem + other in wanted for other in (".py", ".mpy"))
    )


def _check_space(
    board: Board, changed: dict[str, bytes], sizes: dict[str, int], new_folders: int
) -> None:
    """Raise FlashFull if the files do not fit. Old and new version of a file exist for a moment.

    The estimate is careful: littlefs counts the blocks of its folders twice, and small files take
    none.
    """
    block = board.facts.block
    free = board.facts.free - _SPARE - _FOLDER * new_folders + blocks(sizes.get(PART, 0), block)
    lowest = free
    for path, octets in changed.items():
        free -= blocks(len(octets), block)
        lowest = min(lowest, free)
        free += blocks(sizes.get(path, 0), block)
    if lowest < 0:
        raise FlashFull(
            f"the board's flash is too full: {-lowest * block // 1024} KB of"
            f" {board.facts.blocks * block // 1024} are missing. Nothing was changed. Remove files"
            " of yours and run this again"
        )


def blocks(size: int, block: int) -> int:
    """Return how many blocks a file takes."""
    return -(-size // block)


def update(board: Board, plan: Plan, progress: Callable[[str, int], None]) -> None:
    """Write and remove. progress(path, n) is called after n more bytes of a file."""
    if PART in plan.gone:
        board.remove(PART)
    for path in plan.foreign:
        if path in plan.changed:
            board.rename(path, path + ".old")
    for path, octets in plan.changed.items():
        board.make_folder(os.path.dirname(path))
        _replace(board, path, octets, progress)
    for path in plan.gone:
        if path != PART:
            board.remove(path)


def _replace(board: Board, path: str, octets: bytes, progress: Callable[[str, int], None]) -> None:
    there = 0

    def written(so_far: int) -> None:
        nonlocal there
        progress(path, so_far - there)
        there = so_far

    board.write(PART, octets, written)
    if board.checksum(PART) != hashlib.sha256(octets).digest():
        raise Damaged(
            f"{path} does not read back as it was written: run this again; if it stays so, the"
            " flash is worn out or the cable is bad. The file that was there is still there"
        )
    board.rename(PART, path)
