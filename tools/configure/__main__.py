"""python -m tools.configure: ask, try, write; `make configure` calls it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.configure import configuration, server
from tools.configure.asking import Answers, Asker, Person
from tools.configure.certificate import Certificate
from tools.configure.interview import NAMES, Interview, which_board

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "firmware" / "config_example.py"
BOARDS = ROOT / "boards"

DONE = 0
FAILED = 1
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
INTERRUPTED = 130  # what a shell says of Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Configure as the arguments say; return the exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    try:
        asker = _asker(options.answers, console)
        configure(asker, options.device, options.ca, console)
    except (KeyboardInterrupt, EOFError):
        return _complain("stopped, and nothing was written", INTERRUPTED)
    except server.Refused as exc:
        status = TRY_AGAIN if exc.transient else FAILED
        return _complain(f"{exc}\nNothing was written.", status)
    except (OSError, ValueError) as exc:
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


def _asker(answers: str | None, console: Console) -> Asker:
    if answers == "-":
        return Answers(sys.stdin.read(), "standard input", NAMES)
    if answers:
        return Answers(Path(answers).read_text(encoding="utf-8"), answers, NAMES)
    if not sys.stdin.isatty():
        raise ValueError("no terminal to ask at: --answers FILE has the answers, or - for stdin")
    return Person(console)


def configure(asker: Asker, folder: Path, store: Path | None, console: Console) -> None:
    """Ask until it works, and write it. Raises server.Refused if it won't, ValueError, OSError."""
    path = folder / "config.py"
    if path.exists():
        text, old = path.read_text(encoding="utf-8"), configuration.read(path)
    else:
        text, old = sample(asker)
    while True:
        interview = Interview(asker, old)
        interview.ask()
        try:
            ca = try_out(asker, interview.new, store, console)
            break
        except server.Refused as exc:
            if not asker.again(str(exc)):
                raise
            old = interview.new
    values = {**interview.new, "CA": configuration.CA if ca else None}
    if "INSECURE" in old:
        values["INSECURE"] = False
    configuration.write(folder, configuration.rendered(text, values), ca)
    say(console, f"\nWritten: {path}. Now `make flash PORT=…` puts it on the board.")


def sample(asker: Asker) -> tuple[str, dict[str, object]]:
    """What a first configuration is made of: the example, with the pins of the board there is."""
    boards = {
        path.parent.name: configuration.read(path) for path in sorted(BOARDS.glob("*/board.py"))
    }
    board = boards[which_board(asker, {folder: str(it["NAME"]) for folder, it in boards.items()})]
    pins = {"digital": board["DIGITAL"], "analogue": board["ANALOGUE"]}
    text = configuration.wired(TEMPLATE.read_text(encoding="utf-8"), pins)
    return text, {} if board["WIRELESS"] else {"WIFI_NAME": None}


def try_out(
    asker: Asker, settings: dict[str, Any], store: Path | None, console: Console
) -> bytes | None:
    """Find the CA, have it confirmed, log in, send a mail if wanted; return the CA's octets."""
    ca = None
    if settings["SECURITY"] != "none":
        with console.status(Text(f"connecting to {settings['SERVER']}")):
            root, known = server.root(settings, store)
        show(root, known, settings["SERVER"], console)
        if not asker.believe(root, known):
            raise server.Refused(f"{root.subject} was not confirmed")
        ca = root.der
    if asker.agree("TEST_MAIL", "Send a test mail now?", True):
        with console.status("sending it"):
            told = server.send_mail(settings, ca)
        say(console, f"The mail was {told}.")
    else:
        with console.status("logging in"):
            server.log_in(settings, ca)
        say(console, "The server takes the login." if settings["USER"] else "The server answers.")
    return ca


def show(root: Certificate, known: bool, host: str, console: Console) -> None:
    """What a person compares."""
    if known:
        say(console, f"\nThis PC trusts {host}, since its certificate was signed, in the end, by")
    else:
        say(
            console,
            f"\n{host} shows a certificate that this PC has no reason to trust. Anybody in between"
            " could have made it: compare its fingerprint with what whoever runs the server says.",
            "bold red",
        )
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("CA" if root.is_ca else "certificate", root.subject),
        ("valid", root.validity),
        ("SHA-256", f"{root.fingerprint[:48]}\n{root.fingerprint[48:]}"),
    ):
        facts.add_row(Text(name, style="bold"), Text(value))
    console.print(facts)


def say(console: Console, words: str, style: str = "") -> None:
    """Print it, in whole lines where no person reads them."""
    console.print(Text(words, style=style), soft_wrap=not console.is_terminal)


def _complain(what: str, status: int = FAILED) -> int:
    print("configure:", what, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
