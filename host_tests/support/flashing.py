"""What the tests of make flash share."""

import re

from host_tests.support.mpremote import mpremote
from tools.virtual_board import VirtualBoard

VIPER = "import micropython\n@micropython.viper\ndef add(a: int, b: int) -> int: return a + b\n"
# An application as small as the rest of the project: it says what the real one says.
ALERT = """\
import board, config, hssmtp

def run():
    from hssmtp import _viper

    print(board.NAME, config.SERVER, hssmtp.WORD, _viper.add(40, 2))
    print("2021-01-01 00:00:00 UTC  the network is up, address 127.0.0.1")
    while True:
        pass
"""
SETTINGS = """\
def load(wireless):
    import config

    if not hasattr(config, "SERVER"):
        print("config.py, line 1: SERVER is missing")
        return None
    return config
"""


def small_board(**arguments):
    implementation = {"_machine": "Small Board with X64", **arguments.pop("says", {})}
    return VirtualBoard(implementation=implementation, **arguments)


def fits(said):
    """Every line is 80 columns wide at most, or one word that is longer, as a path is."""
    for line in re.split("[\r\n]", said):
        assert len(line) <= 80 or len(line.split()) == 1, line


def in_one_line(said):
    return " ".join(said.split())


FILES = {
    *("/lib/hssmtp/__init__.mpy", "/lib/hssmtp/_viper.mpy", "/alert/__init__.mpy"),
    *("/alert/settings.mpy", "/board.mpy"),
    *("/boot.py", "/main.py", "/ca.der", "/config.py"),
}


def files(board):
    """What is on the board: bytes by path."""
    program = (
        "import os\n"
        "def walk(folder):\n"
        "    for name, kind, *_ in os.ilistdir(folder):\n"
        "        path = folder + '/' + name\n"
        "        if kind == 0x4000: walk(path)\n"
        "        else:\n"
        "            with open(path, 'rb') as file: found[path] = file.read()\n"
        "found = {}\nwalk('')\nprint(found)\n"
    )
    return eval(mpremote(board, "exec", program))


HOSTILE = "\x1b[2J\x9b31m\u202eevil\u200b\x07"


def says(flash, board, problem, *words, arguments=()):
    status, said = flash(board, *arguments)
    assert status == problem.status, said
    assert re.search("^hssmtp: ", said, re.MULTILINE), said
    for word in words:
        assert word in in_one_line(said)
