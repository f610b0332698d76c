"""make package: package.json, by which mip installs the library: its version and its files.

`mip install` reads it beside the files themselves, in a clone or a release.
"""

import sys
from importlib.metadata import version
from pathlib import Path

from tools.library import ROOT, device_files

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
    files = [path.as_posix() for path in device_files(root)]
    # URLs relative to this file: MicroPython's mip and mpremote know them from 1.25 on.
    urls = ",\n    ".join(f'["{name}", "lib/{name}"]' for name in files)
    return PACKAGE % (urls, version("hssmtp"))


def main() -> int:
    """Write it."""
    (ROOT / "package.json").write_text(content(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
