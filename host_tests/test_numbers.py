"""The small ints that several modules know by a name of their own: one meaning, one number."""

import ast

from hssmtp import dialogue, names

from host_tests.runtimes import ROOT
from tools import diagram

# What a module calls otherwise than names.py does.
ALIASES = {"LOGIN": "ERROR_AUTH", "NOBODY": "ERROR_RECIPIENTS", "OPEN": "SECURING"}

# An AUTH is a step in one module and an error in another: either number will do.
NUMBERS = {}
for words in (names._EVENTS, names._ERRORS, names._STATES):
    for number, word in enumerate(words.split()):
        for known in {word, word.removeprefix("ERROR_")}:
            NUMBERS.setdefault(known, set()).add(number)


def constants(module):
    """The `_NAME = const(number)` of a file."""
    body = ast.parse((ROOT / "lib" / "hssmtp" / module).read_text(encoding="utf-8")).body
    for node in body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name("const"), [ast.Constant(number)])):
                yield name.strip("_"), number


def test_every_module_counts_alike():
    seen = set()
    for module in ("client.py", "dialogue.py", "net/link.py", "advice.py"):
        for name, number in constants(module):
            name = ALIASES.get(name, name)
            if name in NUMBERS:
                assert number in NUMBERS[name], f"{module}: {name} is {number}"
                seen.add(name)
    assert len(seen) > 30  # or this looked at nothing


def test_the_table_has_a_row_for_each_step():
    steps = names._STATES.split()
    first = steps.index("GREETING")
    assert [row[0] for row in dialogue._STEPS] == list(range(first, len(steps)))
    for row in dialogue._STEPS:
        assert len(row) == 6
        command = row[1].split(b" ")[0].strip()
        assert not command or command.decode() == steps[row[0]]


def test_the_diagram_is_the_tables():
    assert diagram.PAGE.read_text(encoding="utf-8") == diagram.page(), "make diagram"
