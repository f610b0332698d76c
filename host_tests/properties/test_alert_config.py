"""config.py with any plain value for any setting works, or is refused with a message."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import fake_board
import pytest
from alert_play import Play
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alert import checks, input_options, log, mail, output
from alert.terms import SETTINGS

GOOD: dict[str, object] = {
    "DEVICE": "boiler room",
    "WIFI_NAME": "workshop",
    "SERVER": "smtp.example.com",
    "INSECURE": True,
    "SENDER": "Boiler <boiler@example.com>",
    "RECIPIENTS": ["ops@example.com"],
    "INPUTS": [{"name": "Door", "digital": 15}],
    "NTP_SERVER": None,
}
NAMES = [setting[0] for setting in checks._SETTINGS]

texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["a@b.c", "a@b.c, d@e.f", "tls", "ssl", "90", "-1.5", "x" * 300, "a\0b", "."]),
    st.sampled_from(
        ["up", "Door", "::1", "[::1]", "smtp://a:b@c:25", "1.2.3", "\u202e", "\ud800"]
    ),
)
plain: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([0, 1, 15, 99, 1 << 40, 1e-320, 0.1, 1e300, float("inf"), float("nan")]),
        st.floats(),
        texts,
        st.binary(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(texts, st.integers()), inner, max_size=3),
    ),
    max_leaves=6,
)
KEYS = [*input_options._PLAIN, *input_options._KINDS, *sum(input_options._KINDS.values(), ())]
options = st.sampled_from([*KEYS, "digtal", "abovee"])
GOOD_INPUTS: list[dict[str, object]] = [
    {"name": "Door", "digital": 15},
    {"name": "Boiler", "analogue": 26, "above": 90},
    {"name": "Report", "every_minutes": 60},
]


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, object]:
    """An input with some of its options changed."""
    changes = draw(st.dictionaries(options, plain, max_size=2))
    return {**draw(st.sampled_from(GOOD_INPUTS)), **changes}


@contextlib.contextmanager
def flash() -> Iterator[None]:
    """An empty folder to run in."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(log, "print", lambda line: None, raising=False)


def check(values: dict[str, object]) -> None:
    """Check a configuration; if it is valid, start the application and send a mail."""
    config = SimpleNamespace(**values)
    with flash():
        problems = checks.problems(config, True)
        for words, text in problems:
            shown = output.one_line(text)
            assert all(isinstance(word, str) for word in words)
            assert "Traceback" not in shown and shown != "None"
            for argument in SETTINGS:
                assert not shown.startswith(argument + ":"), shown
                assert f"`{argument}`" not in shown and f" {argument}=" not in shown, shown
        if not problems:
            check_it_works(config)


def check_it_works(config: Any) -> None:
    mail.client(config).deinit()
    fake_board.PINS.clear()
    play = Play(config=config)
    try:
        play.run(60, 3000)
        for pin in fake_board.PINS.values():
            pin.level = 1 - pin.level if hasattr(pin, "level") else 0
            pin.counts = 65535
        play.run(600, 5000)
        assert len(play.texts()) == len(play.server.mails)
        waiting = play.app._pending.alerts
        assert not waiting, [alert.text for alert in waiting]
    finally:
        play.app.stop()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(value=plain)
def test_any_value_of_a_setting_works_or_is_refused(name, value):
    check({**GOOD, name: value})


@settings(max_examples=60)
@given(value=texts)
def test_any_name_of_the_ca_file(value):
    check({**GOOD, "INSECURE": False, "CA": value})


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), plain, max_size=4))
def test_any_values_of_several_settings(changes):
    check({**GOOD, **changes})


@settings(max_examples=150)
@example([{"name": "Report", "every_minutes": 1e-300}])
@example([{"name": "Boiler", "analogue": 26, "above": 1, "scale": (0, 5e-324)}])
@given(st.lists(st.one_of(inputs(), inputs(), plain), max_size=3))
def test_any_inputs(value):
    check({**GOOD, "INPUTS": value})


@given(st.lists(st.one_of(texts, plain), max_size=3))
def test_any_recipients(value):
    check({**GOOD, "RECIPIENTS": value})


@given(st.text(st.characters(categories=["Lu"], include_characters="_0123456789"), min_size=1))
def test_unknown_names_in_capitals_are_refused(name):
    if name.isupper() and name[0] != "_":
        known = name in NAMES
        problems = checks.problems(SimpleNamespace(**GOOD, **({} if known else {name: 1})), True)
        assert known or f"{name} is not a setting" in problems[0][1]
