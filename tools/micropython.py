"""MicroPython's unix port: where it is on this machine."""

import os
import shutil
import sys


def find_micropython() -> str | None:
    """The one of this environment, or that of the PATH."""
    beside = os.path.dirname(sys.executable)
    return shutil.which("micropython", path=beside) or shutil.which("micropython")
