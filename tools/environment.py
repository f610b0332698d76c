"""Make a Python environment in build/, with what some of the project's commands need.

    python3 tools/environment.py build/user user

It is run by any Python from 3.10 on, and imports nothing of the project: there is no environment
yet. It shows which package is being installed, and in the end how large the environment is. The
file `ready` in it is written last, so an installation that was interrupted is begun again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 10)


class Problem(Exception):
    """Why there is no environment, and what to do."""


def make(folder: Path, extra: str) -> None:
    """Make the environment for an extra of pyproject.toml. Raises Problem."""
    if sys.version_info < OLDEST:
        raise Problem(f"Python {sys.version.split()[0]} is too old: 3.10 or later is needed")
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise Problem(f"{_last_line(made)}\ninstall Python's venv (Debian: python3-venv)")
    _install(python, extra)
    (folder / "ready").touch()
    print(f"{folder.name}: {_megabytes(folder)} MB", flush=True)


def _install(python: Path, extra: str) -> None:
    """Run pip, and show the name of each package that it collects."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    with subprocess.Popen(
        [*command, "-e", f"{ROOT}[{extra}]"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        lines: list[str] = []
        for line in pip.stdout or ():
            lines.append(line.strip())
            if line.startswith(("Collecting ", "Installing collected")):
                _show_progress(" ".join(line.split()[:2]))
    _show_progress("")
    if pip.returncode:
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
        raise Problem("\n".join([*errors, "is this computer online? run the same command again"]))


def _show_progress(text: str) -> None:
    """Show one line that the next one replaces; without a terminal nothing."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text[:78]}", end="", flush=True)


def _last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return ((done.stdout + done.stderr).strip().splitlines() or ["no venv"])[-1]


def _megabytes(folder: Path) -> int:
    files = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_blocks for file in files) // 2048


def main(arguments: "list[str]") -> int:
    """Make it; return the exit status."""
    folder, extra = Path(arguments[0]).resolve(), arguments[1]
    print(f"making the Python environment {arguments[0]} (once, about a minute)", flush=True)
    try:
        make(folder, extra)
    except Problem as problem:
        print(f"hssmtp: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nhssmtp: stopped; run the same command again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
