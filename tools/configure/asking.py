"""Who answers: a person at the terminal, or a file of answers."""

import ast
from collections.abc import Callable, Iterable
from getpass import getpass
from typing import NamedTuple, Protocol

from rich.console import Console
from rich.prompt import Confirm
from rich.text import Text

from tools.configure.certificate import Certificate
from tools.configure.configuration import parse

NOTHING = object()  # what is offered where there is nothing to offer


class Kind(NamedTuple):
    """How an answer is checked, read from what is typed, and shown."""

    check: Callable[..., object]  # raises ValueError or TypeError for what can't be meant
    read: Callable[[str], object] = str
    show: Callable[..., str] = str
    secret: bool = False

    def fits(self, value: object) -> bool:
        """Whether it is an answer."""
        try:
            self.check(value)
        except (ValueError, TypeError):
            return False
        return True


class Asker(Protocol):
    """What both can do."""

    def ask(self, name: str, words: str, offer: object, kind: Kind) -> object:
        """Have a question answered. offer: what is taken if nothing is said, or NOTHING."""
        ...

    def agree(self, name: str, words: str, offer: bool) -> bool:
        """Have a yes or no."""
        ...

    def believe(self, certificate: Certificate, known: bool) -> bool:
        """Have a certificate confirmed. known: this PC trusts it already."""
        ...

    def again(self, why: str) -> bool:
        """Whether the questions shall be asked once more, after what went wrong."""
        ...

    def hint(self, words: str) -> None:
        """Tell what helps to answer the next question."""
        ...


class Person:
    """At a terminal. What can't be meant is asked again."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def ask(self, name: str, words: str, offer: object, kind: Kind) -> object:
        prompt = Text(words)
        if offer is not NOTHING:
            shown = "Enter keeps the one there is" if kind.secret else kind.show(offer)
            prompt.append(f" ({shown})", style="prompt.default")
        prompt.append(": ")
        while True:
            # Not the console's own way: it would show the question before the echo is off.
            typed = getpass(prompt.plain) if kind.secret else self._console.input(prompt)
            try:
                answer = offer
                if typed or offer is NOTHING:
                    answer = kind.read(typed if kind.secret else typed.strip())
                kind.check(answer)
            except ValueError as exc:
                self._console.print(Text(f"  {exc}", style="prompt.invalid"))
            else:
                return answer

    def agree(self, name: str, words: str, offer: bool) -> bool:
        return Confirm.ask(Text(words), default=offer, console=self._console)

    def believe(self, certificate: Certificate, known: bool) -> bool:
        words = "Is this the one, and shall the board believe it?"
        return self.agree("FINGERPRINT", words, known)

    def again(self, why: str) -> bool:
        self._console.print(Text(f"\n{why}\n", style="prompt.invalid"))
        return self.agree("AGAIN", "Change the answers?", True)

    def hint(self, words: str) -> None:
        self._console.print(Text(words, style="dim"))


class Answers:
    """A file: `NAME = value` lines as in config.py, read and never run.

    Besides config.py's names: TEST_MAIL = True sends one, FINGERPRINT = "…" (SHA-256) confirms a
    certificate. Raises ValueError for what can't be meant.
    """

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
            kind.check(answer)
        except (ValueError, TypeError) as exc:
            raise ValueError(f"{name}: {exc}") from None
        return answer

    def agree(self, name: str, words: str, offer: bool) -> bool:
        return self._answers.get(name) is True

    def believe(self, certificate: Certificate, known: bool) -> bool:
        wanted = self._answers.get("FINGERPRINT", certificate.fingerprint if known else None)
        if wanted is None:
            raise ValueError("it takes its FINGERPRINT among the answers to believe that one")
        return _digits(wanted) == _digits(certificate.fingerprint)

    def again(self, why: str) -> bool:
        return False

    def hint(self, words: str) -> None:
        pass


def _digits(fingerprint: object) -> str:
    return "".join(c for c in str(fingerprint).upper() if c in "0123456789ABCDEF")
