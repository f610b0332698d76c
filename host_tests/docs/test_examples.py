"""docs/: what its pages show is run as it stands, a program for a board on the virtual board."""

import importlib
import re
import shutil
import textwrap
import time
from types import SimpleNamespace

import hssmtp
import pytest
from hssmtp import extensions
from hssmtp.command_line import arguments as command

from host_tests.support.examples import NTPTIME, parsed, redirect, shell, smtp_example_com
from host_tests.support.mpremote import put, require
from host_tests.support.runtimes import ROOT, run
from host_tests.support.servers import free_ports, missing
from tools import package
from tools.virtual_board import VirtualBoard

DOCS = ROOT / "docs"
# A line "% main.py" before a block names the file on a board that it is.
BLOCK = re.compile(r"^(?:% (\S+)\n)? *```(\w+)\n(.*?)^ *```$", re.M | re.S)
FAILED = """
if "client" in globals() and client.result == hssmtp.FAILED:
    raise SystemExit(hssmtp.explain(client))
"""
NO_CONNECTION = "reference/error-numbers"  # the page whose example fails on purpose


def text_of(page):
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


def blocks(page, language, file=""):
    """The blocks of a page; file: on a board, "" for those that are for every runtime."""
    return [
        text for name, its, text in BLOCK.findall(text_of(page)) if (name, its) == (file, language)
    ]


def pages(language):
    names = sorted(path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
    return [name for one in names if blocks(name := str(one.with_suffix("")), language)]


@pytest.fixture
def folder(tmp_path):
    """What the examples want to find where they run."""
    (tmp_path / "boiler.log").write_text("95 °C\n" * 1000, encoding="utf-8")
    (tmp_path / "flame.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "crew.txt").write_text("one@example.com\ntwo@example.com\n")
    return tmp_path


server = pytest.fixture(smtp_example_com)


def test_pages_with_examples_are_found():
    assert {"index", "first-mail", "reference/client"} <= set(pages("python"))
    assert {"first-alert", "without-a-board"} <= set(pages("sh"))


@pytest.mark.parametrize("page", pages("python"))
def test_the_python_of_a_page_runs_and_prints_what_it_says(page, server, folder, runtime):
    script = folder / "page.py"
    examples = blocks(page, "python")
    check = "" if page == NO_CONNECTION else FAILED
    program = redirect(server) + "".join(block + check for block in examples)
    script.write_text(program, encoding="utf-8")
    done = run(runtime, script, cwd=folder)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    for expected in re.findall(r"^print\(.*\)  # (.+)$", "".join(examples), re.M):
        assert expected in lines
    if page == NO_CONNECTION:
        assert lines == ["no connection"]


def test_the_first_mail_arrives_as_the_page_says(server, folder):
    script = folder / "page.py"
    script.write_text(redirect(server) + "".join(blocks("first-mail", "python")), encoding="utf-8")
    done = run("cpython", script, cwd=folder)
    assert done.returncode == 0, done.stdout
    subjects = [server.wait_for_mail("ops@example.com") for _ in range(5)]
    assert [parsed(mail)["Subject"] for mail in subjects] == [
        *["95 °C"] * 3,
        "The last hundred minutes",
        "Try",
    ]
    (log, csv) = parsed(subjects[3]).iter_attachments()
    assert log.get_payload(decode=True) == (folder / "boiler.log").read_bytes()
    assert len(csv.get_payload(decode=True).splitlines()) == 101


# On a board


def test_the_program_for_a_board_runs_on_one(server, folder):
    require()
    (program,) = blocks("first-mail", "python", "main.py")
    install = blocks("first-mail", "sh")[0]
    package.write(folder / "build" / "package")
    with VirtualBoard(networks={"home": "password of the Wi-Fi"}) as board:
        board.set_pin(15, 1)
        lines = re.findall(r"^mpremote (.*)$", install, re.M)
        assert len(lines) == 2
        for line in lines:
            done = shell(f"mpremote connect {board.port} {line}", folder)
            assert done.returncode == 0, done.stdout + done.stderr
        now = time.gmtime()
        clock = NTPTIME % ((*now[:3], now.tm_wday, *now[3:6], 0),)
        put(board, folder, boot=redirect(server), ntptime=clock, main=program)
        board.set_pin(15, 0)
        assert (
            parsed(server.wait_for_mail("ops@example.com"))["Subject"] == "The button was pressed"
        )
        board.wait_for("sent to 1 of 1 recipients")


def on_board(board, line, folder):
    """Run a line that begins with mpremote; return what it prints."""
    done = shell(line.replace("mpremote", f"mpremote connect {board.port}", 1), folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_copied_folder_is_imported_and_source_files_before_compiled_ones(folder):
    require()
    install, copy, sources = (block.splitlines() for block in blocks("first-mail", "sh"))
    assert sources == [copy[0], "mpremote mip install package.json"]  # see project/test_package
    imported = "mpremote exec 'import hssmtp; hssmtp.Client; print(hssmtp.__file__)'"
    package.write(folder / "build" / "package")
    with VirtualBoard() as board:
        on_board(board, install[1], folder)
        assert on_board(board, imported, folder).strip().endswith("/lib/hssmtp/__init__.mpy")
        for line in copy:
            on_board(board, line, folder)
        assert on_board(board, "mpremote ls :lib", folder).split() == ["ls", ":lib"]
        on_board(board, "mpremote mkdir :lib/hssmtp", folder)
        for place in (":lib/hssmtp/", ":hssmtp/"):  # the folder in / goes first, and its .py
            printed = on_board(board, imported, folder).strip()
            assert printed.endswith("hssmtp/__init__.mpy") and "/lib/" not in printed
            on_board(board, f"mpremote cp lib/hssmtp/__init__.py {place}", ROOT)
        printed = on_board(board, imported, folder).strip()
        assert printed.endswith("hssmtp/__init__.py") and "/lib/" not in printed


def test_the_inputs_of_the_first_alert_are_watched(device, aiosmtpd_server, address):
    (inputs,) = blocks("first-alert", "python", "config.py")
    device.board.set_pin(15, 0)
    device.configure(extra=inputs)
    device.wait_for_network()
    device.board.set_pin(15, 1)
    message = parsed(aiosmtpd_server.wait_for_mail(address))
    assert message["Subject"] == "boiler room: The door is open"


# Command lines


def commands(page):
    """The lines of a page's sh blocks; one that ends with a backslash goes on in the next."""
    return "".join(blocks(page, "sh")).replace("\\\n", "").splitlines()


def test_each_command_is_one_that_there_is():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    known = ("mpremote ", "python -m hssmtp ", "openssl ", "echo ")
    for page in pages("sh"):
        for line in commands(page):
            words = line.split()
            assert line.startswith(known) or words[0] == "make" and words[1] in targets
    for path in DOCS.rglob("*.md"):
        for target in re.findall(r"`make ([\w-]+)", path.read_text(encoding="utf-8")):
            assert target in targets, f"{path.name}: make {target}"


@pytest.mark.parametrize("page", ["without-a-board", "reference/command-line"])
def test_the_command_lines_send_a_mail(page, server, folder):
    (folder / "sitecustomize.py").write_text(redirect(server))
    found = [line for line in commands(page) if "python -m hssmtp" in line]
    assert found
    for line in found:
        done = shell(
            line,
            folder,
            PYTHONPATH=f"{folder}:{ROOT / 'lib'}",
            HSSMTP_PASSWORD="app password",
            SSL_CERT_FILE="ca.pem",  # in place of the system's
        )
        assert done.returncode == 0, done.stderr
        assert ("AUTH PLAIN ***" in done.stderr) == ("--trace" in line)
        message = parsed(server.wait_for_mail("ops@example.com"))
        assert message["Subject"] == "95 °C"
        assert "The boiler is at 95 °C." in message.get_body().get_content()


def test_openssl_shows_who_signed_the_certificate(server, folder):
    if shutil.which("openssl") is None:
        missing("no openssl", "apt-get install openssl")
    command, _ = blocks("certificates", "sh")
    assert "smtp.example.com:587" in command
    here = command.replace("smtp.example.com:587", f"127.0.0.1:{server.port}")
    done = shell(here, folder)
    assert "trustme" in re.findall(r"^ *i:(.*)$", done.stdout, re.M)[-1]


def test_a_wrong_password_is_told_as_the_errors_page_has_it(server, folder):
    script = folder / "page.py"
    program = blocks("index", "python")[0].replace("app password", "another")
    script.write_text(redirect(server) + program, encoding="utf-8")
    said = run("cpython", script, cwd=folder).stdout
    assert " ".join(said.split()) in " ".join(text_of("errors").split())


def test_a_refused_connection_is_told_by_a_title_of_the_errors_page():
    client = hssmtp.Client("127.0.0.1", free_ports(1)[0], security="none")
    client.deliver(hssmtp.Message("boiler@example.com", to="ops@example.com"))
    message = hssmtp.explain(client).replace(f"127.0.0.1:{client.port}", "smtp.example.com:587")
    assert message.startswith("ERROR_CONNECT in CONNECTING: ")
    assert message.endswith("; worth another try")
    message = message.split(": ", 1)[1].removesuffix("; worth another try")
    assert f"\n### {re.sub(r' [(].*?[)]', '', message)}\n" in text_of("errors")


def test_each_setting_that_the_pages_name_is_one_that_there_is():
    example = (ROOT / "firmware" / "config_example.py").read_text(encoding="utf-8")
    settings = set(re.findall(r"^(?:# )?([A-Z_]{2,}) = ", example, re.M))
    for page in ("errors", "first-alert", "security", "providers", "certificates"):
        for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)*) = ", text_of(page)):
            assert name in settings, f"{page}: {name}"
    on_a_board = "".join(re.findall(r"^- On a board: .*(?:\n  .*)*", text_of("errors"), re.M))
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", on_a_board))
    assert len(named) > 6 and named <= settings, named - settings


def test_each_option_that_the_pages_name_is_one_that_there_is():
    options = set(command._parser()._option_string_actions)
    for option in re.findall(r"`(--[a-z-]+)", text_of("errors") + text_of("certificates")):
        assert option in options, option


def test_how_it_is_built_shows_the_library_as_it_is():
    library = [path for path in (ROOT / "lib" / "hssmtp").rglob("*.py") if path.is_file()]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in library)
    page = text_of("how-it-is-built")
    excerpt, addition = blocks("how-it-is-built", "text")
    lines = [line.strip() for line in excerpt.splitlines()]
    session = (ROOT / "lib" / "hssmtp" / "session.py").read_text(encoding="utf-8")
    assert "\n".join(lines) in "\n".join(line.strip() for line in session.splitlines())
    new = {"_BIT_DELIVERBY"}  # of the worked example
    elsewhere = {"heap_lock", "on_event"}
    found = set(re.findall(r"`[\w.]*?(_?\w+)\(", page)) | set(
        re.findall(r"`(_[A-Z][A-Z_]+)", page)
    )
    assert len(found) > 15
    for name in found - new - elsewhere:
        assert re.search(rf"(def|class) {name}\b|\b{name} = ", sources), name
    for name in re.findall(r"`((?:lib/hssmtp/|mime/|net/)?\w+\.py)`", page):
        assert list((ROOT / "lib" / "hssmtp").rglob(name.removeprefix("lib/hssmtp/"))), name
    assert "mail.deliver_by" in addition


def test_how_it_is_built_names_each_module_of_the_library():
    modules = {path.name for path in (ROOT / "lib" / "hssmtp").rglob("*.py")} - {"_viper.py"}
    listed = text_of("how-it-is-built").split("## The files of the library")[1]
    listed = listed.split("\n## ")[0]
    assert set(re.findall(r"\b(\w+\.py)\b", listed)) == modules


def test_how_it_is_tested_names_each_folder_of_tests():
    named = set(re.findall(r"^\| `(\w+)` \|", text_of("how-it-is-tested"), re.M))
    folders = {path.name for path in (ROOT / "host_tests").iterdir() if any(path.glob("**/*.py"))}
    assert named == {name for name in folders if not name.startswith("_")}


def test_each_test_that_the_standards_name_exists():
    named = re.findall(r"`([a-z_]+/[a-z_/]+)`", text_of("standards"))
    assert len(named) > 30
    for name in named:
        assert (ROOT / "host_tests" / f"{name}.py").is_file(), name


def test_links_to_files_outside_of_the_site_become_paths(monkeypatch):
    monkeypatch.syspath_prepend(DOCS / "extensions")
    rewrite = importlib.import_module("outside_links")._rewrite
    page = ["[Boards](../boards/README.md#pins), [a page](errors.md), [x](../docs/errors.md)"]
    rewrite(None, "index", page)
    assert page[0].startswith("Boards (`boards/README.md`), [a page](errors.md), ")


def test_the_worked_example_adds_its_extension():
    source = (ROOT / "lib" / "hssmtp" / "extensions.py").read_text(encoding="utf-8")
    _, addition = blocks("how-it-is-built", "text")
    source = source.replace('    b"LIMITS ",', '    b"LIMITS ",\n    b"DELIVERBY ",')
    source = source.replace("_BIT_LIMITS = const(256)", "_BIT_LIMITS = 256\n_BIT_DELIVERBY = 512")
    end = "            out.put(mail.mail_parameters)\n"
    assert source.count(end) == 1
    source = source.replace(end, end + textwrap.indent(textwrap.dedent(addition), " " * 8))
    changed = {"__name__": extensions.__name__, "__package__": "hssmtp"}
    exec(source, changed)

    said = []
    mail = SimpleNamespace(total=None, utf8=False, deliver_by=b" BY=120;R", adapt=lambda *_: 0)
    for keyword in (b"DELIVERBY ", b"HELP "):
        offered = changed["Extensions"]()
        offered.offer(keyword, len(keyword) - 1)
        offered.adapt(mail, bytearray(512))
        offered.put_mail_parameters(SimpleNamespace(put=said.append), mail)
        said.append(b";")
    assert b"".join(said) == b" BY=120;R;;"
