"""A person at a terminal. The lines can be edited, Tab completes, and passwords are not shown."""

from getpass import getpass
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, PathCompleter, WordCompleter
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.utils import is_dumb_terminal
from rich.console import Console

from tools.configure.asking import NOTHING, Kind
from tools.configure.certificate import Certificate
from tools.configure.text import say, shown
from tools.terminal import WIDTH


class Person:
    """Asks again for invalid answers. Raises KeyboardInterrupt or EOFError to stop."""

    is_person = True

    def __init__(self, console: Console) -> None:
        self._console = console
        self._histories: dict[str, InMemoryHistory] = {}

    def ask(self, name: str, words: str, offer: object, kind: Kind) -> object:
        prompt = words
        if offer is not NOTHING:
            room = WIDTH - len(words) - len(" (): ")
            keeps = "Enter keeps the one there is"
            prompt += f" ({keeps if kind.is_secret else shown(kind.show(offer), room)})"
        while True:
            if kind.is_secret:
                typed = _hidden(f"{prompt}: ")
            else:
                earlier = "" if offer is NOTHING else kind.show(offer)
                typed = self._line(name, f"{prompt}: ", earlier, _words(kind)).strip()
            try:
                return kind.settle(
                    offer if not typed and offer is not NOTHING else kind.read(typed)
                )
            except ValueError as exc:
                self.tell(f"  {exc}", "red")

    def agree(self, name: str, words: str, offer: bool) -> bool:
        while True:
            choices = "Y/n" if offer else "y/N"
            typed = self._line(name, f"{words} ({choices}): ", "", None).strip().lower()
            if typed in ("", "y", "yes", "n", "no"):
                return typed[0] == "y" if typed else offer
            self.tell("  y or n", "red")

    def trusts(self, certificate: Certificate, is_known: bool) -> bool:
        if is_known:
            return self.agree("FINGERPRINT", "Shall the board trust it?", True)
        words = "Is the fingerprint the same, and shall the board trust it?"
        return self.agree("FINGERPRINT", words, False)

    def file(self, words: str) -> Path | None:
        while True:
            paths = PathCompleter(expanduser=True)
            typed = self._line("FILE", f"{words} (- for none): ", "", paths).strip()
            if typed in ("", "-"):
                return None
            path = Path(typed).expanduser()
            if path.is_file():
                return path
            self.tell(f"  {typed}: there is no such file", "red")

    def tell(self, words: str, style: str = "dim") -> None:
        say(self._console, words, style)

    def _line(self, name: str, prompt: str, earlier: str, completer: Completer | None) -> str:
        """Read a line. earlier: an answer that the Up key brings back, or ""."""
        if is_dumb_terminal():
            return input(prompt)
        history = self._histories.setdefault(name, InMemoryHistory())
        if earlier and earlier not in history.get_strings():
            history.append_string(earlier)
        session: PromptSession[str] = PromptSession(history=history)
        return session.prompt(
            prompt, completer=completer, complete_while_typing=False, reserve_space_for_menu=4
        )


def _hidden(prompt: str) -> str:
    if is_dumb_terminal():  # prompt_toolkit would show the typed text there
        return getpass(prompt)
    session: PromptSession[str] = PromptSession()
    return session.prompt(prompt, is_password=True)


def _words(kind: Kind) -> Completer | None:
    words = list(kind.options)
    return WordCompleter(words, ignore_case=True, sentence=True) if words else None
