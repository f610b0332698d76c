"""Whether what the client said was legal where it came: RFC 5321, 2920, 3030, 3207, 4954."""

from scripted_rules import envelope, offers, recipient_limit

from .link import Violation
from .model import address_of
from .view import MAY_BE_FOLLOWED, Item, View

_LONGEST = 512
_PLAIN = ("AUTH PLAIN", "AUTH LOGIN", "AUTH XOAUTH2", "AUTH OAUTHBEARER")
_ARGUMENTS = {"STARTTLS": b"", "DATA": b"", "RSET": b"", "NOOP": b"", "QUIT": b""}


class Rules:
    """What a client of a dialogue may do.

    security, has_credentials, disabled: its options. shows_password: without TLS too.
    """

    def __init__(
        self, security: str, has_credentials: bool, disabled: tuple[str, ...], shows_password: bool
    ):
        self.security = security
        self.has_credentials = has_credentials
        self.disabled = disabled
        self.shows_password = shows_password


class Checker:
    """Follows one connection from its beginning."""

    def __init__(self, view: View, rules: Rules):
        self._view = view
        self._rules = rules
        self.offers: dict[str, str] = {}
        self._is_greeted = False
        self._is_secured = rules.security == "tls"
        self._is_logged_in = False
        self._is_open = False  # a transaction
        self._parameters: dict[str, str] = {}
        self._tried = 0

    def check(self) -> "Checker":
        """Raise Violation for the first item that is not legal."""
        for number, item in enumerate(self._view.items):
            self._check_turn(number, item)
            if item.end >= 0 and item.kind != "GREETING":
                self._check_item(item)
            self._heed(item)
        return self

    def last_answered(self) -> Item | None:
        """The last item whose reply was read."""
        answered = [item for item in self._view.items if item.reply]
        return answered[-1] if answered else None

    def _must(self, good, problem, item):
        if not good:
            line = item.line[:80]
            raise Violation("illegal", f"{problem}: {item.kind} {line!r}")

    def _check_turn(self, number, item):
        """RFC 2920 3.1: what may be said before all replies are read."""
        view = self._view
        at = number
        while at and self._is_unread(view.items[at - 1], item.start):
            at -= 1
            before = view.items[at]
            is_free = "PIPELINING" in self.offers and before.kind in MAY_BE_FOLLOWED
            self._must(is_free, f"said before the reply to {before.kind}", item)

    @staticmethod
    def _is_unread(before: Item, start: int) -> bool:
        return before.reply is None or before.taken_at > start

    def _check_item(self, item):
        kind = item.kind
        self._must(kind != "?", "no command", item)
        if kind not in ("TEXT", "RESPONSE", "MAIL", "RCPT"):
            self._must(len(item.line) <= _LONGEST, "above 512 bytes", item)
        if kind not in ("TEXT",):
            is_line = item.line.endswith(b"\r\n") and item.line.count(b"\n") == 1
            self._must(is_line, "no line", item)
        if kind in _ARGUMENTS:
            self._must(item.line[:-2] == kind.encode(), "an argument", item)
        check = getattr(self, "_check_" + kind.lower(), None)
        if check:
            check(item)

    def _check_ehlo(self, item):
        self._must(len(item.line[:-2].split(b" ")) == 2, "a name", item)
        self._must(not self._is_open, "in a transaction", item)

    def _check_starttls(self, item):
        self._must(self._rules.security == "starttls", "not asked for", item)
        self._must("STARTTLS" in self.offers, "not offered", item)
        self._must(not self._is_secured, "again", item)

    def _check_auth(self, item):
        words = item.line[:-2].decode().split(" ")
        self._must(len(words) in (2, 3), "words", item)
        offered = self.offers.get("AUTH", "").split()
        self._must(words[1] in offered, "not offered", item)
        self._must(self._rules.has_credentials, "without credentials", item)
        self._must(not self._is_logged_in, "again", item)
        self._must(not self._is_open, "in a transaction", item)
        is_safe = self._is_secured or self._rules.shows_password
        self._must(is_safe or not item.line.startswith(_encoded(_PLAIN)), "in the clear", item)

    def _check_mail(self, item):
        self._check_envelope(item)
        self._must(self._is_greeted, "without EHLO", item)
        self._must(self._is_secured or self._rules.security == "none", "without TLS", item)
        is_logged_in = self._is_logged_in or not self._rules.has_credentials
        self._must(is_logged_in, "without a login", item)
        self._must(not self._is_open, "in a transaction", item)
        self._tried = 0

    def _check_rcpt(self, item):
        self._check_envelope(item)
        self._must(self._is_open, "without MAIL", item)
        self._tried += 1
        limit = recipient_limit(self.offers)
        self._must(not limit or self._tried <= limit, f"more than RCPTMAX={limit}", item)

    def _check_envelope(self, item):
        line = item.line[:-2].decode()
        try:
            address, parameters = envelope(line, self.offers)
        except ValueError as problem:
            self._must(False, str(problem), item)
            return
        self._must(address == address_of(item), "a strange address", item)
        if item.kind == "MAIL":
            self._parameters = parameters
        used = set(parameters)
        if "BODY" in used:
            used.add(parameters["BODY"].upper())
        if used & {"RET", "ENVID", "NOTIFY", "ORCPT"}:
            used.add("DSN")
        for keyword in self._rules.disabled:
            self._must(keyword not in used, keyword + " is disabled", item)

    def _check_data(self, item):
        self._must(self._is_open and self._tried, "without recipients", item)
        self._must(self._parameters.get("BODY") != "BINARYMIME", "for BINARYMIME", item)

    def _check_bdat(self, item):
        self._must(self._is_open and self._tried, "without recipients", item)
        self._must("CHUNKING" in self.offers, "not offered", item)
        self._must("CHUNKING" not in self._rules.disabled, "disabled", item)

    def _heed(self, item):
        """Take in what the reply to an item means."""
        code = item.code()
        kind = item.kind
        if kind == "MAIL":
            self._is_open = True  # up to its refusal it may be
        if kind in ("TEXT", "BDAT", "RSET"):
            self._is_open = False
        if kind == "MAIL" and code >= 400 and "PIPELINING" not in self.offers:
            self._is_open = False
        if item.is_early or code // 100 != 2:
            return
        if kind in ("EHLO", "HELO"):
            self._is_greeted = True
            said = b"\r\n".join(line.replace(b"\r", b"") for line in item.reply.lines)
            self.offers = offers(said) if kind == "EHLO" else {}
            for keyword in self._rules.disabled:
                self.offers.pop(keyword, None)
        elif kind == "STARTTLS" and self._view.wire.secured_at >= 0:
            wire = self._view.wire
            self._must(wire.secured_at == item.end, "said before TLS", item)
            # RFC 3207 6: what was read before TLS may be an attacker's.
            self._must(wire.given_before_tls == item.reply.end, "TLS behind leftovers", item)
            self._is_secured = True
            self._is_greeted = False
            self.offers = {}
        elif code == 235:
            self._is_logged_in = True


def _encoded(words):
    return tuple(word.encode() for word in words)
