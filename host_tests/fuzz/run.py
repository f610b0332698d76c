"""Plays dialogues by number: many, in several processes, or one that is printed."""

import collections
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).resolve().parents[2]
for _folder in ("lib", "host_tests/cases/support"):  # as pyproject.toml has them for pytest
    if str(_ROOT / _folder) not in sys.path:
        sys.path.insert(0, str(_ROOT / _folder))

from host_tests.fuzz import faults  # noqa: E402
from host_tests.fuzz.application import Files, cheap_tls  # noqa: E402
from host_tests.fuzz.dialogue import Dialogue  # noqa: E402
from host_tests.fuzz.link import Violation  # noqa: E402
from host_tests.fuzz.mails import make_pool, write_files  # noqa: E402

_BATCH = 200  # dialogues that a process plays between two reports
_LONGEST = 300  # characters of a line in a transcript


class Settings(NamedTuple):
    """Which dialogues to play. jobs: processes, 0: one for each core. fault: one of faults.py."""

    seed: int = 1
    first: int = 0
    dialogues: int = 200000
    jobs: int = 0
    most_failed: int = 20
    fault: str = ""


class Failed(NamedTuple):
    """A dialogue that failed, and the property that does not hold."""

    number: int
    name: str
    text: str

    def kind(self) -> str:
        """What it has in common with others."""
        last = self.text.strip().splitlines()[-1] if self.text else ""
        last = re.sub(r"b'.*'", "…", re.sub(r"[{\[].*[}\]]", "…", last))
        return f"{self.name}: " + re.sub(r"\d+", "N", last)[:140]


class Player:
    """Plays dialogues in this process. folder: where mails.write_files() has written."""

    def __init__(self, seed: int, folder: Path):
        self._seed = seed
        self._files = Files()
        self._pool = make_pool(folder)
        self._patches = [cheap_tls(), *self._files.installed()]
        for patch in self._patches:
            patch.start()
        self.results: collections.Counter[str] = collections.Counter()

    def close(self) -> None:
        """Leave the library as it was."""
        for patch in reversed(self._patches):
            patch.stop()

    def play(self, number: int, trace: Any = None) -> Failed | None:
        """Play one; return what did not hold."""
        try:
            dialogue = Dialogue(self._seed, number, self._pool, self._files, trace)
            try:
                dialogue.run()
            finally:
                self.results.update(dialogue.results)
        except Violation as violation:
            return Failed(number, violation.name, violation.text)
        finally:
            self._files.begin(-1, False)
            self._files.close()
        return None


_player: Player | None = None  # of this process


def _start(settings: Settings, folder: Path) -> None:
    global _player
    _player = Player(settings.seed, folder)
    if settings.fault:
        faults.planted(settings.fault).start()


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
        end = settings.first + settings.dialogues
        batches = [range(at, min(at + _BATCH, end)) for at in range(settings.first, end, _BATCH)]
        jobs = settings.jobs or os.cpu_count() or 1
        processes = multiprocessing.get_context("spawn")
        with tempfile.TemporaryDirectory(prefix="hssmtp-fuzz-") as name:
            folder = Path(name)
            write_files(folder)
            with processes.Pool(jobs, _start, (settings, folder)) as pool:
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
    lines: list[tuple[str, str]] = []

    def trace(who, what):
        said = repr(what)[2:-1] if isinstance(what, bytes) else what
        if isinstance(what, bytes) and lines and lines[-1][0] == who:
            said = lines.pop()[1] + said
        lines.append((who, said))

    with tempfile.TemporaryDirectory(prefix="hssmtp-fuzz-") as name:
        write_files(Path(name))
        player = Player(settings.seed, Path(name))
        with faults.planted(settings.fault) if settings.fault else nullcontext():
            found = player.play(number, trace)
        player.close()
    told = [f"{who:>7}  {_shortened(said)}" for who, said in lines if said != "PROGRESS"]
    told.append(f"{found.name}: {found.text}" if found else "all properties hold")
    return "\n".join(told)


def _shortened(said: str) -> str:
    """A line with its middle left out if it is long."""
    if len(said) <= _LONGEST:
        return said
    half = _LONGEST // 2
    return f"{said[:half]} … {len(said) - 2 * half} … {said[-half:]}"
