"""The 32-bit MicroPython: what it is, and how it is got from packages, here from made-up ones."""

import os
import platform
import shutil
import subprocess

import pytest

from host_tests.support.runtimes import run
from tools import micropython32

PROBE = """
import gc, micropython, sys
print(sys.maxsize == 2**31 - 1)
numbers = [2**30 - 2, 2**30 - 1]
for number in numbers:
    micropython.heap_lock()
    try:
        number += 1
        print("a small integer")
    except MemoryError:
        print("one from the heap")
    finally:
        micropython.heap_unlock()
before = gc.mem_alloc()
octets = bytearray(1)
print((gc.mem_alloc() - before) % 32)
"""


@pytest.mark.parametrize("micropython", ["micropython32"], indirect=True)
def test_interpreter_is_32_bit(micropython, tmp_path):
    script = tmp_path / "probe.py"
    script.write_text(PROBE)
    assert run(micropython, script).stdout.splitlines() == [
        "True",
        "a small integer",
        "one from the heap",
        "16",  # the header and its byte, 16 each; with 64 bits 32 each
    ]


APT_GET = """\
#!/bin/sh
echo "$@" >>"$CALLS"
case $1 in indextargets)
    echo "$MIRROR"
    exit
esac
apt=$(dirname "$3")
for suite in $BROKEN; do
    if grep -q "^Suites: $suite$" "$apt/debian.sources"; then
        echo "W: something else"
        echo "E: $suite is broken"
        exit 100
    fi
done
case $* in *" install "*) touch "$apt/archives/a.deb" "$apt/archives/b.deb";; esac
"""

DPKG_DEB = """\
#!/bin/sh
lib=$3/usr/lib/i386-linux-gnu
mkdir -p "$lib"
cp "$LOADER" "$lib/ld-linux.so.2"
"""

# Given: --library-path, the folder, the program and its arguments.
LOADER = """\
#!/bin/sh
shift 3
if [ "$1" = -c ]; then echo "$ANSWER"; else printf '<%s>' "$@"; fi
"""


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A PC with an apt-get and a dpkg-deb of the test's; `calls` is a file of the former's."""
    for name, script in ("apt-get", APT_GET), ("dpkg-deb", DPKG_DEB), ("loader", LOADER):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
    (tmp_path / "calls").touch()
    for name, value in (
        ("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin"),
        ("CALLS", str(tmp_path / "calls")),
        ("LOADER", str(tmp_path / "bin" / "loader")),
        ("MIRROR", "http://mirror.test/debian/"),
        ("ANSWER", "right"),
        ("BROKEN", ""),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return tmp_path


def unavailable(machine, capsys):
    """Why it can't be had, said in one line and kept for the tests."""
    folder = machine / "folder"
    assert micropython32.main(folder) == 1
    assert os.listdir(folder) == [micropython32.WHY_NOT]
    why = (folder / micropython32.WHY_NOT).read_text()
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"hssmtp: no 32-bit MicroPython: {why}"
    return why


def test_package_of_the_first_suite_is_used(machine):
    folder = machine / "a folder"
    assert micropython32.main(folder) == 0
    assert sorted(os.listdir(folder)) == ["micropython", "root"]
    done = subprocess.check_output([folder / "micropython", "-X", "a b"], text=True)
    assert done == "<-X><a b>"
    asked, *others = (machine / "calls").read_text().splitlines()
    assert asked.startswith("indextargets ")
    assert len(others) == 2
    for call in others:
        assert f"-c {folder}/apt/apt.conf " in call


def test_packages_are_fetched_once(machine):
    for _ in range(2):
        assert micropython32.main(machine / "folder") == 0
    assert len((machine / "calls").read_text().splitlines()) == 3


def test_package_of_the_next_suite_is_used(machine, monkeypatch):
    monkeypatch.setenv("BROKEN", "testing")
    assert micropython32.main(machine / "folder") == 0


def test_failed_suites_do_not_stop_a_later_try(machine, monkeypatch, capsys):
    monkeypatch.setenv("BROKEN", "testing stable")
    why = unavailable(machine, capsys)
    assert why == "Debian testing: testing is broken; Debian stable: stable is broken"
    monkeypatch.setenv("BROKEN", "")
    assert micropython32.main(machine / "folder") == 0
    assert not (machine / "folder" / micropython32.WHY_NOT).exists()


def test_other_processor_is_refused(machine, monkeypatch, capsys):
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert "aarch64" in unavailable(machine, capsys)
    assert (machine / "calls").read_text() == ""


def test_missing_apt_is_reported(machine, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(machine))
    assert "apt-get" in unavailable(machine, capsys)


def test_unreachable_mirror_is_reported(machine, monkeypatch, capsys):
    monkeypatch.setenv("MIRROR", "")
    assert "no Debian mirror" in unavailable(machine, capsys)


def test_old_version_is_refused(machine, monkeypatch, capsys):
    monkeypatch.setenv("ANSWER", "False")
    assert "1.26" in unavailable(machine, capsys)


def test_interpreter_that_does_not_run_is_refused(machine, monkeypatch, capsys):
    (machine / "bin" / "loader").write_text("#!/bin/sh\necho no such kernel >&2\nexit 126\n")
    assert unavailable(machine, capsys) == "no such kernel"


@pytest.mark.skipif(not shutil.which("apt-config"), reason="a test of apt's own opinion")
def test_apt_writes_to_its_folder_only(tmp_path):
    """apt's own reading of the configuration: its places, and no hooks of the system's."""
    conf = tmp_path / "apt.conf"
    conf.write_text(micropython32.CONFIGURATION.format(apt=tmp_path))
    names = ["Dir::State/d", "Dir::State::lists/d", "Dir::State::status/f", "Dir::Cache/d"]
    names += ["Dir::Cache::archives/d", "Dir::Cache::pkgcache/f", "Dir::Cache::srcpkgcache/f"]
    names += ["Dir::Etc::sourcelist/f"]
    command = ["apt-config", "-c", str(conf), "shell"]
    for number, name in enumerate(names):
        command += [f"name{number}", name]
    for line in subprocess.check_output(command, text=True).splitlines():
        value = line.split("=", 1)[1].strip("'")
        assert value.startswith(str(tmp_path)) or value in ("", "/"), line
    dump = subprocess.check_output(["apt-config", "-c", str(conf), "dump"], text=True)
    assert "APT::Update::Post-Invoke" not in dump
    assert 'APT::Architectures:: "i386";' in dump
