"""What the tools print: nothing that a terminal would obey, in lines of 80 columns."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import terminal

HOSTILE = "\x00\x07\x1b[31m\x7f\x9b2J\u200b\u200e\u202e\u2066\u2028\ufeff\U000e0041"
# Of Unicode's categories: controls, surrogates, private ones, line and paragraph ends. Of the
# formats (Cf) some are visible: a few of Arabic.
UNPRINTABLE = {"Cc", "Cs", "Co", "Zl", "Zp"}


@given(st.text() | st.text(alphabet=HOSTILE + "a \n\r\t"))
def test_unprintable_characters_are_replaced(text):
    shown = terminal.printable(text)
    for character in shown:
        assert unicodedata.category(character) not in UNPRINTABLE
    assert not set(shown) & (set(HOSTILE) - set("[31m2J"))
    assert not set(shown) & set("\n\r\t")


@given(st.text(alphabet=HOSTILE + "a \n\r\t"))
def test_line_ends_are_kept_on_request(text):
    shown = terminal.printable(text, keep_lines=True)
    assert shown.count("\n") == text.count("\n")
    assert "\r" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe 95 °C", "Größe 95 °C"),
        ("a\tb", "a   b"),
        ("over\rwritten", "over?written"),
        ("\x1b]0;title\x07", "?]0;title?"),
        ("a\udcffb", "a?b"),
    ],
)
def test_printable_text_stays(text, shown):
    assert terminal.printable(text) == shown


def test_crlf_is_a_line_end():
    assert terminal.printable("a\r\nb\rc\n", keep_lines=True) == "a\nb?c\n"


@given(st.text(alphabet="abc \n", max_size=400))
def test_lines_are_wrapped_between_words(text):
    shown = terminal.wrapped(text)
    assert shown.split() == text.split()
    for line in shown.split("\n"):
        assert len(line) <= 80 or len(line.split()) == 1


def test_indented_line_continues_indented():
    shown = terminal.wrapped("  " + "word " * 30).split("\n")
    assert shown[0].startswith("  word")
    assert shown[1].startswith("    word")


def test_path_is_shown_relative_if_shorter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert terminal.short(tmp_path / "build" / "x") == "build/x"
    assert terminal.short("/x") == "/x"
