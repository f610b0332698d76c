"""The sources that a release is made of: files, version and commit."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.library import version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]


class Problem(Exception):
    """Why there is no release, and what to do."""


@dataclass
class Source:
    """A commit that can be released. date: seconds since 1970; address: "" without one."""

    root: Path
    version: str
    commit: str
    date: int
    address: str


def read(root: Path, allow_changes: bool) -> Source:
    """Return the sources in a clone. Raises Problem if they are not fit for a release.

    allow_changes: take the files as they are, instead of requiring that all is committed.
    """
    if not allow_changes and _git(root, "status", "--porcelain"):
        raise Problem("there are uncommitted changes: commit them, or try --allow-changes")
    found = version(root)
    if not _is_in_changelog(root, found):
        raise Problem(f"CHANGELOG.md has no section “## {found} (YYYY-MM-DD)” at its top")
    commit, date = _git(root, "log", "-1", "--format=%H %ct").split()
    return Source(root, found, commit, int(date), _address(root))


def export(source: Source, folder: Path) -> None:
    """Copy the files that git does not ignore to an empty folder; packages are built there."""
    names = _git(source.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in names.split("\0"):
        path = source.root / name
        if name and path.is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            os.utime(target, (source.date, source.date))


def _is_in_changelog(root: Path, version: str) -> bool:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (?!Unreleased)(\S+) \(\d{4}-\d\d-\d\d\)$", text, re.MULTILINE)
    return first is not None and first[1] == version


def _address(root: Path) -> str:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["hatch"]["metadata"]["hooks"]["custom"]["address"].rstrip("/")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Problem(f"git: {done.stderr.strip()}")
    return done.stdout.strip()
