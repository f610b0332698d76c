"""What mip installs, from both package.json, is what a device needs, and it runs there."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from host_tests.support.runtimes import ROOT, run
from host_tests.support.servers import missing
from tools import package
from tools.library import device_files, module_name

LIBRARY = ROOT / "lib" / "hssmtp"
DEVICE = {path.relative_to("hssmtp").as_posix() for path in device_files()}
(VIPER,) = (name for name in DEVICE if "@micropython.viper" in (LIBRARY / name).read_text())
COMPILED = {name if name == VIPER else name[:-3] + ".mpy" for name in DEVICE}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What `make package` writes to build/package."""
    folder = tmp_path_factory.mktemp("package")
    package.write(folder)
    return folder


def expected(kind, folder):
    """What is in /lib/hssmtp afterwards: bytes by path."""
    names, root = {"sources": (DEVICE, LIBRARY), "compiled": (COMPILED, folder / "hssmtp")}[kind]
    return {name: (root / name).read_bytes() for name in names}


def test_package_json_is_up_to_date():
    assert (ROOT / "package.json").read_text(encoding="utf-8") == package.content(), "make package"


def version():
    """The one place of it."""
    (found,) = re.findall(r'^__version__ = "(.*)"$', (LIBRARY / "__init__.py").read_text(), re.M)
    return found


def test_package_json_lists_the_sources():
    listed = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert listed["urls"] == [[f"hssmtp/{name}", f"lib/hssmtp/{name}"] for name in sorted(DEVICE)]
    assert listed["deps"] == []
    assert listed["version"] == version()


def test_compiled_package_lists_the_mpy_files(folder):
    listed = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    names = {f"hssmtp/{name}" for name in COMPILED}
    assert {target for target, _ in listed["urls"]} == names
    assert all(target == url for target, url in listed["urls"])
    assert (listed["deps"], listed["version"]) == ([], version())
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*names, "package.json"}


def test_python_package_takes_the_version_from_the_library():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '\ndynamic = ["version", "readme", "urls"]\n' in text
    assert '\n[tool.hatch.version]\npath = "lib/hssmtp/__init__.py"\n' in text


def test_compiled_code_is_for_every_board(folder):
    """Bytecode of version 6, for no processor: https://docs.micropython.org, “.mpy files”."""
    for path in folder.rglob("*.mpy"):
        assert path.read_bytes()[:3] == b"M\x06\x00", path
    assert [path.name for path in folder.rglob("*.py")] == [VIPER.rpartition("/")[2]]


def test_old_files_are_removed(folder):
    (folder / "hssmtp" / "old.mpy").touch()
    package.write(folder)
    assert not (folder / "hssmtp" / "old.mpy").exists()


def test_new_module_is_listed(tmp_path):
    (tmp_path / "lib" / "hssmtp" / "net").mkdir(parents=True)
    (tmp_path / "lib" / "hssmtp" / "command_line").mkdir()
    names = ("outbox.py", "__main__.py", "_cpython.py", "_circuitpython.py", "x.pyi")
    for name in (
        *names,
        "net/modem.py",
        "net/_cpython.py",
        "net/__init__.py",
        "command_line/trace.py",
    ):
        (tmp_path / "lib" / "hssmtp" / name).touch()
    (tmp_path / "lib" / "hssmtp" / "__init__.py").write_text('__version__ = "2.0.1"\n')
    listed = json.loads(package.content(tmp_path))
    assert listed["urls"] == [
        ["hssmtp/__init__.py", "lib/hssmtp/__init__.py"],
        ["hssmtp/net/__init__.py", "lib/hssmtp/net/__init__.py"],
        ["hssmtp/net/modem.py", "lib/hssmtp/net/modem.py"],
        ["hssmtp/outbox.py", "lib/hssmtp/outbox.py"],
    ]
    assert listed["version"] == "2.0.1"
    assert list(package.files(tmp_path)) == [
        *("hssmtp/__init__.mpy", "hssmtp/net/__init__.mpy", "hssmtp/net/modem.mpy"),
        *("hssmtp/outbox.mpy", "package.json"),
    ]


# Installed

MODULES = sorted(module_name(Path("hssmtp", name)) for name in DEVICE)
USE_IT = f"""
import hssmtp
for name in {MODULES}:
    __import__(name)
print(hssmtp.event_name(hssmtp.SENT), hssmtp.Message("a@example.com", "b@example.com").sender)
"""


@contextlib.contextmanager
def web_site(folder):
    """That folder on a web server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# Debian's has no mip.
@pytest.mark.parametrize("micropython", ["micropython"], indirect=True)
@pytest.mark.parametrize("kind", ["sources", "compiled"])
def test_board_installs_from_a_web_server(kind, folder, micropython, tmp_path):
    with web_site({"sources": ROOT, "compiled": folder}[kind]) as site:
        (tmp_path / "install.py").write_text(
            f"import mip\nmip.install({site + '/package.json'!r}, target='lib')\n"
        )
        said = run(micropython, "install.py", cwd=tmp_path).stdout
    assert said.endswith("Done\n"), said
    installed = tmp_path / "lib" / "hssmtp"
    there = {
        path.relative_to(installed).as_posix(): path.read_bytes()
        for path in installed.rglob("*")
        if path.is_file()
    }
    assert there == expected(kind, folder)
    (tmp_path / "use.py").write_text(USE_IT)
    done = run(micropython, "use.py", env={"MICROPYPATH": "lib:.frozen"}, cwd=tmp_path)
    assert done.stdout == "SENT b'a@example.com'\n"


def test_compiled_package_runs_on_every_micropython(folder, micropython, tmp_path):
    (tmp_path / "use.py").write_text(USE_IT)
    done = run(micropython, "use.py", env={"MICROPYPATH": f"{folder}:.frozen"}, cwd=tmp_path)
    assert done.stdout == "SENT b'a@example.com'\n"


ENCODE = """
encoder = __import__({name!r}, None, None, ("lines",))
out = bytearray(78)
print(encoder.lines(bytes(57), 0, 57, out), bytes(out[:5]))
"""


def test_board_without_machine_code_uses_bytecode(folder, micropython, tmp_path):
    """It says of `viper` what any board says of a decorator that MicroPython doesn't have."""
    package.write(tmp_path / "lib")
    viper = tmp_path / "lib" / "hssmtp" / VIPER
    viper.write_text(viper.read_text().replace("@micropython.viper", "@micropython.unknown"))
    (encoder,) = (name for name in MODULES if name.endswith(".file_part"))
    (tmp_path / "use.py").write_text(ENCODE.format(name=encoder))
    done = run(micropython, "use.py", env={"MICROPYPATH": "lib:.frozen"}, cwd=tmp_path)
    assert done.stdout == "78 b'AAAAA'\n"


TELL = """
import binascii, hashlib, json, os
found = {}
def walk(folder, inside):
    for name, kind, *_ in os.ilistdir(folder):
        if kind == 0x4000:
            walk(folder + "/" + name, inside + name + "/")
        else:
            with open(folder + "/" + name, "rb") as file:
                checksum = hashlib.sha256(file.read()).digest()
            found[inside + name] = binascii.hexlify(checksum).decode()
walk("/lib/hssmtp", "")
print(json.dumps(found))
"""


@pytest.mark.parametrize("kind", ["sources", "compiled"])
def test_mpremote_installs_the_package(kind, folder):
    if sys.platform != "linux":
        missing("no Linux", "the virtual board needs it")
    from tools.virtual_board import VirtualBoard

    with VirtualBoard(heap="512K") as board:  # for all modules at once, which no program loads

        def mpremote(*arguments):
            done = subprocess.run(
                [sys.executable, "-m", "mpremote", "connect", board.port, *arguments],
                cwd=ROOT,
                env={**os.environ, "PYTHONUTF8": "1"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        listed = {"sources": "package.json", "compiled": f"{folder}/package.json"}[kind]
        assert mpremote("mip", "install", listed).endswith("Done\n")
        there = json.loads(mpremote("exec", TELL))
        assert mpremote("exec", USE_IT) == "SENT b'a@example.com'\n"
    assert there == {
        name: hashlib.sha256(octets).hexdigest() for name, octets in expected(kind, folder).items()
    }
