"""Plays dialogues by number: many, in several processes, or one that is printed."""

import collections
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).resolve().parents[2]
for _folder in ("lib", "host_tests/cases"):  # as pyproject.toml has them for pytest
    if str(_ROOT / _folder) not in sys.path:
        sys.path.insert(0, str(_ROOT / _folder))

from host_tests.fuzz import faults  # noqa: E402
from host_tests.fuzz.application import Files, use_cheap_tls  # noqa: E402
from host_tests.fuzz.dialogue import Dialogue  # noqa: E402
from host_tests.fuzz.link import Violation  # noqa: E402
from host_tests.fuzz.mails import Mail, make_pool, verify  # noqa: E402

_BATCH = 200  # dialogues that a process plays between two reports
_LONGEST_LINE = 300  # of a transcript


class Settings(NamedTuple):
    """Which dialogues to play. plant: the name of a fault in faults.py, "" for none."""

    seed: int = 1
    first: int = 0
    count: int = 200000
    jobs: int = 0
    most_failed: int = 20
    plant: str = ""


class Failed(NamedTuple):
    """A dialogue that failed, and the property."""

    number: int
    name: str
    text: str

    def kind(self) -> str:
        """What it has in common with others."""
        last = self.text.strip().splitlines()[-1] if self.text else ""
        return f"{self.name}: " + re.sub(r"\d+", "N", re.sub(r"[{\[].*[}\]]", "…", last))[:140]


class Player:
    """Plays dialogues in this process."""

    def __init__(self, settings: Settings):
        self._seed = settings.seed
        self._folder = tempfile.TemporaryDirectory(prefix="hssmtp-fuzz-")
        self._files = Files()
        use_cheap_tls()
        self._pool: list[Mail] = make_pool(Path(self._folder.name))
        for mail in self._pool:
            verify(mail)
        self._files.install()
        if settings.plant:
            faults.plant(settings.plant)
        self.results: collections.Counter[str] = collections.Counter()

    def play(self, number: int, trace: Any = None) -> Failed | None:
        """Play one; return what did not hold."""
        try:
            dialogue = Dialogue(self._seed, number, self._pool, self._files, trace)
            try:
                dialogue.run()
            finally:
                self.results.update(dialogue.results)
        except Violation as violation:
            self._files.count = 0
            return Failed(number, violation.name, violation.text)
        return None

    def close(self) -> None:
        """Delete the files."""
        self._folder.cleanup()


_player: Player | None = None  # of this process


def _start(settings: Settings) -> None:
    global _player
    _player = Player(settings)


def _play(numbers: range) -> tuple[int, list[Failed], dict[str, int]]:
    assert _player
    _player.results.clear()
    failed = [found for number in numbers if (found := _player.play(number))]
    return len(numbers), failed, dict(_player.results)


class Run:
    """Plays all that the settings say; failed, results and done tell how far it is."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.failed: list[Failed] = []
        self.results: collections.Counter[str] = collections.Counter()
        self.done = 0

    def play(self) -> Iterator[int]:
        """Play; yield how many are done."""
        settings = self.settings
        end = settings.first + settings.count
        batches = [
            range(at, min(at + _BATCH, end)) for at in range(settings.first, end, _BATCH)
        ]
        jobs = settings.jobs or os.cpu_count() or 1
        with multiprocessing.Pool(jobs, _start, (settings,)) as pool:
            for count, failed, results in pool.imap_unordered(_play, batches):
                self.done += count
                self.failed += failed
                self.results.update(results)
                yield self.done
                if len(self.failed) >= settings.most_failed:
                    break
        self.failed.sort()


def transcript(settings: Settings, number: int) -> str:
    """Play one dialogue; return what was said and what came of it, all printable."""
    lines: list[str] = []

    def trace(who, what):
        said = repr(what)[2:-1] if isinstance(what, bytes) else str(what)
        if len(said) > _LONGEST_LINE:
            said = f"{said[:_LONGEST_LINE]}… ({len(what)})"
        lines.append(f"{who:>8}  {said}")

    player = Player(settings)
    try:
        found = player.play(number, trace)
    finally:
        player.close()
    lines.append("" if found else "all properties hold")
    if found:
        lines.append(f"violated: {found.name}: {found.text}")
    return "\n".join(lines)
