"""The questions in order, each with an offered answer."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hssmtp.mime.addresses import mailbox

from tools.choices import in_columns, numbered
from tools.configure import kinds, providers
from tools.configure.asking import NOTHING, Asker, Kind
from tools.configure.boards import Board
from tools.configure.kinds import NONE, PORTS

NAMES = (
    *("BOARD", "DEVICE", "WIFI_NAME", "WIFI_PASSWORD", "SENDER", "SERVER", "SECURITY", "PORT"),
    *("USER", "PASSWORD", "RECIPIENTS"),
)


def which_board(asker: Asker, boards: Mapping[str, Board], noted: str | None) -> Board:
    """Ask for a board. noted: the previous one, which is offered."""
    lines = [f"{number:3}  {one.folder:18}{one.name}" for number, one in _numbered(boards)]
    asker.tell("\n".join(lines))
    offer = noted if noted in boards else NOTHING
    return boards[str(asker.ask("BOARD", "Board: number or name", offer, kinds.board(boards)))]


def another_board(asker: Asker, boards: Mapping[str, Board], noted: str | None) -> Board | None:
    """Ask for a board if it has changed; return None if it has not."""
    offer = noted if noted in boards else NONE
    words = "Board: number or name" + ("" if noted in boards else f", {NONE} leaves the pins")
    kind = kinds.board_or_none(boards)
    answer = asker.ask("BOARD", words, offer, kind)
    return None if answer in (NONE, noted) else boards[str(answer)]


def _numbered(boards: Mapping[str, Board]) -> list[tuple[int, Board]]:
    return list(enumerate(boards.values(), 1))


class Interview:
    """Asks the questions; `new` has the answers. old: previous answers, to be offered."""

    def __init__(self, asker: Asker, old: Mapping[str, object]) -> None:
        self._asker = asker
        self._stored = old
        self._old = old
        self.new: dict[str, Any] = {}

    def ask(self) -> None:
        """Ask all questions. Raises ValueError if nobody can be asked again."""
        self._ask("DEVICE", "Name of the device, for its mails", kinds.DEVICE, "board")
        self._ask_wifi()
        self._ask_sender()
        self._asker.tell("Mail providers whose servers are known; Tab completes a name:")
        self._asker.tell(in_columns([one.name for one in providers.PROVIDERS]))
        self._ask_server()
        self._ask_security()
        self._ask_port(PORTS[self.new["SECURITY"]])
        self._ask_login()
        self._ask_recipients()

    def ask_again(self, names: Collection[str]) -> None:
        """Ask these questions again, and those that depend on a changed answer."""
        self._old = dict(self.new)
        if "SENDER" in names:
            self._ask_sender()
        needs_login = "USER" in names
        if "SERVER" in names:
            needs_login |= self._change_server()
        if "SECURITY" in names:
            self._ask_security()
            needs_login |= (self.new["SECURITY"] == "none") != (self._old["SECURITY"] == "none")
        if "PORT" in names:
            port = self.new["PORT"]
            is_own = port not in PORTS.values()
            self._ask_port(port if is_own else PORTS[self.new["SECURITY"]])
        if needs_login:
            self._ask_login()
        if "RECIPIENTS" in names:
            self._ask_recipients()

    # The questions

    def _ask_wifi(self) -> None:
        words = f"Name of the Wi-Fi, 2.4 GHz ({NONE} for Ethernet)"
        self._ask("WIFI_NAME", words, kinds.WIFI_NAME)
        self.new["WIFI_PASSWORD"] = None
        if self.new["WIFI_NAME"] is not None:
            has_old = self._old.get("WIFI_PASSWORD") and self._is_same(["WIFI_NAME"])
            words = f"  its password, {NONE if has_old else 'Enter'} if it has none"
            self._ask("WIFI_PASSWORD", words, kinds.WIFI_PASSWORD, after=["WIFI_NAME"])

    def _ask_sender(self) -> None:
        self._ask("SENDER", "Sender of the mails", kinds.SENDER)

    def _ask_server(self) -> None:
        found = providers.by_address(self._address())
        offer = found.host if found else self._old.get("SERVER", NOTHING)
        words = "Mail server: number, name, or a host's name"
        self._ask("SERVER", words, kinds.server(), offer, after=["SENDER"])
        server = self.new["SERVER"]
        if server in ("localhost", "127.0.0.1") or server.endswith(".local"):
            self._asker.tell("  A board does not know that name: give the address it has there.")

    def _change_server(self) -> bool:
        """Ask for the server, apply its provider's settings; return whether the login changes."""
        before = self._provider()
        old = self.new["SERVER"]
        self._ask_server()
        found = self._provider()
        if self.new["SERVER"] == old:
            return False
        if found:
            self.new["SECURITY"] = found.security
            self.new["PORT"] = PORTS[found.security]
        # A password must not be sent to another provider.
        is_stored = self.new["PASSWORD"] == self._stored.get("PASSWORD")
        is_expected = found is not None and found is providers.by_address(self._address())
        return is_stored or not (found is before or is_expected)

    def _ask_security(self) -> None:
        found = self._provider()
        offer = found.security if found else "starttls"
        words = f"Security: {numbered(list(PORTS))}"
        self._ask("SECURITY", words, kinds.SECURITY, offer, ["SERVER"])

    def _ask_port(self, offer: int) -> None:
        self._ask("PORT", "Port", kinds.PORT, offer, after=["SERVER", "SECURITY"])

    def _ask_login(self) -> None:
        self.new["USER"] = self.new["PASSWORD"] = None
        if self.new["SECURITY"] == "none":
            self._asker.tell("  Without TLS there is no login: anybody could read the password.")
            return
        provider = self._provider()
        offer = self._address()
        if provider and provider.user != "":
            offer = NOTHING if provider.user is None else provider.user
        user = self._ask("USER", f"User ({NONE} for no login)", kinds.USER, offer, ["SERVER"])
        if user is not None:
            if provider:
                self._asker.tell(f"  {provider.name}: {provider.secret}")
            self._ask("PASSWORD", "  password", kinds.PASSWORD, after=["SERVER", "USER"])

    def _ask_recipients(self) -> None:
        words = "Recipients of the mails, separated by commas"
        self._ask("RECIPIENTS", words, kinds.RECIPIENTS, [self._address()])

    # Helpers

    def _address(self) -> str:
        return mailbox(self.new["SENDER"])[1].decode()

    def _provider(self) -> providers.Provider | None:
        return providers.by_host(self.new["SERVER"])

    def _is_same(self, names: Sequence[str]) -> bool:
        return all(self.new[one] == self._old.get(one) for one in names)

    def _ask(
        self, name: str, words: str, kind: Kind, offer: object = NOTHING, after: Sequence[str] = ()
    ) -> Any:
        """Offer the previous answer if the answers in `after` have not changed; else `offer`."""
        if self._is_same(after) and name in self._old and kind.fits(self._old[name]):
            offer = self._old[name]
        self.new[name] = self._asker.ask(name, words, offer, kind)
        return self.new[name]
