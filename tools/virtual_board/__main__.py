"""Run a virtual board in the foreground, for mpremote in another terminal."""

import argparse
import cmd
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tools import wifi
from tools.private import FolderInUse, FolderOfOthers
from tools.terminal import printable, say, short, wrapped
from tools.virtual_board import VirtualBoard

IN_USE = 3
_SHOWN = 4000  # characters of output that `output` shows at most


class Hand(cmd.Cmd):
    """Commands for what a hand does to a board."""

    prompt = ""
    doc_header = "What can be done to the board (help COMMAND):"

    def __init__(self, board: VirtualBoard) -> None:
        super().__init__()
        self._board = board

    def do_pin(self, line: str) -> None:
        """pin 15 0: connect a pin to ground; pin 15 1: to 3.3 V; pin 15: to nothing; pin LED"""
        pin, *level = line.split()
        if level:
            self._board.set_pin(pin, int(level[0]))
        else:
            print("the board puts out:", self._board.pin(pin))
            self._board.set_pin(pin, None)

    def do_adc(self, line: str) -> None:
        """adc 26 40000: a voltage at a pin, 0 (0 V) to 65535 (3.3 V)"""
        pin, value = line.split()
        self._board.set_adc(pin, int(value))

    def do_network(self, line: str) -> None:
        """network off, network on: take Wi-Fi or Ethernet away, bring it back"""
        self._switch(line, self._board.bring_network_back, self._board.take_network_away)

    def do_power(self, line: str) -> None:
        """power off, power on"""
        self._switch(line, self._board.power_on, self._board.cut_power)

    def do_cable(self, line: str) -> None:
        """cable off, cable on: disconnect and connect the PC; the power stays"""
        self._switch(line, self._board.plug_in, self._board.unplug)

    def do_reset(self, line: str) -> None:
        """reset: press the button"""
        self._board.press_reset()

    def do_output(self, line: str) -> None:
        """output: show what the board printed since it started"""
        say(self._board.output_since_start[-_SHOWN:])

    def _switch(self, line: str, on: Callable[[], None], off: Callable[[], None]) -> None:
        {"on": on, "off": off}[line]()

    def onecmd(self, line: str) -> bool:
        """Run a command line."""
        if line == "EOF":
            return True
        try:
            return super().onecmd(line)
        except (KeyError, ValueError) as problem:
            print(f"not understood: {printable(str(problem))}; `help` lists the commands")
            return False

    def default(self, line: str) -> None:
        """Reply to an unknown command."""
        print(f"not understood: {printable(line)}; `help` lists the commands")


def main() -> int:
    """Run the board until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.virtual_board", description=__doc__)
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep its flash in there")
    parser.add_argument(
        "--machine", help="what it says to be: “Raspberry Pi Pico W with RP2040”, …"
    )
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have set them to be ignored
        signal.signal(number, signal.default_int_handler)
    says = {"_machine": options.machine} if options.machine else {}
    try:
        with VirtualBoard(options.keep, implementation=says) as board:
            _run(board)
    except FolderInUse as problem:
        return _complain(
            f"a board runs in {short(str(problem))} already. Use that one, stop it with Ctrl-C"
            " in its terminal, or name another folder: make board KEEP=FOLDER",
            IN_USE,
        )
    except (FolderOfOthers, OSError) as problem:
        return _complain(str(problem), 1)
    return 0


def _run(board: VirtualBoard) -> None:
    port = short(board.port)
    print(
        f"A virtual board is at {port}, until Ctrl-C. In another terminal:\n\n"
        f"    mpremote connect {port}    # Ctrl-] leaves it\n"
        f"    make flash PORT={port}\n\n"
        f"It is in reach of a Wi-Fi “{wifi.NAME}” with the password “{wifi.PASSWORD}”. Through\n"
        "that it reaches all that this PC reaches, `make mailbox` too.\n\n"
        "Here, `pin 15 0` connects its pin 15 to ground, `output` shows what it printed,\n"
        "`help` lists the other commands.\n",
        flush=True,
    )
    try:
        Hand(board).cmdloop()
        if not sys.stdin.isatty():  # no input: only a signal ends it
            signal.pause()
    except KeyboardInterrupt:
        print()


def _complain(what: str, status: int) -> int:
    print(wrapped("make board: " + printable(what)), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
