"""The command: `python -m tools.demo [--svg FILE]`."""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tools.demo.picture import save
from tools.demo.play import demo
from tools.library import ROOT
from tools.terminal import console


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo in build/demo; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo",
        description="Flash a virtual board, press its button, and receive its alert.",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="save a picture of it")
    options = parser.parse_args(arguments)
    folder = ROOT / "build" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    screen = Console(width=78, highlight=False, record=True, force_terminal=True)
    screen = screen if options.svg else console()
    try:
        status = asyncio.run(demo(folder, screen))
    except KeyboardInterrupt:
        print("hssmtp: stopped", file=sys.stderr)
        return 130
    if options.svg and not status:
        save(screen, options.svg)
    return status


if __name__ == "__main__":
    sys.exit(main())
