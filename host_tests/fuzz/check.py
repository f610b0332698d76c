"""The properties: what must hold when a mail has ended, and when a dialogue has."""

import unicodedata
from typing import Any

import hssmtp
from scripted_rules import check_text, size_limit

from .legal import Checker, Rules
from .link import Violation, Wire
from .mails import Mail, plain
from .model import Story
from .view import View

ERRORS = (hssmtp.ERROR_DNS, hssmtp.ERROR_CONNECT, hssmtp.ERROR_TLS, hssmtp.ERROR_CERTIFICATE)
_OF_OPENING = {"resolve": (1,), "connect": (2,), "secure": (3, 4)}
_TRANSIENT = {
    hssmtp.ERROR_DNS: True,
    hssmtp.ERROR_CONNECT: True,
    hssmtp.ERROR_TIMEOUT: True,
    hssmtp.ERROR_CLOSED: True,
    hssmtp.ERROR_PROTOCOL: False,
    hssmtp.ERROR_SOURCE: False,
    hssmtp.ERROR_UNSUPPORTED: False,
}
# Unicode's categories of what is not printable.
_UNPRINTABLE = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


class Sending:
    """One mail's way: what was done and seen from send_mail() to its end.

    marks: the connections that were there, and how many bytes each had taken. acts: "abort" and
    the like, that the application did.
    """

    def __init__(self, mail: Mail, message: Any, wires: list[Wire], is_kept: bool, now: int):
        self.mail = mail
        self.message = message
        self.first = len(wires) - is_kept
        self.mark = len(wires[-1].taken) if is_kept else None
        self.mails_before = [len(wire.server.mails) for wire in wires]
        self.began = now
        self.told_refused: list[str] = []  # by RECIPIENT_REFUSED
        self.has_aborted = False
        self.has_source_failed = False
        self.has_token_failed = False


def name_of(error: int) -> str:
    """An error, spelled."""
    return hssmtp.error_name(error)


class Judge:
    """Judges one mail when it has ended."""

    def __init__(self, client: Any, sending: Sending, wires: list[Wire], rules: Rules, now: int):
        self._client = client
        self._sending = sending
        self._wires = wires
        self._rules = rules
        self._now = now
        self._mail = sending.mail

    def check(self) -> None:
        """Raise Violation for the first property that does not hold."""
        client = self._client
        if client.result == hssmtp.ABORTED and not self._sending.has_aborted:
            raise Violation("aborted", "ABORTED, and nobody aborted it")
        views = [View(wire) for wire in self._new_wires()]
        checkers = [Checker(view, self._rules).check() for view in views]
        for view in views:
            self._check_model(view)
        self._check_taken(self._story(None))
        is_source = client.error == hssmtp.ERROR_SOURCE
        if client.result != hssmtp.ABORTED and not is_source:
            self._check_story(self._story(None), checkers)
            return
        problem = None
        # A client that is stopped between two replies has read more than it has heeded.
        for limit in self._limits():
            try:
                self._check_story(self._story(limit), checkers)
                return
            except Violation as violation:
                problem = problem or violation
        if problem:
            raise problem

    def _new_wires(self):
        return self._wires[self._sending.first :]

    def _views(self, limit):
        """The connections of this mail; limit: of the last one so many bytes have been read."""
        wires = self._new_wires()
        return [View(wire, limit if wire is wires[-1] else None) for wire in wires]

    def _story(self, limit):
        story = Story(self._mail, self._rules.security == "none")
        for number, view in enumerate(self._views(limit)):
            sending = self._sending
            story.take(view, None if number else sending.mark)
        return story

    def _limits(self):
        """What the client may have heeded of the bytes read last, the most first."""
        wires = self._new_wires()
        if not wires or not wires[-1].reads:
            return [None]
        wire = wires[-1]
        last = wire.reads[-2][0] if len(wire.reads) > 1 else 0
        ends = [at + 1 for at in range(last, len(wire.given)) if wire.given[at] == 10]
        return [None, *reversed(ends), last]

    # What the servers got

    def _check_model(self, view):
        """What was read is what was said, where a server has only replied to what was said."""
        server = view.wire.server
        if not server.is_honest:
            return
        read = [(item.kind, item.code()) for item in view.items if item.reply]
        for (kind, code), (said_of, said) in zip(read, server.said, strict=False):
            if code != said or kind != said_of and said_of not in ("any", "NOOP"):
                raise Violation("model", f"{said} to {said_of} is taken for {code} to {kind}")

    def _check_taken(self, story):
        """Whoever took it took it whole, for nobody else, and for nobody twice.

        But for a server that was silent behind BDAT: it may not know that, and gets it by DATA.
        """
        got: dict[str, int] = {}
        for number, wire in enumerate(self._wires):
            before = self._sending.mails_before
            start = before[number] if number < len(before) else 0
            for taken in wire.server.mails[start:]:
                self._check_content(taken)
                for recipient in taken.recipients if taken.is_honest else ():
                    got[recipient] = got.get(recipient, 0) + 1
                    if got[recipient] > 1 + story.was_in_doubt:
                        raise Violation("twice", f"{recipient} got it {got[recipient]} times")
        client = self._client
        is_told = client.result == hssmtp.SENT or client.in_doubt
        if len(got) > client.delivered and not is_told:
            told = f"{len(got)} have it, delivered is {client.delivered}, in_doubt False"
            raise Violation("in_doubt", told)

    def _check_content(self, taken):
        mail = self._mail
        if taken.sender != mail.sender:
            raise Violation("content", f"from {taken.sender}")
        if not mail.recipients.issuperset(taken.recipients):
            raise Violation("recipients", f"for {taken.recipients}")
        body = taken.parameters.get("BODY", "7BIT").upper()
        if plain(self._sending.message, taken.content) != mail.contents[body]:
            raise Violation("content", f"{len(taken.content)} bytes that are not the mail's")
        try:
            check_text(taken.content, taken.parameters)
        except ValueError as problem:
            raise Violation("content", str(problem)) from problem

    # What the client tells

    def _check_story(self, story, checkers):
        client = self._client
        if client.result == hssmtp.SENT:
            self._check_sent(story)
        elif story.is_complete() and client.result == hssmtp.FAILED:
            raise Violation("not SENT", f"{story.delivered} delivered, nobody is left")
        in_doubt = client.result != hssmtp.SENT and story.is_in_doubt()
        if client.in_doubt is not bool(client.in_doubt) or client.in_doubt != in_doubt:
            raise Violation("in_doubt", f"in_doubt is {client.in_doubt}, not {in_doubt}")
        self._check_counts(story)
        if client.result == hssmtp.FAILED:
            self._check_error(story, checkers)

    def _check_sent(self, story):
        if story.failure:
            raise Violation("SENT", f"SENT in spite of: {story.failure.why}")
        if not story.is_complete():
            left = self._mail.recipients - set(story.delivered) - story.refused
            raise Violation("SENT", f"SENT without {sorted(left)[:5]}, or {story.deferred}")
        if self._client.error or self._client.transient or self._client.cause:
            raise Violation("SENT", f"with {name_of(self._client.error)}")

    def _check_counts(self, story):
        client = self._client
        accepted = story.accepted()
        delivered = sum(story.delivered.values())
        least = len(story.refused)
        most = least + len(story.refused_late) + len(story.deferred) + self._mail.bad_lines
        if client.result == hssmtp.SENT:
            least += self._mail.bad_lines
            most = least
        # A list that can't be read while a reply is booked loses that one.
        lost = client.error == hssmtp.ERROR_SOURCE and story.has_lists
        least -= lost
        if not accepted - lost <= client.accepted <= accepted + len(story.accepted_late):
            raise Violation("counts", f"accepted is {client.accepted}, not {accepted}")
        if client.delivered != delivered:
            raise Violation("counts", f"delivered is {client.delivered}, not {delivered}")
        if not least <= client.refused <= most:
            raise Violation("counts", f"refused is {client.refused}, not {least} to {most}")
        told = self._sending.told_refused
        people = {name for name in told if ".txt:" not in name}
        known = story.refused | story.refused_late | story.deferred
        if not len(told) <= client.refused <= len(told) + lost or not people <= known:
            raise Violation("recipients", f"{client.refused} refused, and told of: {told}")

    def _check_error(self, story, checkers):
        client = self._client
        error = client.error
        if story.failure:
            failure = story.failure
            if error not in failure.errors:
                wanted = " or ".join(name_of(each) for each in failure.errors)
                raise Violation("error", f"{name_of(error)}, not {wanted}: {failure.why}")
            if failure.code not in (0, client.reply_code) and error > hssmtp.ERROR_PROTOCOL:
                raise Violation("code", f"reply_code is {client.reply_code}: {failure.why}")
            if failure.transient not in (None, client.transient) and error > hssmtp.ERROR_PROTOCOL:
                told = f"transient is {client.transient}: {failure.why}"
                raise Violation("transient", told)
        elif error not in self._possible(story, checkers):
            raise Violation("error", f"{name_of(error)} without a reason")
        is_coded = error == hssmtp.ERROR_PROTOCOL and client.reply_code // 100 == 4
        if _TRANSIENT.get(error, client.transient) != client.transient and not is_coded:
            raise Violation("transient", f"{client.transient} for {name_of(error)}")

    def _possible(self, story, checkers):
        """The errors that have a reason, where no reply is one."""
        wires = self._new_wires()
        possible = set()
        if self._now - self._sending.began >= 3000:
            possible.add(hssmtp.ERROR_TIMEOUT)
        if self._sending.has_source_failed or self._mail.is_fresh and story.has_sent_data:
            possible.add(hssmtp.ERROR_SOURCE)
        if self._sending.has_token_failed:
            possible.add(hssmtp.ERROR_AUTH)
        if wires:
            self._add_reasons(wires[-1], story, checkers[-1], possible)
        return possible

    def _add_reasons(self, wire, story, checker, possible):
        if wire.end:
            possible.add(hssmtp.ERROR_CLOSED)
        possible.update(_OF_OPENING.get(wire.failed_before_open, ()))
        is_shaking = wire.secured_at == len(wire.taken) and wire.given_before_tls == len(
            wire.given
        )
        if is_shaking:
            possible.add(hssmtp.ERROR_TLS)
        offers = checker.offers
        needs_tls = self._rules.security == "starttls" and wire.secured_at < 0
        total = self._sending.message.total
        limit = size_limit(offers)
        if needs_tls and "STARTTLS" not in offers:
            possible.add(hssmtp.ERROR_UNSUPPORTED)
        if self._rules.has_credentials and not story.has_login:
            possible.add(hssmtp.ERROR_UNSUPPORTED)  # which mechanisms suit is the client's
        if self._sending.message.utf8 and not {"SMTPUTF8", "8BITMIME"} <= set(offers):
            possible.add(hssmtp.ERROR_UNSUPPORTED)
        if limit and (total is None or total > limit):
            possible.add(hssmtp.ERROR_TOO_LARGE)
        if story.login_code in (235, 334):  # a challenge, or a server that did not prove itself
            possible.update((hssmtp.ERROR_AUTH, hssmtp.ERROR_PROTOCOL))
        last = checker.last_answered()
        if last and last.kind == "STARTTLS" and len(wire.given) > last.reply.end:
            possible.add(hssmtp.ERROR_PROTOCOL)  # RFC 3207 6: bytes that came before TLS


def check_words(client: Any, grams: frozenset[bytes]) -> None:
    """What is told is printable, and tells nothing of a secret. grams: pieces of the secrets."""
    explained = hssmtp.explain(client)
    text = client.reply_text
    for name, told in (("explain()", explained), ("reply_text", text)):
        if any(unicodedata.category(letter) in _UNPRINTABLE for letter in told):
            raise Violation("words", f"{name} is {told!r}")
    if hssmtp.state_name(client.state) == "?":
        raise Violation("words", f"state {client.state}")
    if not grams:
        return
    cause = client.cause
    for told in (explained, text, repr(client), repr(cause), str(cause), client.recipient):
        octets = told.encode()
        for at in range(len(octets) - 4):
            if octets[at : at + 5] in grams:
                raise Violation("secret", f"{octets[at : at + 5]!r} in {told!r}")
