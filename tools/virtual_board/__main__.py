"""A virtual board in the foreground, for a person with mpremote."""

import argparse
import signal
from pathlib import Path

from tools.virtual_board import VirtualBoard


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.virtual_board", description=__doc__)
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep its flash in there")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has them ignored
        signal.signal(number, signal.default_int_handler)
    with VirtualBoard(options.keep) as board:
        print(f"A board is at {board.port} until Ctrl-C. In another terminal:\n")
        print(f"    mpremote connect {board.port}        # its prompt; Ctrl-] leaves it")
        print(f"    mpremote connect {board.port} ls")
        print(f"    make flash PORT={board.port}\n", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
