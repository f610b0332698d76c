"""The questions, in their order, with what is offered as an answer and what can be meant."""

from collections.abc import Mapping, Sequence
from typing import Any

from hssmtp import Client, Message
from hssmtp.mime.addresses import mailbox
from hssmtp.mime.compose import check

from tools.configure import providers
from tools.configure.asking import NOTHING, Asker, Kind

NAMES = (
    *("BOARD", "DEVICE", "WIFI_NAME", "WIFI_PASSWORD", "SENDER", "SERVER", "SECURITY", "PORT"),
    *("USER", "PASSWORD", "RECIPIENTS"),
)
PORTS = {"starttls": 587, "tls": 465, "none": 25}  # hssmtp.Client's own
NONE = "-"  # what a person types for none, where Enter takes the offer


def which_board(asker: Asker, boards: Mapping[str, str]) -> str:
    """One of the folders of boards/; boards: what they are called."""
    asker.hint("\n".join(f"{folder:18}{name}" for folder, name in boards.items()))

    def check(value: str) -> None:
        if value not in boards:
            raise ValueError("one of " + ", ".join(boards))

    return str(asker.ask("BOARD", "Which board", NOTHING, Kind(check)))


class Interview:
    """Asks; `new` has the answers. old: those of the last time, to be offered again."""

    def __init__(self, asker: Asker, old: Mapping[str, object]) -> None:
        self._asker = asker
        self._old = old
        self.new: dict[str, Any] = {}

    def ask(self) -> None:
        """All of the questions. Raises ValueError where nobody is there to be asked again."""
        self._ask("DEVICE", "What the mails call the device", DEVICE, "board")
        self._ask("WIFI_NAME", f"Name of the Wi-Fi, 2.4 GHz ({NONE} for Ethernet)", WIFI_NAME)
        self.new["WIFI_PASSWORD"] = None
        if self.new["WIFI_NAME"] is not None:
            self._ask(
                "WIFI_PASSWORD",
                f"  its password ({NONE} if it has none)",
                WIFI_PASSWORD,
                after=["WIFI_NAME"],
            )
        sender = self._ask("SENDER", "Address that the mails come from", SENDER)
        address = mailbox(sender)[1].decode()
        provider = self._server(address)
        self._login(address, provider)
        words = "Addresses that get the mails, commas between"
        self._ask("RECIPIENTS", words, RECIPIENTS, [address])

    def _server(self, address: str) -> providers.Provider | None:
        """Where the server is; the provider, if it is a known one."""
        self._asker.hint("I know: " + ", ".join(one.name for one in providers.PROVIDERS))
        found = providers.by_address(address)
        offer = found.host if found else self._old.get("SERVER", NOTHING)
        words = "Mail server: one of these, or a host's name"
        server = self._ask("SERVER", words, SERVER, offer, after=["SENDER"])
        found = providers.by_name(server) or providers.by_host(server)
        if found:
            self.new["SERVER"] = found.host
        elif server in ("localhost", "127.0.0.1") or server.endswith(".local"):
            self._asker.hint(
                "  On a board that leads nowhere: take the address that it has in your network."
            )
        offer = found.security if found else "starttls"
        security = self._ask(
            "SECURITY", f"Security: {', '.join(PORTS)}", SECURITY, offer, ["SERVER"]
        )
        self._ask("PORT", "Port", PORT, PORTS[security], after=["SERVER", "SECURITY"])
        return found

    def _login(self, address: str, provider: providers.Provider | None) -> None:
        self.new["USER"] = self.new["PASSWORD"] = None
        if self.new["SECURITY"] == "none":
            self._asker.hint(
                "  Without TLS there is no login: a password would be read on the way."
            )
            return
        offer = address
        if provider and provider.user != "":
            offer = NOTHING if provider.user is None else provider.user
        user = self._ask("USER", f"User ({NONE} for no login)", USER, offer, after=["SERVER"])
        if user is not None:
            if provider:
                self._asker.hint(f"  {provider.name}: {provider.secret}")
            self._ask("PASSWORD", "  password", PASSWORD, after=["SERVER", "USER"])

    def _ask(
        self, name: str, words: str, kind: Kind, offer: object = NOTHING, after: Sequence[str] = ()
    ) -> Any:
        """Offer the last answer, if those that it came `after` are the same; else `offer`."""
        same = all(self.new[one] == self._old.get(one) for one in after)
        if same and name in self._old and kind.fits(self._old[name]):
            offer = self._old[name]
        self.new[name] = self._asker.ask(name, words, offer, kind)
        return self.new[name]


# What can't be meant raises ValueError, by the library's own check where it has a say, and in a
# file of answers TypeError.


def _word(value: str) -> None:
    if not check(value, "name").strip():
        raise ValueError("a name is needed")


def _wifi_name(value: str | None) -> None:
    # IEEE 802.11: 1 to 32 octets.
    if value is not None and not 0 < len(check(value, "Wi-Fi").encode()) <= 32:
        raise ValueError("the name of a Wi-Fi has 1 to 32 octets")


def _wifi_password(value: str | None) -> None:
    # WPA: 8 to 63 characters, or the key itself as 64 digits.
    if value is not None and not 8 <= len(check(value, "password")) <= 64:
        raise ValueError("the password of a Wi-Fi has 8 to 63 characters")


def _server(value: str) -> None:
    if not providers.by_name(check(value, "server")):
        Client(value, security="none")


def _port(value: int) -> None:
    if type(value) is not int:
        raise TypeError("port: not a number")
    Client("host", value, "none")


def _user(value: str | None) -> None:
    if value == "":
        raise ValueError("a user is needed")
    Client("host", username=value, password="a", insecure=True)


def _password(value: str) -> None:
    if not check(value, "password"):
        raise ValueError("a password is needed")
    Client("host", username="user", password=value, insecure=True)


def _recipients(value: list[str]) -> None:
    if not isinstance(value, list):
        raise TypeError("recipients: not a list")
    Message("a@example.com", to=value)


def _none_or(typed: str) -> str | None:
    return None if typed == NONE else typed


def _number(typed: str) -> int:
    if not typed.isdecimal():
        raise ValueError("port: not a number")
    return int(typed)


def _shown(value: str | None) -> str:
    return NONE if value is None else value


DEVICE = Kind(_word)
WIFI_NAME = Kind(_wifi_name, _none_or, _shown)
WIFI_PASSWORD = Kind(_wifi_password, _none_or, secret=True)
SENDER = Kind(mailbox)
SERVER = Kind(_server)
SECURITY = Kind(lambda value: Client("host", security=value, insecure=True))
PORT = Kind(_port, _number)
USER = Kind(_user, _none_or, _shown)
PASSWORD = Kind(_password, secret=True)
RECIPIENTS = Kind(
    _recipients,
    lambda typed: [one.strip() for one in typed.split(",") if one.strip()],
    ", ".join,
)
