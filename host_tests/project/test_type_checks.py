"""pyright: each file of the library is checked once, with the stubs of where it runs.

tools/library.py says which files no device gets. pyright's configurations cannot read that, so
they repeat it as patterns.
"""

import json
import re
from fnmatch import fnmatch
from pathlib import Path

from host_tests.support.runtimes import ROOT
from tools.library import device_files

LIBRARY = {path.relative_to(ROOT) for path in (ROOT / "lib" / "hssmtp").rglob("*.py")}
DEVICE = {Path("lib") / path for path in device_files()}
WITH_MACHINE_CODE = {path for path in DEVICE if path.name == "_viper.py"}  # no types for viper


def matching(patterns: list[str]) -> set[Path]:
    """The library's files that pyright takes for patterns: a folder stands for all in it."""
    return {
        path
        for path in LIBRARY
        for pattern in patterns
        if any(
            fnmatch(f"/{place}", f"*/{pattern.replace('**/', '*')}")
            for place in (path, *path.parents)
        )
    }


def test_device_files_are_checked_with_micropythons_stubs():
    text = (ROOT / "pyright-device.json").read_text(encoding="utf-8")
    settings = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    checked = matching(settings["include"]) - matching(settings["exclude"])
    assert checked == DEVICE - WITH_MACHINE_CODE


def test_other_files_are_checked_with_pythons_stubs():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (include,) = re.findall(r"^include = (\[.*lib/\*\*.*\])$", text, re.MULTILINE)
    assert matching(json.loads(include)) == LIBRARY - DEVICE
