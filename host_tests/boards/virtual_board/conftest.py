"""What the tests of the virtual board share."""

import pytest

from host_tests.support.mpremote import require
from tools.virtual_board import VirtualBoard


@pytest.fixture(autouse=True)
def on_linux():
    require()


@pytest.fixture
def board():
    with VirtualBoard() as board:
        yield board
