"""Choose one of several names by number, or by name in any case."""

import difflib
from collections.abc import Mapping, Sequence


def choose(typed: str, names: Mapping[str, str]) -> str | None:
    """Return the value for a number or name; None if there is none. Case and spaces do not matter.

    names: values by name, in the order of the numbers; several names may have the same value.
    """
    meanings = list(dict.fromkeys(names.values()))
    if typed.isascii() and typed.isdecimal() and 0 < int(typed) <= len(meanings):
        return meanings[int(typed) - 1]
    keys = {_key(name): meaning for name, meaning in names.items()}
    return keys.get(_key(typed))


def guess(typed: str, names: Sequence[str]) -> str:
    """Return " Did you mean …?", or "" if no name is similar."""
    keys = {_key(name): name for name in names}
    found = difflib.get_close_matches(_key(typed), keys, 1, 0.7)
    found += [key for key in keys if len(_key(typed)) > 2 and _key(typed) in key]
    return f" Did you mean {keys[found[0]]}?" if found else ""


def numbered(names: Sequence[str]) -> str:
    """Return the names with their numbers, in one line."""
    return ", ".join(f"{number} {name}" for number, name in enumerate(names, 1))


def in_columns(names: Sequence[str], columns: int = 4) -> str:
    """Return the names with their numbers, in columns."""
    cells = [f"{number:3}  {name:15}" for number, name in enumerate(names, 1)]
    rows = [cells[at : at + columns] for at in range(0, len(cells), columns)]
    return "\n".join("".join(row).rstrip() for row in rows)


def _key(name: str) -> str:
    return "".join(name.lower().replace("_", " ").split())
