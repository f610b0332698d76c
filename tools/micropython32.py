"""Get a 32-bit MicroPython: Debian's build for i386, unpacked into build/micropython32.

Its heap has the layout of a microcontroller's. apt fetches it from the Debian mirror of this
computer, with a configuration and lists of its own: nothing else is changed.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "build" / "micropython32"
WRAPPER = "micropython"  # exists if it was installed
WHY_NOT = "why-not"  # exists if it is not available, with the reason
SUITES = ("testing", "stable")  # the newest MicroPython first
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# Ignore the system's hooks and its default suite.
CONFIGURATION = """\
#clear APT::Update;
#clear APT::Default-Release;
#clear APT::Architectures;
APT::Architecture "i386";
APT::Architectures {{ "i386"; }};
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Dir::Cache "{apt}";
Dir::State "{apt}";
Dir::State::status "{apt}/status";
Dir::Etc::sourcelist "{apt}/debian.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"""

# Without the 32-bit loader by its usual name, nor its libraries where it looks for them.
SCRIPT = """\
#!/bin/sh
root="${0%/*}/root/usr"
lib="$root/lib/i386-linux-gnu"
exec "$lib/ld-linux.so.2" --library-path "$lib" "$root/bin/micropython" "$@"
"""

CHECK = """\
import sys, tls
right = sys.maxsize == 0x7FFFFFFF and sys.implementation.version >= (1, 26)
print("right" if right else sys.version)
"""


class Unavailable(Exception):
    """It is not available here; the text says why."""


def main(folder: Path = FOLDER) -> int:
    """Install it unless it exists; return the exit status."""
    if (folder / WRAPPER).exists():
        return 0
    try:
        _anew(folder)
        get(folder)
    except Unavailable as why:
        _anew(folder)
        (folder / WHY_NOT).write_text(str(why), encoding="utf-8")
        print(f"hssmtp: no 32-bit MicroPython: {why}")
        return 1
    return 0


def _anew(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def get(folder: Path) -> None:
    """Fetch, unpack and test it."""
    if platform.machine() not in ("x86_64", "i386", "i486", "i586", "i686"):
        raise Unavailable(f"its code is for x86, and this is {platform.machine()}")
    for command in ("apt-get", "dpkg-deb"):
        if not shutil.which(command):
            raise Unavailable(f"there is no {command} to get Debian's packages with")
    print(f"getting a 32-bit MicroPython into {folder} (once, 14 MB)", flush=True)
    apt = folder / "apt"
    for package in fetch(apt):
        command_output("dpkg-deb", "-x", str(package), str(folder / "root"))
    shutil.rmtree(apt)
    trial = folder / "trial"
    trial.write_text(SCRIPT)
    trial.chmod(0o755)
    found = command_output(str(trial), "-c", CHECK).strip()
    if found != "right":
        raise Unavailable(f"Debian's is {found}, not 1.26 or later with 32 bits")
    trial.rename(folder / WRAPPER)


def fetch(apt: Path) -> list[Path]:
    """Download the package and its dependencies from the first available suite."""
    (apt / "archives" / "partial").mkdir(parents=True)
    (apt / "lists" / "partial").mkdir(parents=True)
    (apt / "status").touch()
    (apt / "apt.conf").write_text(CONFIGURATION.format(apt=apt))
    problems = []
    for suite in SUITES:
        sources = f"Types: deb\nURIs: {mirror()}\nSuites: {suite}\nComponents: main\n"
        if KEYRING.exists():
            sources += f"Signed-By: {KEYRING}\n"
        (apt / "debian.sources").write_text(sources)
        apt_get = ("apt-get", "-q", "-c", str(apt / "apt.conf"))
        try:
            command_output(*apt_get, "update")
            command_output(*apt_get, "install", "-y", "--download-only", "micropython")
        except Unavailable as problem:
            problems.append(f"Debian {suite}: {problem}")
        else:
            return list((apt / "archives").glob("*.deb"))
    raise Unavailable("; ".join(problems))


def mirror() -> str:
    """Return the mirror of this computer's Debian packages."""
    fields = ("--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian")
    found = command_output("apt-get", "indextargets", *fields).split()
    if not found:
        raise Unavailable("apt knows no Debian mirror (or has to `apt-get update` first)")
    return found[0]


def command_output(*command: str) -> str:
    """Return the output; raise Unavailable with the first error if it failed."""
    done = subprocess.run(
        command,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        check=False,
    )
    if done.returncode:
        lines = done.stdout.splitlines() or [f"exit status {done.returncode}"]
        errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
        raise Unavailable((errors or lines[-1:])[0])
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
