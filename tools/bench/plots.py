"""python -m tools.bench.plots: draw docs/*.svg from build/bench.json."""

import json
import sys
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib.axes import Axes

from tools.bench import compiled

DOCS = compiled.ROOT / "docs"

BLUE, ORANGE, RED = "#3b82f6", "#f97316", "#d1435b"

# Grey, without a background, can be read on white and on black.
STYLE: Any = {
    "svg.hashsalt": "hssmtp",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2,
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"),
        "#7f7f7f",
    ),
}


def memory(found: dict[str, Any], axes: Axes) -> None:
    """Memory stays flat while the file grows."""
    above_left: Any = {"xytext": (-8, 3), "ha": "right", "va": "bottom"}
    below_right: Any = {"xytext": (6, -4), "ha": "left", "va": "top"}
    lines = (
        ("aiosmtplib", RED, above_left),
        ("smtplib", ORANGE, below_right),
        ("hssmtp", BLUE, above_left),
    )
    for name, colour, place in lines:
        points = [(int(size), taken) for size, taken in found["growth"]["CPython"][name].items()]
        axes.loglog(*zip(*points, strict=True), "o-", color=colour)
        size, taken = points[-1]
        label = f"{name}: {_size(taken)}"
        axes.annotate(label, (size, taken), color=colour, textcoords="offset points", **place)
    axes.set_title("one mail on CPython, without TLS", loc="left", fontsize=10)
    axes.set_xlabel("size of the attachment")
    axes.set_ylabel("memory for the mail")
    sizes = [10**n for n in range(3, 9)]
    axes.set_xticks(sizes, [_size(size) for size in sizes])
    axes.set_yticks(sizes[1:], [_size(size) for size in sizes[1:]])
    axes.set_xlim(7e2, 4e8)
    axes.set_ylim(5e3, 3e8)
    axes.minorticks_off()


# The file in docs/, the measurement that it needs, its size in inches.
PLOTS: dict[str, tuple[Callable[[dict[str, Any], Axes], None], str, tuple[float, float]]] = {
    "memory": (memory, "growth", (4.8, 3.2)),
}


def main() -> int:
    """Draw what was measured; return the exit status."""
    path = compiled.ROOT / "build" / "bench.json"
    if not path.exists():
        print("nothing was measured yet: make bench")
        return 1
    found = json.loads(path.read_text(encoding="utf-8"))
    matplotlib.use("svg")
    DOCS.mkdir(exist_ok=True)
    with matplotlib.rc_context(STYLE):
        for name, (draw, wanted, size) in PLOTS.items():
            if wanted not in found:
                print(f"docs/{name}.svg: python -m tools.bench {wanted} first")
                continue
            figure, axes = pyplot.subplots(figsize=size, layout="constrained")
            draw(found, axes)
            # Without a date the same numbers give the same file.
            figure.savefig(DOCS / f"{name}.svg", transparent=True, metadata={"Date": None})
            pyplot.close(figure)
            print(f"docs/{name}.svg")
    return 0


def _size(count: int) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} GB"


if __name__ == "__main__":
    sys.exit(main())
