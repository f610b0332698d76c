"""README.md: what it shows runs as it stands, and its links and commands exist."""

import re
import time
from pathlib import Path

import pytest

from host_tests.support.examples import (
    NTPTIME,
    blocks,
    parsed,
    redirect,
    shell,
    smtp_example_com,
)
from host_tests.support.mpremote import put, require
from host_tests.support.runtimes import ROOT, run
from tools import package
from tools.virtual_board import VirtualBoard

README = (ROOT / "README.md").read_text(encoding="utf-8")

server = pytest.fixture(smtp_example_com)


def programs():
    """The Python of the README: the network, a mail by deliver(), and by tick()."""
    network, deliver, polled = blocks(README, "python")
    return network, deliver, polled


def test_first_mail_is_sent_on_every_runtime(server, tmp_path, runtime):
    _, deliver, polled = programs()
    (tmp_path / "mail.py").write_text(redirect(server) + deliver + polled, encoding="utf-8")
    done = run(runtime, tmp_path / "mail.py", cwd=tmp_path)
    assert done.stdout == "sent to 1 of 1 recipients\n"
    for _ in range(2):
        message = parsed(server.wait_for_mail("ops@example.com"))
        assert message["Subject"] == "95 °C"
        assert message.get_content() == "Hot!\r\n"


def test_first_mail_by_deliver_has_six_lines():
    _, deliver, _ = programs()
    assert len([line for line in deliver.splitlines() if line]) <= 6


def test_install_and_first_mail_work_on_a_fresh_board(server, tmp_path):
    require()
    network, deliver, _ = programs()
    (install,) = re.findall(r"`(mpremote mip install build/package/package\.json)`", README)
    (copy,) = re.findall(r"^    (mpremote cp .*)$", README, re.MULTILINE)
    package.write(tmp_path / "build" / "package")
    with VirtualBoard(networks={"home": "password of the Wi-Fi"}) as board:
        for line in (install, copy):
            done = shell(line.replace("mpremote", f"mpremote connect {board.port}"), tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr
        now = time.gmtime()
        clock = NTPTIME % ((*now[:3], now.tm_wday, *now[3:6], 0),)
        boot = redirect(server)
        put(board, tmp_path, boot=boot, ntptime=clock, main=network + deliver)
        board.wait_for("sent to 1 of 1 recipients")
    assert parsed(server.wait_for_mail("ops@example.com"))["Subject"] == "95 °C"


def test_command_line_sends_the_mail(server, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(redirect(server))
    (command,) = blocks(README, "sh")
    done = shell(
        command,
        tmp_path,
        PYTHONPATH=f"{tmp_path}:{ROOT / 'lib'}",
        HSSMTP_PASSWORD="app password",
        SSL_CERT_FILE="ca.pem",  # in place of the system's
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert parsed(server.wait_for_mail("ops@example.com"))["Subject"] == "95 °C"


def test_wrong_password_is_explained_as_shown(server, tmp_path):
    _, deliver, _ = programs()
    program = redirect(server) + deliver.replace("app password", "another")
    (tmp_path / "wrong.py").write_text(program, encoding="utf-8")
    said = run("cpython", tmp_path / "wrong.py", cwd=tmp_path).stdout
    assert said.startswith("ERROR_AUTH")
    assert " ".join(said.split()) in " ".join(README.split())


def test_readme_is_short():
    assert len(README.splitlines()) <= 130


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
    + [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("*/**/README.md"))
       if path.relative_to(ROOT).parts[0] in ("boards", "firmware", "tools")],
)  # fmt: skip
def test_each_link_leads_to_a_file_and_a_heading(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for path, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)", text):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {path}"
        if anchor:
            assert anchor in anchors(target), f"{page}: {path}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "tools/README.md"])
def test_each_command_of_make_exists(page):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^ {4})make ([a-z0-9-]+)", text, re.MULTILINE)
    assert named
    assert set(named) <= targets
