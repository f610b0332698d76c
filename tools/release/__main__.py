"""The command: `python -m tools.release [--out FOLDER] [--allow-changes]`."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from tools.library import ROOT
from tools.release.artefacts import Artefact, build
from tools.release.source import Problem, Source, export, read
from tools.release.trials import TRIALS
from tools.terminal import console, printable, say, short


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Build and try a release; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.release",
        description="Build all that is published of hssmtp, try it, and say where it goes.",
    )
    parser.add_argument("--out", type=Path, default=root / "build" / "release", metavar="FOLDER")
    parser.add_argument(
        "--allow-changes",
        action="store_true",
        help="take uncommitted changes too; not for a real release",
    )
    options = parser.parse_args(arguments)
    try:
        release(read(root, options.allow_changes), options.out)
    except Problem as problem:
        print(printable(f"hssmtp: {problem}", keep_lines=True), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("hssmtp: stopped", file=sys.stderr)
        return 130
    return 0


def release(source: Source, folder: Path) -> None:
    """Build into a folder, try each artefact, and print what to do next. Raises Problem."""
    say(f"hssmtp {source.version}, commit {source.commit[:12]}")
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as exported:
        export(source, Path(exported))
        artefacts = build(source, Path(exported), folder)
    for artefact in artefacts:
        say(f"{artefact.path.name}\n  {TRIALS[artefact.kind](artefact, source.version)}")
    _show(artefacts)
    _say_what_to_publish(source, artefacts)


def _show(artefacts: list[Artefact]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("bytes", justify="right")
    table.add_column("SHA-256", overflow="fold")
    for artefact in artefacts:
        table.add_row(f"{artefact.path.stat().st_size:,}", artefact.sha256())
    console().print(table)


def _say_what_to_publish(source: Source, artefacts: list[Artefact]) -> None:
    wheel, sdist, archive = (short(artefact.path) for artefact in artefacts)
    address = source.address or "ADDRESS"
    say(
        f"""
To publish:
  git tag v{source.version} {source.commit[:12]} && git push --tags
  python -m twine upload {wheel} {sdist}
  unzip {archive} to {address}/v{source.version}/ on a web server;
  from there: mpremote mip install {address}/v{source.version}/package.json"""
    )
    if not source.address:
        say(
            "Not yet: the project has no address. Set `address` in pyproject.toml,"
            " [tool.hatch.metadata.hooks.custom], and run this again."
        )


if __name__ == "__main__":
    sys.exit(main())
