"""The documentation site as `make docs` builds it, for the tests of it."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from host_tests.support.runtimes import ROOT

DOCS = ROOT / "docs"
SITE = ROOT / "build" / "docs"


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Build as `make docs` does."""
    options = ["-q", "-E", "-W", "--keep-going", "-b", "html", "-c", DOCS]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "-d", f"{target}-doctrees", source, target],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},  # a wide terminal
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@functools.cache
def site() -> Path:
    """Where the site is; built anew once in a run."""
    shutil.rmtree(SITE, ignore_errors=True)
    done = build(DOCS, SITE)
    assert (done.returncode, done.stderr) == (0, "")
    return SITE


def pages() -> list[str]:
    """The pages' addresses, below the site."""
    names = sorted(path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
    return [str(name.with_suffix(".html")) for name in names if name.name != "dialogue.md"]
