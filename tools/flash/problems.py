"""What can go wrong on the way onto a board: each with words for a person and an exit status."""


class Problem(Exception):
    """Its text says what is the matter and what to do."""

    status = 1


class NoBoard(Problem):
    """No such port, or none named."""

    status = 3


class Busy(Problem):
    """Another program has the port."""

    status = 4


class Permission(Problem):
    """This user may not open it."""

    status = 5


class NoAnswer(Problem):
    """Something is at the port, and it is no MicroPython that can be talked to."""

    status = 6


class TooOld(Problem):
    """A MicroPython before 1.23."""

    status = 7


class WrongPython(Problem):
    """CircuitPython, as a rule."""

    status = 8


class FlashFull(Problem):
    """It doesn't fit."""

    status = 9


class ConnectionLost(Problem):
    """The board has gone in the middle of it."""

    status = 10


class WhichBoard(Problem):
    """The board doesn't say which of boards/ it is."""

    status = 11


class Damaged(Problem):
    """What was written can't be read back as it was."""

    status = 12


class ConfigWrong(Problem):
    """config.py has errors."""

    status = 13


class NoNetwork(Problem):
    """Everything is on the board, and its network did not come up."""

    status = 14


class BrokenDown(Problem):
    """Everything is on the board, and the application ended."""

    status = 15
