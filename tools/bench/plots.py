"""python -m tools.bench.plots: draw build/bench.json, as far as it is there, to docs/*.svg."""

import json
import sys
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib.axes import Axes

from tools.bench import compiled

DOCS = compiled.ROOT / "docs"

BLUE, GREEN, ORANGE, GREY = "#3b82f6", "#22a06b", "#f97316", "#7f7f7f"

# Grey that can be read on white and on black, and nothing behind it.
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
KB = 1024


def memory(found: dict[str, Any], axes: Axes) -> None:
    """Memory stays flat while the file grows."""
    lines = (
        ("smtplib, 64 bits", "smtplib on CPython", ORANGE, 6),
        ("attachment, 64 bits", "hssmtp on MicroPython, 64 bits", GREEN, 6),
        ("attachment, 32 bits", "hssmtp on MicroPython, 32 bits", BLUE, -14),
    )
    sizes = [10**n for n in range(3, 9)]
    for key, label, colour, above in lines:
        if key in found["growth"]:
            points = [(int(size), octets) for size, octets in found["growth"][key].items()]
            axes.loglog(*zip(*points, strict=True), "o-", color=colour, label=label)
            last = points[-1]
            place = {"xytext": (0, above), "textcoords": "offset points", "ha": "right"}
            axes.annotate(_size(last[1]), last, color=colour, **place)
    axes.loglog(sizes, sizes, ":", color=GREY, label="the file itself")
    axes.set_xlabel("size of the attachment")
    axes.set_ylabel("memory taken")
    axes.set_xticks(sizes, [_size(size) for size in sizes])
    axes.set_yticks(sizes, [_size(size) for size in sizes])
    axes.minorticks_off()
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def heap(found: dict[str, Any], axes: Axes) -> None:
    """What each module takes of the heap when it is imported, and of the flash."""
    rows = sorted(found["heap"]["modules"].items(), key=lambda item: item[1][0])
    names = [name for name, _ in rows]
    places = range(len(rows))
    axes.barh(
        [y + 0.2 for y in places], [row[0] / KB for _, row in rows], 0.4, color=BLUE, label="heap"
    )
    axes.barh(
        [y - 0.2 for y in places],
        [row[1] / KB for _, row in rows],
        0.4,
        color=ORANGE,
        label=".mpy file",
    )
    axes.set_yticks(places, names)
    axes.grid(False, axis="y")
    axes.set_xlabel("KB, 32 bits")
    axes.legend(frameon=False, loc="lower right")


# The file in docs/, the measurement that it wants, its size in inches.
PLOTS: dict[str, tuple[Callable[[dict[str, Any], Axes], None], str, tuple[float, float]]] = {
    "memory": (memory, "growth", (8, 3.2)),
    "heap": (heap, "heap", (6, 4.4)),
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
            # Without a date it is the same octets for the same numbers.
            figure.savefig(DOCS / f"{name}.svg", transparent=True, metadata={"Date": None})
            pyplot.close(figure)
            print(f"docs/{name}.svg")
    return 0


def _size(octets: int) -> str:
    for unit in ("B", "KB", "MB"):
        if octets < 1000:
            return f"{octets} {unit}"
        octets //= 1000
    return f"{octets} GB"


if __name__ == "__main__":
    sys.exit(main())
