"""The alert application's sources: what is shown is made printable, and messages name settings."""

import ast

import pytest

from host_tests.support.runtimes import ROOT

FILES = sorted((ROOT / "firmware" / "alert").glob("*.py"))
EXAMPLES = sorted((ROOT / "firmware" / "examples").glob("*.py"))


def calls(path, name):
    """The calls of a function in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node


def is_from_here(node):
    """Whether a text is a constant, with numbers or PATH of this source put in at the most."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return names <= {"PATH", "_MEND", "config", "SECONDS_FOR_CTRL_C"}


@pytest.mark.parametrize("path", FILES + EXAMPLES, ids=lambda path: path.name)
def test_everything_printed_is_made_printable(path):
    for call in calls(path, "print"):
        (text,) = call.args
        is_made = isinstance(text, ast.Call) and ast.unparse(text.func) == "one_line"
        is_line = path.name == "log.py" and ast.unparse(text) == "line"
        assert is_made or is_line or is_from_here(text), ast.unparse(call)
    if path.name != "output.py":
        assert not list(calls(path, "sys.print_exception"))


def test_log_entry_is_made_by_one_line():
    source = (ROOT / "firmware" / "alert" / "log.py").read_text(encoding="utf-8")
    assert "line = one_line(" in source


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_explain_failures_with_settings(path):
    assert not list(calls(path, "hssmtp.explain"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_small_and_functions_fit_on_a_screen(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 45, node.name
