"""make package: package.json, by which mip installs the library: its version and its files.

`mip install` reads it beside the files themselves, in a clone or a release.
"""

import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = ("__main__.py", "_cpython.py", "_circuitpython.py")  # what MicroPython has no use for

PACKAGE = """\
{
  "urls": [
    %s
  ],
  "deps": [],
  "version": "%s"
}
"""


def content(root: Path = ROOT) -> str:
    """What package.json has to hold."""
    names = sorted(path.name for path in (root / "lib" / "hssmtp").glob("*.py"))
    files = [name for name in names if name not in ELSEWHERE]
    # URLs relative to this file: MicroPython's mip and mpremote know them from 1.25 on.
    urls = ",\n    ".join(f'["hssmtp/{name}", "lib/hssmtp/{name}"]' for name in files)
    return PACKAGE % (urls, version("hssmtp"))


def main() -> int:
    """Write it."""
    (ROOT / "package.json").write_text(content(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
