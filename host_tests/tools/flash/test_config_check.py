"""make flash: config.py is checked on the PC before anything is copied."""

import shutil
from types import SimpleNamespace

from host_tests.support.flashing import FILES, HOSTILE, files, says
from host_tests.support.mpremote import mpremote
from host_tests.support.runtimes import ROOT
from tools.flash import config_check, content, problems
from tools.flash.board import Facts
from tools.virtual_board import VirtualBoard


# config.py is checked first
def test_wrong_configuration_is_reported_before_copying(board, flash, project):
    assert flash(board)[0] == 0
    there = files(board)
    (project / "device" / "config.py").write_text("SERVR = 'smtp.example.com'\n")
    (project / "lib" / "hssmtp" / "__init__.py").write_text("WORD = 'post'\n")
    says(
        flash,
        board,
        problems.ConfigWrong,
        *("config.py is wrong, and nothing was copied", "device/config.py says: "),
        "config.py, line 1: SERVER is missing",
    )
    assert files(board) == there


def test_syntax_error_in_the_configuration_is_reported(board, flash, project):
    (project / "device" / "config.py").write_text("SERVER = 'a'\nPORT = = 3\n")
    says(flash, board, problems.ConfigWrong, 'File "config.py", line 2', "SyntaxError")
    assert files(board) == {}


def test_configuration_that_never_ends_is_reported(board, flash, project, monkeypatch):
    monkeypatch.setattr(config_check, "_SECONDS", 1)
    (project / "device" / "config.py").write_text("while True: pass\n")
    says(flash, board, problems.ConfigWrong, "does not come to its end within 1 s")


def test_output_of_the_configuration_is_shown_printable(board, flash, project):
    text = f"print({HOSTILE!r})\n1 / 0\n"
    (project / "device" / "config.py").write_text(text, encoding="utf-8")
    status, said = flash(board)
    assert status == problems.ConfigWrong.status
    assert "evil" in said
    assert set(said) & set(HOSTILE) <= set("[2J31mevil")


def test_configuration_may_be_in_another_folder(board, flash, project, tmp_path):
    (project / "device").rename(tmp_path / "elsewhere")
    status, said = flash(board, "--device", str(tmp_path / "elsewhere"))
    assert status == 0, said
    assert set(files(board)) == FILES


def test_without_micropython_on_the_pc_the_board_checks(board, flash, monkeypatch):
    monkeypatch.setattr(config_check, "find_micropython", lambda: None)
    status, said = flash(board)
    assert status == 0, said
    assert "config.py is not checked on this PC" in said


def test_with_an_old_micropython_on_the_pc_the_board_checks(board, flash, monkeypatch, tmp_path):
    old = tmp_path / "micropython"
    old.write_text("#!/bin/sh\necho ImportError: no module named vfs\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setattr(config_check, "find_micropython", lambda: str(old))
    status, said = flash(board)
    assert status == 0, said
    assert "config.py is not checked on this PC" in said


def test_configuration_that_exits_is_wrong(board, flash, project):
    (project / "device" / "config.py").write_text("import sys\nsys.exit(0)\n")
    says(flash, board, problems.ConfigWrong, "nothing was copied", "sys.exit()")


# The real application, and the boards there are


def real_config(project, **changes):
    """The project becomes the real one, with a configuration that is right but for `changes`."""
    for name in ("lib", "firmware", "boards"):
        if not (project / name).is_symlink():
            shutil.rmtree(project / name)
            (project / name).symlink_to(ROOT / name)
    values = {
        "DEVICE": "boiler room",
        "WIFI_NAME": "home",
        "WIFI_PASSWORD": "home sweet home",
        "SERVER": "localhost",
        "INSECURE": True,
        "SENDER": "boiler@example.com",
        "RECIPIENTS": ["ops@example.com"],
        "INPUTS": [{"name": "Door", "digital": 15}],
        "NTP_SERVER": None,
        **changes,
    }
    lines = [f"{name} = {value!r}\n" for name, value in values.items()]
    (project / "device" / "config.py").write_text("".join(lines), encoding="utf-8")


PICO = {"_machine": "Raspberry Pi Pico W with RP2040"}


def test_real_check_reads_the_configuration_of_every_board(project):
    real_config(project)
    here = content.Project(project)
    for name, machine in here.boards().items():
        facts = Facts("micropython", (1, 27, 0), machine, 0, 4096, 256, 200, 100_000)
        board = SimpleNamespace(facts=facts)
        assert config_check.check_config(board, here, name)


def test_real_check_finds_a_wrong_pin_and_an_unknown_setting(project, flash):
    with VirtualBoard(implementation=PICO) as board:
        real_config(project, INPUTS=[{"name": "Door", "digital": 99}])
        says(flash, board, problems.ConfigWrong, "config.py, line 8: ", "99")
        real_config(project, RECIPIENTSS=["ops@example.com"])
        says(flash, board, problems.ConfigWrong, "config.py, line 10: ", "RECIPIENTSS")
        assert files(board) == {}


def test_own_ca_file_is_looked_for_on_the_board(project, flash, certificates):
    with VirtualBoard(implementation=PICO, networks={"home": "home sweet home"}) as board:
        real_config(project, INSECURE=False, CA="own/root.der")
        says(flash, board, problems.ConfigWrong, "own/root.der")
        mpremote(board, "mkdir", ":own", "+", "cp", certificates.ca_der, ":own/root.der")
        status, said = flash(board)
        assert status == 0, said


def test_real_application_reports_that_the_wifi_does_not_come_up(project, flash):
    networks = {"home": "another password"}
    with VirtualBoard(implementation=PICO, networks=networks) as board:
        real_config(project, NETWORK_SECONDS=1)
        says(flash, board, problems.NoNetwork, "WIFI_PASSWORD")
