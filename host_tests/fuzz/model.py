"""What became of a mail, told from the replies that the client has read and nothing else."""

import re
from typing import NamedTuple

import hssmtp
from scripted_rules import offers, size_limit

from .link import Violation
from .mails import Mail
from .view import Item, View

_PATH = re.compile(rb"[^<]*<([^>]*)>")
_ENDINGS = (hssmtp.ERROR_CLOSED, hssmtp.ERROR_TIMEOUT, hssmtp.ERROR_PROTOCOL, hssmtp.ERROR_SOURCE)
_REFUSED = {
    "GREETING": hssmtp.ERROR_REJECTED,
    "EHLO": hssmtp.ERROR_REJECTED,
    "HELO": hssmtp.ERROR_REJECTED,
    "STARTTLS": hssmtp.ERROR_TLS,
    "AUTH": hssmtp.ERROR_AUTH,
    "RESPONSE": hssmtp.ERROR_AUTH,
    "MAIL": hssmtp.ERROR_SENDER,
    "RCPT": hssmtp.ERROR_RECIPIENTS,
    "DATA": hssmtp.ERROR_REJECTED,
    "TEXT": hssmtp.ERROR_REJECTED,
    "BDAT": hssmtp.ERROR_REJECTED,
}
_UNKNOWN = (500, 501, 502, 503, 504, 555)  # to a command or a parameter
_TOO_LARGE = (552, 523, 534)
_ANY_REFUSAL = (
    hssmtp.ERROR_PROTOCOL,
    hssmtp.ERROR_TOO_LARGE,
    *sorted(set(_REFUSED.values())),
)


class Failure(NamedTuple):
    """Why a mail has to fail: the errors that say so, and whether another try is worth it.

    transient: None if either will do. is_refusal: the server has said so. why: for people.
    may_retry: over a new connection, as another way may do. code: the reply's, 0 for none that
    has to be told.
    """

    errors: tuple[int, ...]
    transient: bool | None
    is_refusal: bool
    why: str
    may_retry: bool = False
    code: int = 0


class Transaction:
    """MAIL, what was replied to each RCPT, and the data."""

    def __init__(self, mail: Item):
        self.mail = mail
        self.answers: dict[str, int] = {}  # by address: the code, 0 without a reply
        self.data: Item | None = None
        self.is_decided = False  # about the data
        self.is_refused = False

    def accepted(self) -> list[str]:
        """Who was accepted."""
        return [address for address, code in self.answers.items() if code // 100 == 2]

    def is_nobody(self) -> bool:
        """Whether each recipient was refused."""
        return all(code >= 400 for code in self.answers.values())


class Story:
    """What became of a mail.

    delivered: how often each recipient got it. refused: who was refused for good. deferred: who
    has to be tried again in another transaction. failure: why it has to fail, None if nothing
    read so far means that.
    """

    def __init__(self, mail: Mail, is_plain: bool):
        self.mail = mail
        self.is_plain = is_plain  # there is no TLS
        self.has_lists = mail.has_lists
        self.codes: dict[str, int] = {}
        self.delivered: dict[str, int] = {}
        self.refused: set[str] = set()
        self.refused_late: set[str] = set()  # behind a refusal of all
        self.accepted_late: set[str] = set()
        self.deferred: set[str] = set()
        self.failure: Failure | None = None
        self.transaction: Transaction | None = None
        self.has_sent_data = False
        self.max_size = 0  # what EHLO offered last
        self.has_heard_421 = False
        self.login_code = 0  # the last reply to a login
        self.has_login = False
        self._is_refused_for_now = False
        self._refusal_code = 0  # of the last recipient
        self._is_over = False  # nothing that follows on this connection counts
        self._connections = 0
        self._has_ended = False  # the last connection, before another followed
        self.was_in_doubt = False

    def take(self, view: View, mark: int | None) -> None:
        """Take in one connection more.

        mark: of one that was kept, how many bytes had been taken before this mail.
        """
        if self._connections:
            self._go_on_elsewhere(self._has_ended)
        self._has_ended = bool(view.wire.end)
        self._connections += 1
        for number, item in enumerate(view.items):
            if item.kind == "EHLO" and item.code() // 100 == 2 and item.reply:
                said = b"\r\n".join(line.rstrip(b"\r") for line in item.reply.lines)
                self.max_size = size_limit(offers(said))
            if mark is not None and (item.start < mark or item.kind == "GREETING"):
                continue
            self._say(item)
            if item.reply and not self._is_over:
                after = view.items[number + 1] if number + 1 < len(view.items) else None
                self._hear(item, item.reply.code, after)
                self._is_over |= self.is_complete()  # what follows is not about this mail
        if view.surplus and not self._is_over:
            self._hear_surplus(view.surplus[0].code, view.items[-1])

    def is_complete(self) -> bool:
        """Whether each recipient has the mail or was refused, and one has it at least."""
        if self.failure or not self.delivered or self.deferred:
            return False
        settled = len(self.delivered) + len(self.refused)
        return settled == len(self.mail.recipients)

    def is_in_doubt(self) -> bool:
        """Whether the server has all of the data, and may have accepted the mail unheard."""
        return self.was_in_doubt or self._is_undecided()

    def _is_undecided(self):
        transaction = self.transaction
        if not transaction or not transaction.data or transaction.data.end < 0:
            return False
        if transaction.data.kind == "DATA" or transaction.is_decided or transaction.is_refused:
            return False
        if self.has_heard_421 or self.failure and self.failure.is_refusal:
            return False
        return any(code < 400 for code in transaction.answers.values())

    def accepted(self) -> int:
        """How many recipients were accepted."""
        return sum(code // 100 == 2 for code in self.codes.values())

    # What was said

    def _say(self, item):
        if item.kind == "MAIL" and item.end >= 0:
            self.transaction = Transaction(item)
        transaction = self.transaction
        if not transaction:
            return
        if item.kind == "RCPT" and item.end >= 0:
            address = address_of(item)
            if address in transaction.answers:
                raise Violation("recipients", f"{address} twice in a transaction")
            transaction.answers[address] = 0
        elif item.kind in ("DATA", "TEXT", "BDAT"):
            transaction.data = item
            self.has_sent_data |= item.kind != "DATA"

    def _go_on_elsewhere(self, has_ended):
        """Another connection follows: nothing of what was heard may be lost by that."""
        failure = self.failure
        if failure and failure.is_refusal and not failure.may_retry:
            raise Violation("refusal lost", f"sent again after: {failure.why}")
        if self._is_undecided():
            data = self.transaction.data if self.transaction else None
            if has_ended or not data or data.kind != "BDAT":
                raise Violation("twice", "sent again although the server may have it")
            self.was_in_doubt = True  # it was silent: perhaps it does not know BDAT
        for address in self.transaction.accepted() if self.transaction else ():
            if address not in self.delivered:
                self.codes.pop(address, None)  # to be asked again
        self.failure = None
        self.transaction = None
        self.has_heard_421 = self.has_login = False
        self.login_code = 0
        self._is_over = False

    # What was heard

    def _fail(self, errors, transient, is_refusal, why, may_retry=False, code=0):
        if not self.failure:
            self.failure = Failure(errors, transient, is_refusal, why, may_retry, code)

    def _break_off(self, errors, transient, why, is_refusal=False):
        self._fail(errors, transient, is_refusal, why)
        self._is_over = True

    def _hear(self, item, code, after):
        kind = item.kind
        if kind in ("AUTH", "RESPONSE"):
            self.login_code = code
            self.has_login = code == 235
        if code == 421 and kind != "QUIT":
            self.has_heard_421 = True
            self._break_off((hssmtp.ERROR_CLOSED,), True, "421")
        elif not code:
            self._break_off((hssmtp.ERROR_PROTOCOL,), False, f"no reply to {kind}")
        elif item.is_early and code < 400:
            self._break_off((hssmtp.ERROR_PROTOCOL,), False, f"{code} too early for {kind}")
        elif item.is_early:
            self._hear_early_refusal(item, code)
        elif code < 400 and not _answers(kind, code):
            self._break_off((hssmtp.ERROR_PROTOCOL,), False, f"{code} to {kind}")
        elif kind == "RCPT":
            self._hear_of_recipient(item, code)
        elif kind in ("DATA", "TEXT", "BDAT"):
            self._hear_of_data(item, code)
        elif code >= 400:
            self._hear_refusal(item, code, after)

    def _hear_surplus(self, code, before):
        """A reply to what has not begun to go out, behind the item before."""
        if code == 421:
            self.has_heard_421 = True
            errors = (hssmtp.ERROR_CLOSED,)
            if before.kind == "STARTTLS":  # RFC 3207 6: nothing may be there
                errors += (hssmtp.ERROR_PROTOCOL,)
            self._break_off(errors, None, "421 unasked")
            return
        if code >= 400:  # perhaps to what is about to go out
            self._break_off(_ANY_REFUSAL, None, f"{code} unasked")
        else:
            self._break_off((hssmtp.ERROR_PROTOCOL,), False, f"{code} unasked")

    def _hear_early_refusal(self, item, code):
        why = f"{code} in the middle of {item.kind}"
        has_begun = item.kind == "TEXT" or item.kind == "BDAT" and item.line.endswith(b"\n")
        if has_begun and self.transaction:
            self._hear_of_data(item, code)
            self._is_over = True
            if not self.failure:  # of a transaction without recipients, with more to follow
                self._break_off(_ANY_REFUSAL, None, why)
            return
        if item.kind == "RCPT":
            self.refused_late.add(address_of(item))
        self._break_off(_ANY_REFUSAL, None, why)

    def _hear_refusal(self, item, code, after):
        kind = item.kind
        why = f"{code} to {kind}"
        is_transient = code < 500
        if kind in ("RSET", "NOOP", "QUIT", "?"):
            return
        if kind == "EHLO" and code >= 500 and self.is_plain:
            return  # HELO follows
        text = item.reply.text()
        if kind in ("AUTH", "RESPONSE"):
            if after and after.kind == "AUTH":
                return  # by another mechanism
            if code == 535 and text.startswith(b"5.7.8 "):
                self._fail((hssmtp.ERROR_AUTH,), False, True, why, code=code)
            else:  # another could follow; or it was broken off because of its challenge
                self._fail((hssmtp.ERROR_AUTH, *_ENDINGS), None, True, why, True)
            return
        errors = _errors_of(kind, code, text, self.max_size)
        is_stale = code == 451 and text.startswith(b"4.4.2")
        has_binary = code in _UNKNOWN and b"BINARYMIME" in item.line
        may_retry = kind == "MAIL" and (is_stale or has_binary)
        self._fail(errors, is_transient, True, why, may_retry, code)

    def _hear_of_recipient(self, item, code):
        transaction = self.transaction
        if not transaction:
            return
        address = address_of(item)
        was_accepted = len(transaction.accepted())
        transaction.answers[address] = code
        if self.failure:  # a server that refuses MAIL should not say more of it
            late = self.refused_late if code >= 400 else self.accepted_late
            late.add(address)
            return
        self.deferred.discard(address)
        if code < 400:
            self.codes[address] = code
        elif was_accepted and is_full(code, item.reply.text(), was_accepted):
            self.deferred.add(address)
        else:
            self.codes[address] = code
            self.refused.add(address)
            self._is_refused_for_now |= code < 500
            self._refusal_code = code
        self._look_for_nobody()

    def _look_for_nobody(self):
        """Fail if it is known that nobody gets the mail."""
        transaction = self.transaction
        if self.delivered or not transaction or not transaction.is_nobody():
            return
        known = self.refused.union(transaction.answers)
        if not self.mail.recipients <= known or self.deferred:
            return  # others come in this transaction, or the next
        errors = (hssmtp.ERROR_RECIPIENTS,)
        if self.has_lists and not transaction.data:
            errors += _ENDINGS  # that nothing follows in the list may not be known yet
        transient = None if len(errors) > 1 or self.mail.bad_lines else self._is_refused_for_now
        code = 0 if len(errors) > 1 or self.mail.bad_lines else self._refusal_code
        self._fail(errors, transient, True, "every recipient refused", code=code)

    def _hear_of_data(self, item, code):
        transaction = self.transaction
        if not transaction or code == 354:
            return
        transaction.is_decided = True
        if code >= 400:
            transaction.is_refused = True
        accepted = transaction.accepted()
        if not accepted:
            self._look_for_nobody()
        elif code >= 400:
            errors = _errors_of(item.kind, code, item.reply.text(), self.max_size)
            is_unfit = code in _UNKNOWN or code >= 500 and hssmtp.ERROR_TOO_LARGE in errors
            may_retry = item.kind == "BDAT" and is_unfit  # by DATA
            self._fail(errors, code < 500, True, f"{code} to {item.kind}", may_retry, code)
        elif not self.failure:
            for address in accepted:
                self.delivered[address] = self.delivered.get(address, 0) + 1


def address_of(item: Item) -> str:
    """The address in MAIL or RCPT."""
    match = _PATH.match(item.line)
    return match[1].decode(errors="replace") if match else "?"


def is_full(code: int, text: bytes, accepted: int) -> bool:
    """Whether a refusal is of one recipient too many (RFC 5321 4.5.3.1.10, RFC 3463 3.6)."""
    if re.match(rb".\..\..", text) and len(text) > 5:
        if text.startswith((b"4.5.3 ", b"5.5.3 ")):
            return True
    elif code in (452, 552):
        return True
    return code < 500 and accepted >= 100


def _errors_of(kind, code, text, max_size):
    """The errors that a refusal may mean; max_size: what EHLO offered, 0 for nothing."""
    error = _REFUSED[kind]
    if kind in ("MAIL", "DATA", "TEXT", "BDAT"):
        if code == 530:  # RFC 4954 6
            return (hssmtp.ERROR_AUTH,)
        # RFC 1870 6.1, RFC 3463 3.3, 3.4: which of them counts more is the client's.
        is_size = code in _TOO_LARGE or text.startswith((b"5.3.4", b"5.2.3"))
        if is_size or max_size and code >= 500:
            return (error, hssmtp.ERROR_TOO_LARGE)
    return (error,)


def _answers(kind, code):
    """Whether a positive reply is one to that kind of item."""
    if kind == "DATA":
        return code == 354
    if kind in ("AUTH", "RESPONSE"):
        return code in (235, 334)
    return code // 100 == 2
