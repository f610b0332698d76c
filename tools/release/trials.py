"""Each artefact as its users meet it: in a fresh environment, or on a board."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tools.release.artefacts import Artefact
from tools.release.source import Problem
from tools.virtual_board import VirtualBoard

_USE = (
    "import hssmtp; hssmtp.Client('mail.example.com', insecure=True).deinit();"
    " hssmtp.Message('a@example.com', 'b@example.com'); print(hssmtp.__version__)"
)


def try_python_package(artefact: Artefact, version: str) -> str:
    """Install a wheel or an sdist with pip, and run it. Return what was tried."""
    _run(sys.executable, "-m", "twine", "check", "--strict", str(artefact.path))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(sys.executable, "-m", "venv", name)
        python = str(folder / "bin" / "python")
        before = _packages(python)
        _run(python, "-m", "pip", "install", "-q", str(artefact.path), folder=folder)
        installed = _packages(python) - before
        _expect("installed", installed, {"hssmtp"})
        _expect("import", _run(python, "-c", _USE, folder=folder), version)
        for command in ([str(folder / "bin" / "hssmtp")], [python, "-m", "hssmtp"]):
            said = _run(*command, "--version", folder=folder)
            _expect(f"{command[-1]} --version", said, f"hssmtp {version}")
    return "pip install, import hssmtp, hssmtp --version, no other package"


def try_archive(artefact: Artefact, version: str) -> str:
    """Install the .mpy archive with mpremote on a virtual board, and use it there."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(artefact.path) as archive:
            archive.extractall(folder)
        with VirtualBoard() as board:

            def mpremote(*arguments: str) -> str:
                command = [sys.executable, "-m", "mpremote", "connect", board.port]
                return _run(*command, *arguments)

            mpremote("mip", "install", f"{folder}/package.json")
            _expect("import on the board", mpremote("exec", _USE), version)
    return "mpremote mip install onto a virtual board, import hssmtp"


TRIALS: dict[str, Callable[[Artefact, str], str]] = {
    "wheel": try_python_package,
    "sdist": try_python_package,
    "mip": try_archive,
}


def _packages(python: str) -> set[str]:
    lines = _run(python, "-m", "pip", "list", "--format=freeze").split()
    return {line.partition("==")[0] for line in lines}


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Problem(f"{what}: {found!r} instead of {wanted!r}")


def _run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    # pip warns of settings of the computer: that is no part of what a command prints.
    lines = [line for line in done.stdout.splitlines() if not line.startswith("WARNING: ")]
    if done.returncode:
        raise Problem(f"{' '.join(command)}:\n" + "\n".join(lines))
    return "\n".join(lines).strip()
