"""config.py and ca.der in a folder: parsed without running, written completely or not at all.

INPUTS, comments and other lines that a person wrote there stay.
"""

import ast
import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

CA = "ca.der"


def read(path: Path) -> dict[str, object]:
    """Return the plain values that a file assigns; {} if there is no file.

    Raises ValueError with the line of a syntax error.
    """
    if not path.exists():
        return {}
    return values(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Return the text of a file. Raises ValueError if it is not UTF-8, OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise ValueError(f"{path}: not UTF-8, at byte {exc.start}") from None


def values(text: str, name: str) -> dict[str, object]:
    """Return the plain values that a text assigns. Raises ValueError for a syntax error."""
    return dict(_values(parse(text, name)))


def parse(text: str, name: str) -> ast.Module:
    """Return the syntax tree. Raises ValueError with the line of a syntax error."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as exc:  # ValueError: a NUL, before Python 3.12
        line = getattr(exc, "lineno", None) or 1
        raise ValueError(f"{name}:{line}: {getattr(exc, 'msg', exc)}") from None


def _values(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for name, node in _assignments(tree):
        with contextlib.suppress(ValueError):  # not a plain value, and nothing is run here
            yield name, ast.literal_eval(node.value)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.Assign]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node


def rendered(text: str, values: dict[str, object]) -> str:
    """Return the text with these values, replaced in place or added at the end.

    Values are written by repr(), so that none can be read as something else.
    """
    tree = parse(text, "config.py")
    lines = text.encode().split(b"\n")  # ast counts columns in bytes of UTF-8
    missing = dict(values)
    for name, node in reversed(list(_assignments(tree))):
        if name in values:
            missing.pop(name, None)
            _replace(lines, node.value, repr(values[name]).encode())
    text = b"\n".join(lines).decode()
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(f"{name} = {value!r}\n" for name, value in missing.items())


def wired(
    text: str, pins: Mapping[str, object], old: Mapping[str, Collection[object]] | None = None
) -> str:
    """Return the text with a board's pins in INPUTS: {"digital": 15} for each input of that kind.

    old: only these pins are replaced.
    """
    lines = text.encode().split(b"\n")
    for name, node in _assignments(parse(text, "config.py")):
        if name == "INPUTS":
            for kind, value in reversed(list(_entries(node))):
                if kind in pins and (old is None or _literal(value) in old[kind]):
                    _replace(lines, value, repr(pins[kind]).encode())
    return b"\n".join(lines).decode()


def _literal(node: ast.expr) -> object:
    """Return the value of a literal; None for other expressions."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _entries(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Return the keys and values of the dicts in an expression, in order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Dict):
            for key, value in zip(child.keys, child.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value
        else:
            yield from _entries(child)


def _replace(lines: list[bytes], node: ast.expr, value: bytes) -> None:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    line = lines[first][: node.col_offset] + value + lines[last][node.end_col_offset :]
    lines[first : last + 1] = [line]


def write(folder: Path, config: str, ca: bytes | None) -> None:
    """Write both files, readable for their owner only. If it fails, the old ones stay.

    ca: a DER certificate, or None: an existing ca.der is removed.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    contents = {"config.py": config.encode()}
    if ca is not None:
        contents = {CA: ca, **contents}  # config.py comes last: it refers to ca.der
    made: dict[str, str] = {}
    try:
        for name, octets in contents.items():
            made[name] = _temporary(folder, octets)
        for name in contents:
            os.replace(made[name], folder / name)
            del made[name]
    finally:
        for path in made.values():
            os.unlink(path)
    if ca is None:
        (folder / CA).unlink(missing_ok=True)


def _temporary(folder: Path, octets: bytes) -> str:
    handle, path = tempfile.mkstemp(dir=folder, prefix=".")  # mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(path)
        raise
    return path
