"""package.json: what mip installs by it is what a device needs, and it runs there."""

import functools
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading

import pytest

from host_tests.runtimes import ROOT, run
from host_tests.servers import missing
from tools import package

LIBRARY = ROOT / "lib" / "hssmtp"
DEVICE = {
    path.relative_to(LIBRARY).as_posix()
    for path in LIBRARY.rglob("*.py")
    if path.name not in ("__main__.py", "_cpython.py", "_circuitpython.py")
}


def test_it_is_up_to_date():
    assert (ROOT / "package.json").read_text(encoding="utf-8") == package.content(), "make package"


def test_what_it_lists():
    listed = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert listed["urls"] == [[f"hssmtp/{name}", f"lib/hssmtp/{name}"] for name in sorted(DEVICE)]
    assert listed["deps"] == []
    (version,) = re.findall(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert listed["version"] == version


def test_a_new_module_is_listed(tmp_path):
    (tmp_path / "lib" / "hssmtp" / "net").mkdir(parents=True)
    names = ("outbox.py", "__main__.py", "_cpython.py", "_circuitpython.py", "x.pyi")
    for name in (*names, "net/modem.py", "net/_cpython.py"):
        (tmp_path / "lib" / "hssmtp" / name).touch()
    assert json.loads(package.content(tmp_path))["urls"] == [
        ["hssmtp/net/modem.py", "lib/hssmtp/net/modem.py"],
        ["hssmtp/outbox.py", "lib/hssmtp/outbox.py"],
    ]


USE_IT = """
import hssmtp
import hssmtp.base64, hssmtp.client, hssmtp.attachment, hssmtp.net.trust, hssmtp.net.dns
print(hssmtp.event_name(hssmtp.SENT), hssmtp.Message("a@example.com", "b@example.com").sender)
"""


@pytest.fixture
def site():
    """The project on a web server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(ROOT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# Debian's has no mip.
@pytest.mark.parametrize("micropython", ["micropython"], indirect=True)
def test_a_board_installs_it_from_the_web(site, micropython, tmp_path):
    (tmp_path / "install.py").write_text(
        f"import mip\nmip.install({site + '/package.json'!r}, target='lib')\n"
    )
    said = run(micropython, "install.py", cwd=tmp_path).stdout
    assert said.endswith("Done\n"), said
    installed = tmp_path / "lib" / "hssmtp"
    assert {path.relative_to(installed).as_posix() for path in installed.rglob("*.py")} == DEVICE
    for name in DEVICE:
        assert (installed / name).read_bytes() == (LIBRARY / name).read_bytes()
    (tmp_path / "use.py").write_text(USE_IT)
    done = run(micropython, "use.py", env={"MICROPYPATH": "lib:.frozen"}, cwd=tmp_path)
    assert done.stdout == "SENT b'a@example.com'\n"


TELL = """
import binascii, hashlib, json, os
def checksum(name):
    with open("/lib/hssmtp/" + name, "rb") as file:
        return binascii.hexlify(hashlib.sha256(file.read()).digest()).decode()
names = os.listdir("/lib/hssmtp") + ["net/" + name for name in os.listdir("/lib/hssmtp/net")]
print(json.dumps({name: checksum(name) for name in names if name[-3:] == ".py"}))
"""


def test_mpremote_installs_it(tmp_path):
    if sys.platform != "linux":
        missing("no Linux", "the virtual board needs it")
    from tools.virtual_board import VirtualBoard

    with VirtualBoard() as board:

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

        assert mpremote("mip", "install", "package.json").endswith("Done\n")
        there = json.loads(mpremote("exec", TELL))
        assert mpremote("exec", USE_IT) == "SENT b'a@example.com'\n"
    assert there == {
        name: hashlib.sha256((LIBRARY / name).read_bytes()).hexdigest() for name in DEVICE
    }
