"""The library on a Cortex-M3: QEMU has it, MicroPython a port for it, mpremote puts it there."""

import pytest

from tools.bench.ticks import ATTACHMENT, MAILS, count, put
from tools.qemu import firmware
from tools.qemu.board import Board

FROZEN_BUDGET = 14 * 1024  # octets of heap, without a network


def _require(elf):
    """Skip: its packages may be out of reach, as with the 32-bit MicroPython."""
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
def test_a_mail_goes_through(board, mail):
    """From .mpy files, the viper encoder's among them; ticks.count() raises if it isn't sent."""
    found = count(board, mail)
    assert {"GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "TEXT"} <= set(found)


def test_the_encoder_is_the_processors_own(board):
    said = board.run("from hssmtp import base64, _viper; print(base64.lines is _viper.lines)")
    assert said.strip() == "True"


def test_a_tick_is_no_longer_for_a_larger_file(board):
    """Bounded work, in instructions: no clock of this machine has a say."""
    large = count(board, "attachment")["TEXT"]
    board.run(f"import ram_files; ram_files.files['attachment'] = bytes({ATTACHMENT // 10})")
    small = count(board, "attachment")["TEXT"]
    # A little: a call with many locals takes room from the heap, and has to look for it.
    assert large < 1.5 * small


def test_frozen_into_the_firmware():
    _require(firmware.FROZEN)
    with Board(firmware.FROZEN) as board:
        put(board, "near_heap", library=False)
        heap = int(board.run("import near_heap; near_heap.measure('plain')"))
    assert heap < FROZEN_BUDGET
