"""Show what the board prints after its reset, until its network is up or an error comes."""

import re
import time

from tools.flash.board import Board
from tools.flash.problems import BrokenDown, ConfigWrong, NoNetwork, Problem
from tools.terminal import say

LONGEST = 90.0  # s until the network is up: a board tries for 20 s, then again
QUIET = 2.0  # s without output after an error: its lines are complete
SILENT = 8.0  # s without output after the reset, until _wake()

_UP = "the network is up"
_PROMPT = b">>> "
# What the application prints for an error, and the Problem for it.
_ERRORS = (
    (re.compile(r"config\.py, line \d+|there is no config\.py|File \"config\.py\""), ConfigWrong),
    (re.compile(r"no network, "), NoNetwork),
    (re.compile(r"^Traceback |broken down: "), BrokenDown),
)
_TOLD = {
    ConfigWrong: (
        "config.py on the board is wrong: the lines above say where. Correct device/config.py,"
        " then `make flash`"
    ),
    NoNetwork: (
        "the network did not come up: compare WIFI_NAME and WIFI_PASSWORD in device/config.py, or"
        " look at the cable. The board goes on trying"
    ),
    BrokenDown: "the application on the board has ended: the lines above say what it printed",
}


def follow(board: Board, port: str) -> None:
    """Show the board's lines until one says that the network is up.

    Raises ConfigWrong, NoNetwork or BrokenDown. Ctrl-C ends only this command: the board goes on.
    """
    say("The board starts. Ctrl-C leaves it running:")
    try:
        _Listener(board, port).listen()
    except KeyboardInterrupt:
        say(f"\nThe board goes on. Its output: mpremote connect {port}")


class _Listener:
    """Reads and shows lines, and notes errors in them."""

    def __init__(self, board: Board, port: str) -> None:
        self._board = board
        self._port = port
        self._line = b""  # an incomplete line
        self._error: type[Problem] | None = None
        self._heard = time.monotonic()
        self._is_silent = True

    def listen(self) -> None:
        """Return when the network is up. Raises a Problem if it does not come up."""
        end = time.monotonic() + LONGEST
        while (now := time.monotonic()) < end:
            octets = self._board.read()
            if octets:
                self._heard = now
                self._is_silent = False
                if self._is_up(octets):
                    return
            has_ended = self._line == _PROMPT
            if has_ended or self._error and now > self._heard + QUIET:
                error = self._error or BrokenDown
                raise error(_TOLD[error])
            if self._is_silent and now > self._heard + SILENT:
                self._wake()
        raise NoNetwork(
            f"the board has not said within {LONGEST:.0f} s that its network is up. To see more"
            f" of its output: mpremote connect {self._port}, then press its reset button"
        )

    def _is_up(self, octets: bytes) -> bool:
        """Show the complete lines; return whether one says that the network is up."""
        *lines, self._line = (self._line + octets).split(b"\n")
        return any(self._show(line) for line in lines)

    def _show(self, line: bytes) -> bool:
        text = line.decode(errors="replace").rstrip()
        if text:
            say("  " + text)
        if not self._error or self._error is BrokenDown:
            # A traceback: its later lines may name config.py.
            self._error = next(
                (kind for words, kind in _ERRORS if words.search(text)), self._error
            )
        return _UP in text

    def _wake(self) -> None:
        """Make a board that is at its prompt print the reason.

        A native USB port comes back after the reset, and the output before that is
        lost: the errors in config.py. Enter shows a prompt if there is one, Ctrl-D runs main.py
        again. A running application reads neither.
        """
        self._is_silent = False
        self._board.type(b"\r")
        answer = b""
        end = time.monotonic() + 1
        while not answer.endswith(_PROMPT) and time.monotonic() < end:
            answer += self._board.read()
        if answer.endswith(_PROMPT):
            self._board.type(b"\x04")
        else:
            self._line = answer
