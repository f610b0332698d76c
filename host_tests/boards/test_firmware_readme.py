"""The READMEs of firmware/ quote messages, files and settings that the application has."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
ALERT = FIRMWARE / "alert"
README = (FIRMWARE / "README.md").read_text(encoding="utf-8")
SAMPLE = (FIRMWARE / "config_example.py").read_text(encoding="utf-8")

# What stands before a message: the time in the log, the line of config.py.
LOG_TIME = r"(?:\d+ s after the start|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC)  "
CONFIG_LINE = r"config\.py, line \d+: "


def strings(folder):
    """Every text in the code of a folder, docstrings too."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def patterns(folder):
    """The messages of a folder as regular expressions. After a final blank any text may follow."""
    for text in strings(folder):
        literal = re.sub(r"%[a-z]", "", text)
        if sum(letter.isalpha() for letter in literal) < 5:
            continue
        pattern = re.sub(r"%[a-z]", ".+", re.escape(text))
        yield re.compile(pattern + (".+" if text.endswith(" ") else ""))


def quoted(prefix):
    return re.findall(f"^    {prefix}(.*)$", README, re.MULTILINE)


def test_each_log_line_in_the_readme_is_a_message_of_the_code():
    known = [*patterns(ALERT), *patterns(ROOT / "lib" / "hssmtp")]
    lines = quoted(LOG_TIME)
    assert len(lines) > 5
    for line in lines:
        assert any(pattern.fullmatch(line) for pattern in known), line


def test_each_config_error_in_the_readme_is_a_message_of_the_checks():
    known = list(patterns(ALERT))
    errors = quoted(CONFIG_LINE)
    assert len(errors) > 1
    for error in errors:
        found = [pattern.search(error) for pattern in known]
        longest = max((match[0] for match in found if match), key=len, default="")
        assert len(longest) > 10, error


def test_the_readme_lists_each_file_of_the_application():
    files = {path.name for path in ALERT.glob("*.py")} - {"__init__.py"}
    assert files == set(re.findall(r"\b(\w+\.py)\b", README.split("| file in alert/ |")[1])) - {
        "main.py",
        "config.py",
        "board.py",
    }


def test_the_examples_readme_lists_each_example():
    folder = FIRMWARE / "examples"
    text = (folder / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| (\w+\.py) \|", text, re.MULTILINE))
    assert listed == {path.name for path in folder.glob("*.py")} - {"online.py"}


def test_each_setting_that_the_readme_names_is_in_the_sample():
    settings = set(re.findall(r"^(?:# )?([A-Z_]{2,}) = ", SAMPLE, re.MULTILINE))
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", README)) - {"SENT"}
    assert len(named) > 6
    assert named <= settings, named - settings


def test_messages_and_settings_speak_of_bytes():
    found = [text for text in strings(ALERT) if "octet" in text.lower()]
    assert found == []
    assert "octet" not in SAMPLE.lower() + README.lower()
