"""Numbers with a name: each copy, in each file of the library, is that of the one list."""

import ast

import hssmtp
from hssmtp import dialogue, exchange, names, session, setup

from host_tests.support.runtimes import ROOT

EVENTS = dict(enumerate(names.EVENTS.split()))
ERRORS = dict(enumerate(names.ERRORS.split()))
STATES = dict(enumerate(names.STATES.split()))
NUMBERS = {
    name: number
    for words in (EVENTS, ERRORS, STATES)
    for number, name in words.items()
    if name != "-"
}
# Names that two files use for different things.
UNRELATED = {"_LONGEST", "_LONGEST_LINE", "_READ", "_SIZE"}


def constants():
    """(file, name, number) of each `NAME = const(number)` in the library."""
    for path in sorted((ROOT / "lib" / "hssmtp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Assign([ast.Name(name)], ast.Call(ast.Name("const"), [number])):
                    yield path.name, name, ast.literal_eval(number)


def test_events_errors_and_states_have_no_name_in_common():
    assert len(NUMBERS) == len(EVENTS) + len(ERRORS) + len(STATES) - 2  # "-", twice


def test_public_numbers_are_those_of_the_list():
    for words in (EVENTS, ERRORS):
        for number, name in words.items():
            assert name == "-" or getattr(hssmtp, name) == number
    public = [name for name in vars(hssmtp) if name.isupper() and name[0] != "_"]
    assert sorted(public) == sorted(set(NUMBERS) - set(STATES.values()))


def test_every_copy_equals_the_list():
    seen = set()
    for file, name, number in constants():
        word = name.lstrip("_")
        if word in NUMBERS:
            assert number == NUMBERS[word], f"{file}: {name} is {number}"
            seen.add((file, name))
        assert not word.startswith("ERROR_") or word in NUMBERS, f"{file}: {name} is no error"
    assert len(seen) > 60  # or this looked at nothing


def test_name_has_one_number_in_all_files():
    found = {}
    for file, name, number in constants():
        found.setdefault(name, {})[file] = number
    different = {name for name, files in found.items() if len(set(files.values())) > 1}
    assert different <= UNRELATED, {name: found[name] for name in different - UNRELATED}


def test_requests_of_the_session_are_no_public_events():
    private = {session._START_TLS, dialogue._BROKEN, dialogue._RECONNECT, dialogue._DONE}
    assert len(private) == 4
    assert not private & set(EVENTS)
    session_files = ("session.py", "dialogue.py")
    waits = {number for file, _, number in constants() if file in session_files and number < 0}
    assert len(waits) == 7


def test_each_state_has_its_timeout():
    phases = setup.TIMEOUTS.split()[::2]
    limited = {
        STATES[state]: phases[index] for state, index in enumerate(exchange._TIMEOUT_OF_STATE)
    }
    commands = dict.fromkeys(STATES.values(), "command")
    own = {
        "IDLE": "resolve",  # not begun yet
        "RESOLVING": "resolve",
        "CONNECTING": "connect",
        "SECURING": "secure",
        "GREETING": "greeting",
        "DATA": "data",
        "TEXT": "text",
        "BDAT": "text",
        "QUIT": "quit",
    }
    assert limited == commands | own


def test_each_refused_command_has_its_error():
    rejected = "ERROR_REJECTED"
    meant = [rejected] * 3 + ["ERROR_TLS", "ERROR_AUTH", "ERROR_AUTH", "ERROR_SENDER"]
    meant += ["ERROR_RECIPIENTS"] + [rejected] * 6
    assert [ERRORS[error] for error in dialogue._REFUSALS] == meant


def test_first_commands_of_a_transaction():
    """Those at which a kept connection may turn out to have ended."""
    assert [STATES[state] for state in dialogue._FIRST_COMMANDS] == [
        "IDLE",
        "MAIL",
        "RSET",
        "NOOP",
    ]


def test_each_phase_has_the_error_of_its_loss():
    phases = [STATES[state] for state in range(1, 4)]
    meant = [ERRORS[error] for error in exchange._LOSSES]
    assert dict(zip(phases, meant, strict=True)) == {
        "RESOLVING": "ERROR_DNS",
        "CONNECTING": "ERROR_CONNECT",
        "SECURING": "ERROR_TLS",
    }
