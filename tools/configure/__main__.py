"""python -m tools.configure: ask, try, write; `make configure` calls it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tools.configure import boards, configuration, server
from tools.configure.asking import Answers, Asker
from tools.configure.interview import NAMES, Interview, another_board, which_board
from tools.configure.person import Person
from tools.configure.text import say
from tools.configure.trial import Trial
from tools.terminal import console

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "firmware" / "config_example.py"
BOARDS = ROOT / "boards"

DONE = 0
FAILED = 1
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
INTERRUPTED = 130  # as shells report Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Configure as the arguments say; return the exit status."""
    options = _parser().parse_args(arguments)
    screen = console()
    try:
        asker = _asker(options.answers, screen)
        configure(asker, options.device, options.ca, screen)
    except (KeyboardInterrupt, EOFError):
        return _complain("stopped, and nothing was written", INTERRUPTED)
    except server.Refused as exc:
        status = TRY_AGAIN if exc.is_transient else FAILED
        return _complain(f"{exc}\nNothing was written.", status)
    except OSError as exc:
        return _complain(f"{exc.filename}: {exc.strerror}" if exc.filename else str(exc))
    except ValueError as exc:
        return _complain(str(exc))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.configure",
        allow_abbrev=False,
        description="Ask what a board has to know, try it from this PC, and write it to device/.",
        epilog="Exit status: 0 written, 75 worth another try, 1 otherwise, 130 stopped.",
    )
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help="instead of asking: lines of NAME = value, as in config.py; - for standard input",
    )
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="instead of the system's certificates"
    )
    parser.add_argument("--device", type=Path, default=ROOT / "device", metavar="FOLDER")
    return parser


def _asker(answers: str | None, screen: Console) -> Asker:
    if answers == "-":
        return Answers(sys.stdin.read(), "standard input", NAMES)
    if answers:
        return Answers(configuration.read_text(Path(answers)), answers, NAMES)
    if not sys.stdin.isatty():
        raise ValueError("no terminal to ask at: --answers FILE has the answers, or - for stdin")
    return Person(screen)


def configure(asker: Asker, folder: Path, store: Path | None, screen: Console) -> None:
    """Ask until the answers work, and write them. Raises server.Refused, ValueError, OSError."""
    path = folder / "config.py"
    if path.exists():
        text, old = revised(asker, configuration.read_text(path), str(path))
    else:
        text, old = sample(asker)
    interview = Interview(asker, old)
    interview.ask()
    ca = Trial(asker, store, screen).run(interview)
    values = {**interview.new, "CA": configuration.CA if ca else None}
    if "INSECURE" in old:
        values["INSECURE"] = False
    configuration.write(folder, configuration.rendered(text, values), ca)
    say(screen, f"\nWritten: {path}\nNow `make flash PORT=…` puts it on the board.")


def sample(asker: Asker) -> tuple[str, dict[str, object]]:
    """Return the example configuration with the board's pins, and what the board fixes."""
    known = boards.known(BOARDS)
    board = which_board(asker, known, None)
    text = configuration.wired(configuration.read_text(TEMPLATE), board.pins)
    return boards.noting(text, board), _wifi_for(board)


def revised(asker: Asker, text: str, name: str) -> tuple[str, dict[str, object]]:
    """Return the existing configuration, with other pins if the board has changed."""
    old = configuration.values(text, name)
    known = boards.known(BOARDS)
    board = another_board(asker, known, boards.noted(text))
    if board is None:
        return text, old
    if old.get("WIFI_NAME") is None:
        old.pop("WIFI_NAME", None)  # the previous board had no Wi-Fi
    return boards.fitted(text, board, known), {**old, **_wifi_for(board)}


def _wifi_for(board: boards.Board) -> dict[str, object]:
    return {} if board.is_wireless else {"WIFI_NAME": None}


def _complain(what: str, status: int = FAILED) -> int:
    say(console(stderr=True), f"configure: {what}")
    return status


if __name__ == "__main__":
    sys.exit(main())
