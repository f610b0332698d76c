"""The terminal of `make demo` as an SVG, for the README."""

import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

# rich's picture loads a font from the web. This one must not. Any monospaced font will do, since
# the width of each text is given.
_FORMAT = re.sub(r"\s*@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
)


def save(console: Console, path: Path) -> None:
    """Write what a console has recorded."""
    svg = console.export_svg(
        title="make demo", theme=MONOKAI, code_format=_FORMAT, unique_id="demo"
    )
    path.write_text(svg + "\n", encoding="utf-8")
