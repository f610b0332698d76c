"""Questions, checks of their answers, and answers from a file. person.py asks a person."""

import ast
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from tools.configure.certificate import Certificate
from tools.configure.configuration import parse

NOTHING = object()  # no answer is offered


class Kind(NamedTuple):
    """A kind of answer: how it is checked, read from typed text, and shown.

    settle: returns the answer in its final form; raises ValueError or TypeError if it is invalid.
    options: words that complete what is typed.
    """

    settle: Callable[..., object]
    read: Callable[[str], object] = str
    show: Callable[..., str] = str
    is_secret: bool = False
    options: Sequence[str] = ()

    def fits(self, value: object) -> bool:
        """Whether a value is a valid answer."""
        try:
            self.settle(value)
        except (ValueError, TypeError):
            return False
        return True


class Asker(Protocol):
    """What a person and a file of answers can do."""

    is_person: bool  # a wrong answer can be asked again

    def ask(self, name: str, words: str, offer: object, kind: Kind) -> object:
        """Ask a question. offer: the answer to use for an empty line, or NOTHING."""
        ...

    def agree(self, name: str, words: str, offer: bool) -> bool:
        """Ask for yes or no."""
        ...

    def trusts(self, certificate: Certificate, is_known: bool) -> bool:
        """Ask whether to trust a certificate. is_known: this PC trusts it already."""
        ...

    def file(self, words: str) -> Path | None:
        """Ask for a file; return None if there is none."""
        ...

    def tell(self, words: str, style: str = "dim") -> None:
        """Show help for the next question, or what was wrong."""
        ...


class Answers:
    """Answers from a file of `NAME = value` lines as in config.py. The file is parsed, not run.

    Besides config.py's names: TEST_MAIL = True sends one, FINGERPRINT = "…" (SHA-256) confirms a
    certificate. Raises ValueError for an invalid answer.
    """

    is_person = False

    def __init__(self, text: str, file: str, names: Iterable[str]) -> None:
        self._answers: dict[str, object] = {}
        for node in parse(text, file).body:
            try:
                name, value = ast.unparse(node).split(" = ", 1)
                self._answers[name] = ast.literal_eval(value)
            except ValueError:
                raise ValueError(f"{file}:{node.lineno}: not NAME = value") from None
            if name not in (*names, "TEST_MAIL", "FINGERPRINT"):
                raise ValueError(f"{file}:{node.lineno}: nobody asks for {name}")

    def ask(self, name: str, words: str, offer: object, kind: Kind) -> object:
        answer = self._answers.get(name, offer)
        if answer is NOTHING:
            raise ValueError(f"{name} is missing among the answers")
        try:
            return kind.settle(answer)
        except (ValueError, TypeError) as exc:
            raise ValueError(f"{name}: {exc}") from None

    def agree(self, name: str, words: str, offer: bool) -> bool:
        return self._answers.get(name) is True

    def trusts(self, certificate: Certificate, is_known: bool) -> bool:
        wanted = self._answers.get("FINGERPRINT", certificate.fingerprint if is_known else None)
        if wanted is None:
            raise ValueError("FINGERPRINT is missing among the answers: it confirms a certificate")
        return _digits(wanted) == _digits(certificate.fingerprint)

    def file(self, words: str) -> Path | None:
        return None

    def tell(self, words: str, style: str = "dim") -> None:
        pass


def _digits(fingerprint: object) -> str:
    return "".join(c for c in str(fingerprint).upper() if c in "0123456789ABCDEF")
