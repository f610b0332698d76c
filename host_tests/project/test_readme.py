"""README.md: what it shows is run as it stands, and what it lists is all that there is."""

import email
import email.policy
import inspect
import os
import pty
import re
import shutil
import ssl
import subprocess
import sys
import tty

import hssmtp
import pytest
import trustme
from hssmtp import names, setup

from host_tests.support.runtimes import ROOT, RUNTIMES, run
from host_tests.support.servers import USERS, missing
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from tools import package

README = (ROOT / "README.md").read_text(encoding="utf-8")

# Whoever connects to smtp.example.com gets to the server here. For TLS its name stays what it was.
REDIRECT = """\
import hssmtp.net

def _redirected(self, host, port, _open=hssmtp.net.Link.open):
    _open(self, "127.0.0.1", {"smtp.example.com": %r}[host][port])

hssmtp.net.Link.open = _redirected
"""
SENT = """
if client.result != hssmtp.SENT:
    raise SystemExit(hssmtp.explain(client))
print("as it should be")
"""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """What the examples want to find where they run."""
    (tmp_path / "boiler.log").write_text("95 °C\n" * 1000, encoding="utf-8")
    (tmp_path / "flame.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "crew.txt").write_text("one@example.com\ntwo@example.com\n")
    return tmp_path


@pytest.fixture
def server(folder, monkeypatch):
    """smtp.example.com; and `redirect`, by which a program gets to it."""
    monkeypatch.setitem(USERS, "boiler@example.com", "app password")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("smtp.example.com").configure_cert(context)
    with AiosmtpdServer(context) as server:
        yield server


def redirect(server):
    return REDIRECT % {587: server.port, 465: server.tls_port}


def parsed(mail):
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def octets(part):
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def test_the_python_of_it(server, folder, runtime):
    script = folder / "readme.py"
    examples = blocks("python")
    script.write_text(redirect(server) + "".join(x + SENT for x in examples), encoding="utf-8")
    done = run(runtime, script, cwd=folder)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == "sent to 1 of 1 recipients"
    assert lines.count("as it should be") == len(examples)
    for event in ("RESOLVED", "CONNECTED", "SECURED", "READY", "PROGRESS", "SENT"):
        assert event in lines

    for _ in range(3):
        message = parsed(server.wait_for_mail("ops@example.com"))
        assert message["Subject"] == "95 °C"
        (log,) = message.iter_attachments()
        assert octets(log) == (folder / "boiler.log").read_bytes()
    message = parsed(server.wait_for_mail("two@example.com"))
    flame, csv = [part for part in message.walk() if part.get_filename()]
    assert flame["Content-ID"] == "<flame>"
    assert octets(flame) == (folder / "flame.png").read_bytes()
    assert len(octets(csv).splitlines()) == 101


def shell(command, folder, **variables):
    beside = os.path.dirname(sys.executable)
    return subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": beside + os.pathsep + os.environ["PATH"], **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_the_command_lines_of_it(server, folder):
    (folder / "sitecustomize.py").write_text(redirect(server))
    command, openssl = blocks("sh")
    done = shell(
        command,
        folder,
        PYTHONPATH=os.pathsep.join([str(folder), str(ROOT / "lib")]),
        HSSMTP_PASSWORD="app password",
        SSL_CERT_FILE="ca.pem",  # in place of the system's
    )
    assert (done.returncode, done.stderr) == (0, "")
    message = parsed(server.wait_for_mail("ops@example.com"))
    assert message["Subject"] == "95 °C"
    assert [part.get_filename() for part in message.iter_attachments()] == ["boiler.log"]

    if shutil.which("openssl") is None:
        missing("no openssl", "apt-get install openssl")
    here = f"127.0.0.1:{server.port}"
    assert "smtp.example.com:587" in openssl
    done = shell(openssl.replace("smtp.example.com:587", here), folder)
    assert "trustme" in re.findall(r"^ *i:(.*)$", done.stdout, re.MULTILINE)[-1]
    assert "-----BEGIN CERTIFICATE-----" in done.stdout


def test_what_is_said_of_a_wrong_password(server, folder):
    script = folder / "wrong.py"
    example = blocks("python")[0].replace("app password", "another")
    script.write_text(redirect(server) + example, encoding="utf-8")
    said = run("cpython", script, cwd=folder).stdout
    assert said.startswith("ERROR_AUTH")
    assert " ".join(said.split()) in " ".join(README.split())


def test_the_names_in_its_tables():
    tables = README.split("## When it doesn't work")[0]  # that one has what a maker sees
    rows = re.findall(r"^\| (`[A-Z_` ]+`) \|", tables, re.MULTILINE)
    listed = " ".join(rows).replace("`", "").split()
    events = names.EVENTS.split()[1:-1]  # PAUSE is none, but what a callback answers
    assert listed == events + names.ERRORS.split()[1:]


@pytest.mark.parametrize("what", [hssmtp.Client, hssmtp.Message, hssmtp.Attachment])
def test_the_arguments_in_its_tables(what):
    for name, parameter in inspect.signature(what).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            continue
        default = str(parameter.default).replace("'", '"') if parameter.default != "" else '""'
        if isinstance(parameter.default, str):
            default = f'"{parameter.default}"'
        assert f"{name}={default}" in README, name


def test_the_timeouts_in_it():
    words = setup.TIMEOUTS.split()
    for phase, ms in zip(words[::2], map(int, words[1::2]), strict=True):
        assert re.search(rf"\b{phase}\s+{ms:,}\b", README), phase


def test_its_modules_are_those_that_there_are():
    names = {path.name for path in (ROOT / "lib" / "hssmtp").rglob("*.py")}
    for name in names - {"_viper.py"}:
        assert name in README, name
    assert set(re.findall(r"\b(\w+\.py)\b", README.split("## How it is built")[1])) <= names


# Debian's MicroPython has no raw REPL for mpremote to talk to.
@pytest.mark.parametrize("micropython", ["micropython"], indirect=True)
def test_the_way_onto_a_board(micropython, tmp_path):
    (tmp_path / "ca.pem").write_text("a certificate")
    assert "\n    make package\n    mpremote mip install build/package/package.json\n" in README
    package.write(tmp_path / "build" / "package")
    board = tmp_path / "board"
    board.mkdir()
    # MicroPython's unix port as a board: its files are in `board`, its port is a terminal.
    ours, theirs = pty.openpty()
    tty.setraw(theirs)  # no echo: what the board says before mpremote comes would be its input
    command = RUNTIMES[micropython].command()
    assert command
    env = {**os.environ, "MICROPYPATH": f":.frozen:{board / 'lib'}"}
    with subprocess.Popen(command, stdin=ours, stdout=ours, cwd=board, env=env) as process:
        try:
            said = b""
            while b">>> " not in said:  # it is up
                said += os.read(theirs, 1000)
            for line in re.findall(r"^    (mpremote .*)$", README, re.MULTILINE):
                # `resume`: the soft reset would end this board.
                line = line.replace("mpremote", f"mpremote connect {os.ttyname(theirs)} resume")
                done = shell(line, tmp_path)
                assert done.returncode == 0, done.stdout + done.stderr
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)
    assert (board / "ca.pem").read_text() == "a certificate"
    installed = {path: octets for path, octets in package.files().items() if "/" in path}
    assert installed
    for path, octets in installed.items():
        assert (board / "lib" / path).read_bytes() == octets
