"""The library's docstrings, which are plain prose, as what autodoc understands.

A docstring may describe its arguments by lines such as these:

    host: a name or an address. port: None: 587 for "starttls".
    keep_open_ms: how long the connection is kept, in ms.

    Raises ValueError for invalid arguments, OSError for a file that is missing.

They become fields, `:param host:` and `:raises ValueError:`. All else stays text, in which
`backticks` mark code.
"""

import inspect
import re
from typing import Any

# Arguments that are so plain that the docstrings leave them out.
PLAIN = {"hssmtp.Message": {"subject": "one line, of any characters."}}

_RAISED = re.compile(r"(\b[A-Z]\w*(?:Error|Exception)) (?=for |if |while |where |on )")


def setup(app: Any) -> dict[str, Any]:
    """Register the hook with Sphinx."""
    app.connect("autodoc-process-docstring", _rewrite)
    return {"parallel_read_safe": True}


def _rewrite(
    app: object, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Replace a docstring's lines by reStructuredText."""
    text = rewritten("\n".join(lines), _parameters(obj))
    for argument, description in PLAIN.get(name, {}).items():
        if f":param {argument}:" not in text:
            text += f":param {argument}: {description}\n"
    lines[:] = text.split("\n")


def _parameters(obj: object) -> list[str]:
    """The names of a callable's arguments, without self."""
    try:
        names = list(inspect.signature(obj).parameters)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    return [name for name in names if name != "self"]


def rewritten(text: str, parameters: list[str]) -> str:
    """Return a docstring as reStructuredText."""
    paragraphs: list[str] = []
    fields: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        words, raises = _split_raises(" ".join(paragraph.split()))
        before, described = _split_parameters(words, parameters)
        raised = _raised(raises)
        if raises and not raised:  # "Raises what on_event() raises." stays a sentence
            before = f"{before} {raises}".strip()
        if before:
            paragraphs.append(_escaped(before))
        fields += [f":param {name}: {_escaped(what)}" for name, what in described]
        fields += [f":raises {exception}: {_escaped(when)}" for exception, when in raised]
    return "\n\n".join(paragraphs) + "\n\n" + "\n".join(fields) + "\n"


def _split_raises(text: str) -> tuple[str, str]:
    """Part the sentence that begins with "Raises" from the rest; "" if there is none."""
    found = re.search(r"(?:^|(?<=\. )|(?<=; ))[Rr]aises .*?\.(?= [A-Z]|$)", text)
    if not found:
        return text, ""
    rest = text[: found.start()].strip() + " " + text[found.end() :].strip()
    return rest.strip(), found[0]


def _raised(sentence: str) -> list[tuple[str, str]]:
    """Each error of "Raises A for …, B if ….", and when it is raised."""
    pieces = _RAISED.split(sentence[len("Raises ") : -1])
    if len(pieces) < 3 or pieces[0]:  # it begins with something else than an error
        return []
    return [
        (name, re.sub(r"^for |,?(?: and| or)?\s*$", "", when.strip()))
        for name, when in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def _split_parameters(text: str, parameters: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first argument, and each argument with its description."""
    if not parameters:
        return text, []
    name = "(?:" + "|".join(map(re.escape, parameters)) + ")"
    pieces = re.split(rf"(?:^|(?<=\. ))({name}(?:, {name})*): ", text)
    described = []
    for names, what in zip(pieces[1::2], pieces[2::2], strict=True):
        described += [(one, what.strip()) for one in names.split(", ")]
    return pieces[0].strip(), described


def _escaped(text: str) -> str:
    """Text with `code` in it, as reStructuredText has it."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # a backtick that closes nothing
        return re.sub(r"([\\*|`_])", r"\\\1", text)
    for place, piece in enumerate(pieces):
        if place % 2:
            pieces[place] = f"``{piece}``"
        else:
            pieces[place] = re.sub(r"([\\*|]|_\b|\b_|_$)", r"\\\1", piece)
    return "".join(pieces)
