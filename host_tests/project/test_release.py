"""make release: what is published can be installed, and its parts agree on version and links."""

import email
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import hssmtp
import pytest

import hatch_build
from host_tests.support.runtimes import ROOT
from tools.library import version
from tools.release import source
from tools.release.__main__ import main
from tools.release.artefacts import build, write_archive


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The project's files, as a release takes them."""
    folder = tmp_path_factory.mktemp("exported")
    source.export(source.read(ROOT, True), folder)
    return folder


@pytest.fixture(scope="module")
def artefacts(exported, tmp_path_factory):
    """The wheel, the sdist and the .mpy archive."""
    return build(source.read(ROOT, True), exported, tmp_path_factory.mktemp("release"))


def metadata(artefacts):
    with zipfile.ZipFile(artefacts[0].path) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
        return email.message_from_bytes(wheel.read(name))


def test_release_is_built_tried_and_explained(tmp_path, capsys):
    if sys.platform != "linux":
        pytest.skip("the virtual board needs Linux")
    assert main(["--allow-changes", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    for name in (f"hssmtp-{hssmtp.__version__}{end}" for end in ("-py3-none-any.whl", ".tar.gz")):
        assert f"{name}\n  pip install, import hssmtp, hssmtp --version, no other package" in said
    assert "-mpy.zip\n  mpremote mip install onto a virtual board, import hssmtp" in said
    assert f"git tag v{hssmtp.__version__} " in said
    assert "the project has no address" in said
    lines = [line for line in said.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80


def test_version_is_the_same_everywhere(artefacts):
    assert version(ROOT) == hssmtp.__version__
    assert all(f"-{hssmtp.__version__}" in artefact.path.name for artefact in artefacts)
    assert metadata(artefacts)["Version"] == hssmtp.__version__
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.findall(r"^## (\d\S+) \(", text, re.MULTILINE)[0]
    assert newest == hssmtp.__version__


def test_version_is_written_in_one_file_only():
    quoted = f"""["']{re.escape(hssmtp.__version__)}["']"""
    files = ["*.py", "*.toml", "*.json", "*.yml", "Makefile"]
    command = ["git", "grep", "-lE", quoted, "--", *files]
    found = subprocess.check_output(command, cwd=ROOT, text=True).split()
    assert found == ["lib/hssmtp/__init__.py", "package.json"]  # the latter by `make package`


def test_same_commit_gives_same_bytes(exported, artefacts, tmp_path):
    again = build(source.read(ROOT, True), exported, tmp_path)
    assert [artefact.sha256() for artefact in again] == [
        artefact.sha256() for artefact in artefacts
    ]


def test_wheel_has_the_library_only(artefacts):
    with zipfile.ZipFile(artefacts[0].path) as wheel:
        names = {name.partition("/")[0] for name in wheel.namelist()}
        modules = {name for name in wheel.namelist() if name.endswith((".py", ".pyi", ".typed"))}
    assert names == {"hssmtp", f"hssmtp-{hssmtp.__version__}.dist-info"}
    library = {
        path.relative_to(ROOT / "lib").as_posix()
        for path in (ROOT / "lib" / "hssmtp").rglob("*")
        if path.suffix in (".py", ".pyi", ".typed")
    }
    assert modules == library


def test_sdist_has_what_it_is_built_from(artefacts):
    with tarfile.open(artefacts[1].path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "CHANGELOG.md"} <= names
    assert not [name for name in names if name.startswith(("device", "build", "host_tests"))]


def test_package_requires_no_other(artefacts):
    required = metadata(artefacts).get_all("Requires-Dist") or []
    assert all("extra ==" in requirement for requirement in required)


def test_keywords_name_no_runtime_that_is_not_supported(artefacts):
    text = str(metadata(artefacts)).lower()
    head = text.partition("\n\n")[0]
    assert "micropython" in head
    assert "circuitpython" not in head


def test_archive_is_sorted_and_dated_alike(tmp_path):
    write_archive({"b": b"2", "a": b"1"}, tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == ["a", "b"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# The project's address


def hook(address: str, readme: str, folder: Path):
    (folder / "README.md").write_text(readme, encoding="utf-8")
    found: dict = {}
    hatch_build.AddressHook(str(folder), {"address": address}).update(found)
    return found


def test_links_of_the_package_come_from_the_address(tmp_path):
    readme = "[a](docs/a.md) ![b](docs/b.svg) [c](https://example.org) [d](#d)"
    found = hook("https://code.example/hssmtp/", readme, tmp_path)
    base = "https://code.example/hssmtp/blob/main"
    assert found["readme"]["text"] == (
        f"[a]({base}/docs/a.md) ![b]({base}/docs/b.svg) [c](https://example.org) [d](#d)"
    )
    assert found["urls"]["Homepage"] == "https://code.example/hssmtp"


def test_package_without_an_address_has_no_links_to_it(tmp_path):
    found = hook("", "[a](docs/a.md)", tmp_path)
    assert found["urls"] == {}
    assert found["readme"]["text"] == "[a](docs/a.md)"


def test_address_is_set_in_one_place():
    address = source.read(ROOT, True).address
    if address:
        found = subprocess.check_output(["git", "grep", "-lF", address], cwd=ROOT, text=True)
        assert found.split() == ["pyproject.toml"]


# What a release is not made of


@pytest.fixture
def clone(tmp_path):
    """A small repository with all that read() looks at."""
    (tmp_path / "lib" / "hssmtp").mkdir(parents=True)
    (tmp_path / "lib/hssmtp/__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n\n## 1.2.3 (2027-01-02)\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.hatch.metadata.hooks.custom]\naddress = "https://code.example/x/"\n'
    )
    commit(tmp_path)
    return tmp_path


def commit(folder):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "Change"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_committed_sources_are_taken(clone):
    found = source.read(clone, False)
    assert (found.version, found.address) == ("1.2.3", "https://code.example/x")
    assert len(found.commit) == 40


def test_uncommitted_changes_are_refused(clone):
    (clone / "new.py").touch()
    with pytest.raises(source.Problem, match="uncommitted changes"):
        source.read(clone, False)
    assert source.read(clone, True).version == "1.2.3"


def test_version_without_a_section_in_the_changelog_is_refused(clone):
    (clone / "CHANGELOG.md").write_text("## 1.2.4 (2027-01-02)\n\n## 1.2.3 (2027-01-01)\n")
    commit(clone)
    with pytest.raises(source.Problem, match=r"no section “## 1\.2\.3"):
        source.read(clone, False)


def test_folder_that_is_no_repository_is_refused(tmp_path):
    with pytest.raises(source.Problem, match="not a git repository"):
        source.read(tmp_path, False)


def test_problem_is_printed_in_one_message(clone, capsys):
    (clone / "new.py").touch()
    assert main([], clone) == 1
    assert capsys.readouterr().err == (
        "hssmtp: there are uncommitted changes: commit them, or try --allow-changes\n"
    )
