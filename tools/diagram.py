"""make diagram: the dialogue, drawn from the table that the library walks."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hssmtp import dialogue
from hssmtp.names import state_name

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "dialogue.md"

_PAGE = """\
# The dialogue

Drawn by `make diagram` from the table in [dialogue.py](../lib/hssmtp/dialogue.py). Of the steps
that may follow, the first that is wanted does, in the order of the table. A dotted arrow follows a
refusal; where there is none, QUIT does, or what follows a good reply. With PIPELINING what comes
behind {ahead} need not wait for their replies.

```mermaid
flowchart TB
{lines}
```
"""

_READY = "ready for a mail"  # what may follow there is one tuple in the table


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is drawn")
    return 0


def page() -> str:
    """The page, as the table in the code is now."""
    lines = [f"    {name}" for name in _arrows()]
    *most, last = [state_name(step) for step in dialogue._AHEAD]
    return _PAGE.format(lines="\n".join(lines), ahead=f"{', '.join(most)} and {last}")


def _arrows() -> Iterator[str]:
    yield f"READY([{_READY}])"
    for step, _, reply, then, refused, _ in dialogue._STEPS:
        for follower in _followers(then):
            good = f"{reply}yz" if reply < 10 else str(reply)
            if follower == "RESPONSE":
                good = "334"
            yield f"{state_name(step)} -->|{good}| {follower}"
        for follower in _followers(refused):
            if follower != "QUIT":
                yield f"{state_name(step)} -.-> {follower}"
    for follower in dialogue._NEXT:
        yield f"READY --> {state_name(follower)}"


def _followers(steps: Sequence[int]) -> list[str]:
    """Their names; the steps between two mails have one for all of them."""
    count = len(steps) - len(dialogue._NEXT)
    if tuple(steps[count:]) == dialogue._NEXT:
        return [*map(state_name, steps[:count]), "READY"]
    return [state_name(step) for step in steps]


if __name__ == "__main__":
    sys.exit(main())
