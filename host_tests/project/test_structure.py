"""How the code is built: small files, classes and functions, and imports that go one way."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tests.support.runtimes import ROOT

LIBRARY = ROOT / "lib" / "hssmtp"
FILES = sorted(LIBRARY.rglob("*.py"))

MOST_LINES = 45
MOST_ATTRIBUTES = 12
# Attributes that the interface names: arguments and attributes of Client, Message and Attachment.
INTERFACE = (
    "host port security username password token auth ca insecure allow_plaintext_auth "
    "on_event hostname buffer_size keep_open_ms timeouts disable link sender to cc bcc "
    "subject text html attachments reply_to headers envelope_sender message_id date notify "
    "envelope_id source name content_type content_id size state bytes_sent bytes_total "
    "recipient reply_code reply_text enhanced_code result error transient in_doubt cause "
    "accepted refused delivered "
)

# What each file may import of the others: its own folder, and what lies below.
BELOW = {
    "__init__": "_cpython",
    "__main__": "__init__ command_line",
    "command_line": "__init__ auth mime net report",
    "client": "__init__ exchange connection extensions session net",
    "exchange": "__init__ dialogue connection session",
    "file_blocks": "__init__ connection",
    "setup": "__init__",
    "connection": "__init__",
    "session": "__init__ dialogue",
    "dialogue": "__init__ reply",
    "reply": "__init__",
    "extensions": "__init__",
    "names": "",
    "report": "__init__ auth",
    "advice": "__init__ names net report",
    "_cpython": "",
    "mime": "__init__ recipients",
    "recipients": "__init__ mime",
    "auth": "__init__ mime",
    "net": "__init__",
}


def test_no_file_has_more_than_500_lines():
    tracked = subprocess.check_output(["git", "ls-files", "*.py", "*.pl"], cwd=ROOT, text=True)
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in tracked.split()}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


def place(path: Path) -> str:
    """The folder of a file, or its own name if it lies in none."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def classes() -> Iterator[tuple[str, ast.ClassDef, dict[str, ast.FunctionDef]]]:
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                methods = {
                    each.name: each for each in node.body if isinstance(each, ast.FunctionDef)
                }
                yield f"{path.relative_to(LIBRARY)}: {node.name}", node, methods


def assigned(function: ast.FunctionDef) -> set[str]:
    """The attributes of self that a method assigns."""
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def called(function: ast.FunctionDef) -> set[str]:
    """The methods of self that a method calls."""
    return {
        node.func.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "self"
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_functions_fit_on_a_screen(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MOST_LINES, f"{node.name} has {lines} lines"


def test_classes_have_a_dozen_attributes_at_most():
    found = {}
    for name, _, methods in classes():
        own = set().union(*map(assigned, methods.values())) - {*INTERFACE.split()}
        if len(own) > MOST_ATTRIBUTES:
            found[name] = sorted(own)
    assert not found


def early(methods: dict[str, ast.FunctionDef]) -> set[str]:
    """The attributes that are assigned in __init__, or in what it calls."""
    reached: set[str] = set()
    todo = {"__init__"}
    while todo - reached:
        method = (todo - reached).pop()
        reached.add(method)
        if method in methods:
            todo |= called(methods[method])
    return set().union(*(assigned(methods[each]) for each in reached if each in methods))


def test_attributes_are_set_in_init():
    by_class = {node.name: early(methods) for _, node, methods in classes()}
    parents = {node.name: node.bases for _, node, _ in classes()}
    for name, node, methods in classes():
        if any(isinstance(base, ast.Attribute) for base in node.bases):
            continue  # of a class that is not the library's
        known = early(methods)
        bases = [*node.bases]
        while bases:
            base = ast.unparse(bases.pop())
            known |= by_class.get(base, set())
            bases += parents.get(base, [])
        late = set().union(*map(assigned, methods.values())) - known - {*methods}
        assert not late, f"{name}: {sorted(late)}"


def test_arrows_run_downwards():
    for path in FILES:
        folder = path.parent.relative_to(LIBRARY).parts
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ImportFrom) or not node.level or _is_for_types(path, node):
                continue
            base = folder[: len(folder) - node.level + 1]
            names = [*base, *(node.module or "").split(".")] if node.module else [*base]
            target = names[0] if names else "__init__"
            if target == place(path):
                continue
            assert target in BELOW[place(path)].split(), f"{path.name} imports {target}"


def _is_for_types(path: Path, wanted: ast.ImportFrom) -> bool:
    """Whether an import is below `if _TYPING:`."""
    lines = {
        getattr(each, "lineno", 0)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "_TYPING"
        for each in ast.walk(node)
    }
    return wanted.lineno in lines


def test_library_has_no_assert():
    """Promise 11: it is compiled away at -O1."""
    for path in FILES:
        assert not [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Assert)], path


def test_next_has_no_default():
    """The boards' MicroPython 1.23 and 1.24 has next() with one argument only."""
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "next":
                assert len(node.args) == 1, f"{path.name}, line {node.lineno}"


def test_modules_that_call_loads_are_temporary():
    """call() frees only modules that have TEMPORARY: another one would stay in memory."""
    loaded = [
        node.args[0].value
        for path in FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "call"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert "mime.compose" in loaded
    for name in loaded:
        source = (LIBRARY / name.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
        assert "\nTEMPORARY = True" in source, name
