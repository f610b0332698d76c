"""Links to files of the project that are not pages of the site.

On a code host `[boards](../boards/README.md)` leads to that file. The site shows the words and the
file's path, as a link if the project has an address (pyproject.toml). A file that does not exist
is a warning, and so an error.
"""

import re
from pathlib import Path
from typing import Any

from sphinx.util import logging

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent

_LINK = re.compile(r"(?<!!)\[([^]]+)\]\((\.\./[^)#]+)(#[^)]*)?\)")
_ADDRESS = re.compile(r'^address = "(.*)"$', re.MULTILINE)

_logger = logging.getLogger(__name__)


def setup(app: Any) -> dict[str, Any]:
    """Register the hook with Sphinx."""
    app.connect("source-read", _rewrite)
    return {"parallel_read_safe": True}


def _rewrite(app: Any, page: str, source: list[str]) -> None:
    folder = (DOCS / page).parent
    source[0] = _LINK.sub(lambda link: _outside(link, folder, page), source[0])


def _outside(link: re.Match[str], folder: Path, page: str) -> str:
    words, path, anchor = link[1], link[2], link[3] or ""
    target = (folder / path).resolve()
    if DOCS in target.parents:
        return link[0]
    if not target.exists():
        _logger.warning("%s: no such file: %s", page, path)
        return words
    name = target.relative_to(ROOT).as_posix()
    address = _address()
    if address:
        return f"[{words}]({address}/blob/main/{name}{anchor})"
    return words if words == name else f"{words} (`{name}`)"


def _address() -> str:
    found = _ADDRESS.search((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return found[1].rstrip("/") if found else ""
