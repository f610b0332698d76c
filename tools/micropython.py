"""Find MicroPython's unix port on this computer."""

import os
import shutil
import sys


def find_micropython() -> str | None:
    """Return the path of this environment's MicroPython, or of the one on the PATH."""
    beside = os.path.dirname(sys.executable)
    return shutil.which("micropython", path=beside) or shutil.which("micropython")
