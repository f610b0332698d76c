"""Faults to plant in the library: the fuzz has to find each, or its model is worth nothing."""

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

import hssmtp.auth
import hssmtp.auth.mask
import hssmtp.client
import hssmtp.extensions
import hssmtp.mime.file_part
import hssmtp.report
import hssmtp.session
from hssmtp.client import Client
from hssmtp.dialogue import Outcome
from hssmtp.extensions import Extensions
from hssmtp.mime.file_part import FilePart
from hssmtp.session import Session

_TEXT = 13  # a state


class Fault(NamedTuple):
    """What is changed: `name` of `owner` becomes make(what it was).

    properties: the names of the violations that tell of it.
    """

    owner: Any
    name: str
    make: Callable[[Any], Any]
    properties: tuple[str, ...]


def _constant(value):
    return lambda was: lambda *args: value


def _overwriting(was):
    def fail(self, *args):
        self.error = 0
        was(self, *args)

    return fail


def _always_transient(was):
    def fail(self, *args):
        was(self, *args)
        self.transient = True

    return fail


def _again(was):
    def restart(self, is_silent):
        return bool(self.mail) and self._begin_again()

    return restart


def _counting_twice(was):
    def has_to_go_on(self):
        before = self.outcome.delivered
        result = was(self)
        self.outcome.delivered += self.outcome.delivered - before
        return result

    return has_to_go_on


def _pipelining(was):
    def suit(self, mail, buf):
        error = was(self, mail, buf)
        self.uses_pipelining = True
        return error

    return suit


def _with_leftovers(was):
    def start_tls(self):
        connection = self._connection
        connection.read()
        connection._input_at = connection._input_end
        connection.secure(self.host)
        return 0

    return start_tls


def _uncounted_refusals(was):
    def refuse_recipient(self, is_for_now):
        self._is_refused_for_now = self._is_refused_for_now or is_for_now

    return refuse_recipient


def _forgetful(was):
    def in_doubt(self):
        error = self.outcome.error
        self.outcome.error = 0
        result = was(self)
        self.outcome.error = error
        return result

    return in_doubt


def _lenient_text(was):
    def is_expected(self, code):
        return was(self, code) or self.state == _TEXT and code == 354

    return is_expected


def _raw_text(was):
    def reply_text(client):
        reply = client._session.reply
        return bytes(reply.text[: reply.length]).decode("latin-1")

    return reply_text


def _no_login(was):
    def log_in(self, session):
        yield from ()
        return True

    return log_in


def _silent_end(was):
    def end(self, event):
        if event == hssmtp.FAILED and not self.error:
            return was(self, event)
        return was(self, hssmtp.SENT if event == hssmtp.FAILED else event)

    return end


FAULTS = {
    "in_doubt is never True": Fault(Session, "in_doubt", _constant(False), ("in_doubt",)),
    "in_doubt is always True": Fault(Session, "in_doubt", _constant(True), ("in_doubt",)),
    "in_doubt forgets a refusal": Fault(
        Session,
        "in_doubt",
        _forgetful,
        ("in_doubt",),
    ),
    "delivered counts twice": Fault(Session, "_finish_transaction", _counting_twice, ("counts",)),
    "refused does not count": Fault(Outcome, "refuse_recipient", _uncounted_refusals, ("counts",)),
    "dots are not stuffed": Fault(
        hssmtp.session, "_stuff_dots", lambda was: lambda buf, count, begins: count, ("content",)
    ),
    "a later error overwrites": Fault(Outcome, "fail", _overwriting, ("error",)),
    "every error is transient": Fault(Outcome, "fail", _always_transient, ("transient",)),
    "any code will do": Fault(Session, "_is_expected", _constant(True), ("SENT", "error")),
    "354 to the text will do": Fault(Session, "_is_expected", _lenient_text, ("SENT",)),
    "nobody has to log in": Fault(hssmtp.auth.Auth, "log_in", _no_login, ("illegal",)),
    "nothing is masked": Fault(
        hssmtp.auth.mask, "mask", lambda was: lambda auth, text: text, ("secret",)
    ),
    "nothing is replaced": Fault(hssmtp.report, "reply_text", _raw_text, ("words",)),
    "PIPELINING without an offer": Fault(Extensions, "adapt", _pipelining, ("illegal",)),
    "STARTTLS without an offer": Fault(
        Extensions, "offers_starttls", _constant(True), ("illegal",)
    ),
    "offers are not forgotten": Fault(
        Extensions,
        "forget",
        lambda was: lambda self: None if hasattr(self, "_offered") else was(self),
        ("illegal",),
    ),
    "leftovers before TLS": Fault(Client, "_start_tls", _with_leftovers, ("error", "illegal")),
    "early replies": Fault(Session, "has_more", _constant(False), ("SENT", "error", "counts")),
    "sent again in doubt": Fault(Session, "restart", _again, ("twice",)),
    "files stay open": Fault(FilePart, "close", _constant(None), ("files",)),
    "a failure is SENT": Fault(Client, "_end", _silent_end, ("SENT",)),
}


def planted(name: str) -> Any:
    """A context in which the library has that fault."""
    fault = FAULTS[name]
    owner = fault.owner
    if isinstance(owner, ModuleType):  # as it is loaded now: other tests drop modules
        owner = importlib.import_module(owner.__name__)
    return mock.patch.object(owner, fault.name, fault.make(getattr(owner, fault.name)))
