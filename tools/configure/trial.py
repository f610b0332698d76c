"""The answers, tried with the server until they work. Right answers are not asked again."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.configure import server
from tools.configure.asking import Asker
from tools.configure.certificate import Certificate
from tools.configure.interview import Interview
from tools.configure.text import say, shown

_COMPARE = (
    "{} shows a certificate that this PC has no reason to trust. Anybody on the way to it could"
    " have made it. Compare the fingerprint with the one at the server, where whoever runs it"
    " gets it by\n"
    "  openssl x509 -noout -fingerprint -sha256 -in cert.pem\n"
    "This PC knows the CAs of the large providers: do not trust this certificate if the server is"
    " one of theirs."
)
_CA_FILE = "File of the CA's certificate, PEM or DER"


class Trial:
    """Tries the answers. store: a file of CAs instead of the system's, or None."""

    def __init__(self, asker: Asker, store: Path | None, console: Console) -> None:
        self._asker = asker
        self._store = store
        self._console = console
        self._trusted: dict[tuple[object, ...], bytes] = {}  # CAs by server, security and port
        self._sends_mail: bool | None = None

    def run(self, interview: Interview) -> bytes | None:
        """Ask again for wrong answers until they work; return the CA in DER, None without TLS.

        Raises server.Refused if nobody can be asked, or no answer would help.
        """
        while True:
            try:
                return self._try(interview.new)
            except server.Refused as exc:
                self._ask_again(interview, exc)

    def _ask_again(self, interview: Interview, problem: server.Refused) -> None:
        if not self._asker.is_person:
            raise problem
        self._asker.tell(f"\n{problem}\n", "red")
        if problem.wants_ca:
            store = self._asker.file(_CA_FILE)
            if store:
                self._store = store
            elif self._asker.agree("AGAIN", "Another mail server?", True):
                interview.ask_again(["SERVER"])
            else:
                raise problem
        elif problem.questions:
            interview.ask_again(problem.questions)
        elif not self._asker.agree("AGAIN", "Try again?", True):
            raise problem

    def _try(self, settings: dict[str, Any]) -> bytes | None:
        """Find the CA, ask to trust it, log in, send a mail if requested; return the CA."""
        ca = None if settings["SECURITY"] == "none" else self._find_ca(settings)
        if self._sends_mail is None:
            self._sends_mail = self._asker.agree("TEST_MAIL", "Send a test mail now?", True)
        if self._sends_mail:
            with self._console.status("sending it"):
                told = server.send_mail(settings, ca)
            say(self._console, f"The mail was {told}.")
        else:
            with self._console.status("logging in"):
                server.log_in(settings, ca)
            took = "The server takes the login." if settings["USER"] else "The server answers."
            say(self._console, took)
        return ca

    def _find_ca(self, settings: dict[str, Any]) -> bytes:
        where = tuple(settings[name] for name in ("SERVER", "SECURITY", "PORT"))
        if where not in self._trusted:
            with self._console.status(Text(f"connecting to {shown(settings['SERVER'])}")):
                root, is_known = server.root(settings, self._store)
            show(root, is_known, settings["SERVER"], self._console)
            if not self._asker.trusts(root, is_known):
                raise server.Refused(f"{root.subject} was not confirmed", wants_ca=True)
            self._trusted[where] = root.der
        return self._trusted[where]


def show(root: Certificate, is_known: bool, host: str, console: Console) -> None:
    """Show what a person compares."""
    if is_known:
        say(console, f"\nThis PC trusts {host}, since its certificate was signed, in the end, by")
    else:
        say(console, "\n" + _COMPARE.format(host), "bold red")
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("CA" if root.is_ca else "certificate", root.subject),
        ("valid", root.validity),
        ("SHA-256", f"{root.fingerprint[:48]}\n{root.fingerprint[48:]}"),
    ):
        facts.add_row(Text(name, style="bold"), Text(value))
    console.print(facts)
