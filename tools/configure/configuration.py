"""config.py and ca.der in a folder: read without running them, written whole or not at all.

What a person wrote there besides, INPUTS and comments, stays as it is.
"""

import ast
import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

CA = "ca.der"


def read(path: Path) -> dict[str, object]:
    """The plain values that a file gives to names: none if there is no file.

    Raises ValueError, with its place, for what is no Python.
    """
    if not path.exists():
        return {}
    return values(read_text(path), str(path))


def read_text(path: Path) -> str:
    """What is in a file. Raises ValueError if it is not UTF-8, OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise ValueError(f"{path}: not UTF-8, at byte {exc.start}") from None


def values(text: str, name: str) -> dict[str, object]:
    """The plain values that a text gives to names. Raises ValueError for what is no Python."""
    return dict(_values(parse(text, name)))


def parse(text: str, name: str) -> ast.Module:
    """The syntax tree; ValueError, with its place, for what is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as exc:  # ValueError: a NUL, before Python 3.12
        line = getattr(exc, "lineno", None) or 1
        raise ValueError(f"{name}:{line}: {getattr(exc, 'msg', exc)}") from None


def _values(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for name, node in _assignments(tree):
        with contextlib.suppress(ValueError):  # it has to be computed: here nothing of it is run
            yield name, ast.literal_eval(node.value)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.Assign]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node


def rendered(text: str, values: dict[str, object]) -> str:
    """The text with those values: each replaced where it stands, or added at the end.

    repr() writes them: no value can be read as anything else.
    """
    tree = parse(text, "config.py")
    lines = text.encode().split(b"\n")  # ast counts columns in octets of UTF-8
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
    """The text with a board's pins in its INPUTS: {"digital": 15} for each input of that kind.

    old: only these are replaced.
    """
    lines = text.encode().split(b"\n")
    for name, node in _assignments(parse(text, "config.py")):
        if name == "INPUTS":
            for kind, value in reversed(list(_entries(node))):
                if kind in pins and (old is None or _literal(value) in old[kind]):
                    _replace(lines, value, repr(pins[kind]).encode())
    return b"\n".join(lines).decode()


def _literal(node: ast.expr) -> object:
    """What an expression stands for, None if it has to be computed."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _entries(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The keys and values of the dicts in it, in their order."""
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
    """Put both into the folder, for the owner's eyes only; when it fails, the old ones are there.

    ca: a DER certificate, or None: then no ca.der stays behind.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    contents = {"config.py": config.encode()}
    if ca is not None:
        contents = {CA: ca, **contents}  # the configuration comes last: it names the other
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
