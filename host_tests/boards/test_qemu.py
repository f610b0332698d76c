"""The library on a Cortex-M3 in QEMU, with MicroPython's port for it and mpremote."""

import pytest

from tools.bench.ticks import (
    ATTACHMENT,
    MAILS,
    count,
    dropped,
    put,
    reload,
    switched_on,
    whole_mails,
)
from tools.library import device_files, module_name
from tools.qemu import firmware
from tools.qemu.board import Board

FROZEN_BUDGET = 14 * 1024  # bytes of heap, without a network


def _require(elf):
    """Skip if its packages are not available, as with the 32-bit MicroPython."""
    if not elf.exists():
        why = firmware.WHY_NOT
        pytest.skip(why.read_text() if why.exists() else "no Cortex-M3: make test-qemu builds it")


@pytest.fixture(scope="module")
def board():
    _require(firmware.PLAIN)
    with Board(firmware.PLAIN) as board:
        put(board, "ticks", library=True)
        board.run("import ticks")
        yield board


@pytest.mark.parametrize("mail", MAILS)
def test_mail_is_sent_on_a_cortex_m3(board, mail):
    """From .mpy files, the viper encoder's among them; ticks.count() raises if it isn't sent."""
    found = count(board, mail)
    assert {"GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "TEXT"} <= set(found)


def test_base64_encoder_is_machine_code(board):
    names = {file.stem: module_name(file) for file in device_files()}
    part, viper = names["file_part"], names["_viper"]
    said = board.run(f"import {part}, {viper}; print({part}.lines is {viper}.lines)")
    assert said.strip() == "True"


def test_tick_is_not_longer_for_a_larger_file(board):
    """Bounded work, in instructions: independent of this computer's clock."""
    large = count(board, "attachment")["TEXT"]
    # As much behind the last whole line of 57 bytes; and as much of the heap in use.
    size = ATTACHMENT // 10 // 57 * 57 + ATTACHMENT % 57
    board.run("import ram_files; ram_files.files['large'] = ram_files.files['attachment']")
    board.run(f"ram_files.files['attachment'] = bytes({size})")
    small = count(board, "attachment")["TEXT"]
    # A little: a call with many locals takes room from the heap, and has to look for it.
    assert large < 1.5 * small


@pytest.mark.parametrize("store", ["in memory", "on littlefs"])
def test_whole_mails_and_reloaded_modules(store):
    _require(firmware.PLAIN)
    with switched_on(store) as board:
        first, second = whole_mails(board, "plain", 2)
        # The first one loads the library's code.
        assert first["sum"] > second["sum"] > first["tick()"] / 2 > 0
        assert (first["reads"] > 0) == (store == "on littlefs")
        loaded = "[name for name in sys.modules if name[:7] == 'hssmtp.']"
        name = board.run(f"import sys; print({loaded}[-1])").strip()
        found = reload(board, name)
        assert found["instructions"] > 10_000
        assert (found["reads"] > 0) == (store == "on littlefs")
        assert board.run(f"print({name!r} in sys.modules)").strip() == "False"
        if store == "in memory":
            assert name in dropped(board)


def test_library_frozen_into_the_firmware():
    _require(firmware.FROZEN)
    with Board(firmware.FROZEN) as board:
        put(board, "near_heap", library=False)
        heap = int(board.run("import near_heap; near_heap.measure('plain')"))
    assert heap < FROZEN_BUDGET
