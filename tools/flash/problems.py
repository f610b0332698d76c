"""What can go wrong with a board: each problem has a message and an exit status."""


class Problem(Exception):
    """The text says what is wrong, and what to do."""

    status = 1


class NoBoard(Problem):
    """The port does not exist, or is not given."""

    status = 3


class Busy(Problem):
    """Another program uses the port."""

    status = 4


class Permission(Problem):
    """This user may not open the port."""

    status = 5


class NoAnswer(Problem):
    """The device at the port does not answer as MicroPython."""

    status = 6


class TooOld(Problem):
    """The board has a MicroPython before 1.23."""

    status = 7


class WrongPython(Problem):
    """The board has another Python, mostly CircuitPython."""

    status = 8


class FlashFull(Problem):
    """The files do not fit."""

    status = 9


class ConnectionLost(Problem):
    """The connection to the board was lost."""

    status = 10


class WhichBoard(Problem):
    """It is not known which board this is."""

    status = 11


class Damaged(Problem):
    """A file has a wrong checksum after writing."""

    status = 12


class ConfigWrong(Problem):
    """config.py has errors."""

    status = 13


class NoNetwork(Problem):
    """All files are on the board, but its network did not come up."""

    status = 14


class BrokenDown(Problem):
    """All files are on the board, but the application has ended."""

    status = 15
