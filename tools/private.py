"""Folders with passwords and keys: readable by their owner only, used by one process at a time."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

_LOCK = "lock"


class FolderInUse(Exception):
    """Another process uses the folder."""


class FolderOfOthers(Exception):
    """The folder has files that this program did not make."""


def make_private(folder: Path, mark: str) -> None:
    """Create a folder if it does not exist, and make it and its files private.

    mark: the file that shows that the folder is ours. Raises FolderOfOthers if
    there are files but not the mark: the folder may be a home folder or /tmp. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = {path.name for path in folder.iterdir()} - {_LOCK}
    if names and mark not in names:
        raise FolderOfOthers(f"{folder} has other files in it: name a folder of its own")
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        if path.is_symlink():
            continue
        if path.is_dir():
            path.chmod(0o700)
        elif path.is_file():
            path.chmod(0o600)


def write_private(path: Path, content: bytes, exclusive: bool = False) -> None:
    """Write a file that only its owner may read. exclusive: raise FileExistsError if it exists."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if exclusive else os.O_TRUNC)
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
    with open(handle, "wb") as file:
        file.write(content)


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Lock the folder until this process ends, in whatever way.

    Raises FolderInUse if another process has locked it.
    """
    lock = FileLock(folder / _LOCK, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise FolderInUse(str(folder)) from None
    try:
        yield
    finally:
        lock.release()
