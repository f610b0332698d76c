"""make configure: which questions a failure asks again, and what names and numbers stand for."""

from types import SimpleNamespace

import hssmtp
import pytest
from hssmtp import names

from tools import choices
from tools.configure import kinds, server
from tools.configure.asking import NOTHING
from tools.configure.interview import Interview
from tools.configure.questions import questions

FIRST = {
    "DEVICE": "boiler",
    "WIFI_NAME": "home",
    "WIFI_PASSWORD": "its password",
    "SENDER": "boiler@example.com",
    "SERVER": "mail.example.com",
    "SECURITY": "starttls",
    "PORT": 587,
    "USER": "boiler@example.com",
    "PASSWORD": "sesame",
    "RECIPIENTS": ["ops@example.com"],
}


class Told:
    """Answers by name, or what is offered; `asked` and `offers`: what it was asked."""

    is_person = True

    def __init__(self, answers):
        self.answers = answers
        self.asked = []
        self.offers = {}

    def ask(self, name, words, offer, kind):
        self.asked.append(name)
        self.offers[name] = offer
        answer = self.answers.get(name, offer)
        assert answer is not NOTHING, name
        return kind.settle(answer)

    def agree(self, name, words, offer):
        return offer

    def tell(self, words, style="dim"):
        pass


def answered(old=(), **answers):
    """An interview with all of its answers, and who gave them."""
    told = Told({**FIRST, **answers})
    interview = Interview(told, dict(old))
    interview.ask()
    told.asked.clear()
    told.offers.clear()
    told.answers = {}
    return interview, told


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (["USER"], ["USER", "PASSWORD"]),
        (["SERVER"], ["SERVER"]),
        (["SERVER", "PORT"], ["SERVER", "PORT"]),
        (["SECURITY", "PORT"], ["SECURITY", "PORT"]),
        (["SENDER"], ["SENDER"]),
        (["RECIPIENTS"], ["RECIPIENTS"]),
    ],
)
def test_only_wrong_answers_are_asked_again(names, asked):
    interview, told = answered()
    interview.ask_again(names)
    assert told.asked == asked
    assert interview.new == FIRST  # Enter keeps everything


def test_another_provider_changes_port_and_security():
    interview, told = answered(SERVER="mail.example.net", PORT=2525)
    told.answers = {"SERVER": "fastmail", "PASSWORD": "another"}
    interview.ask_again(["SERVER"])
    assert told.asked == ["SERVER", "USER", "PASSWORD"]
    assert (interview.new["SECURITY"], interview.new["PORT"]) == ("tls", 465)


def test_mistyped_known_provider_asks_for_the_server_only():
    interview, told = answered(SENDER="boiler@gmail.com", SERVER="smtp.gmial.com")
    told.answers = {"SERVER": "smtp.gmail.com"}
    interview.ask_again(["SERVER"])
    assert told.asked == ["SERVER"]
    assert interview.new["PASSWORD"] == "sesame"


@pytest.mark.parametrize(
    ("old", "before", "after"),
    [
        ({}, "gmail", "mail.example.net"),
        ({}, "gmail", "sendgrid"),
        ({}, "mail.example.com", "sendgrid"),
        (FIRST, "mail.example.com", "mail.example.net"),  # a password of the last time
    ],
)
def test_password_is_dropped_for_another_server(old, before, after):
    interview, told = answered(old, SERVER=before)
    told.answers = {"SERVER": after, "USER": "another", "PASSWORD": "another"}
    interview.ask_again(["SERVER"])
    assert told.asked == ["SERVER", "USER", "PASSWORD"]
    assert told.offers["PASSWORD"] is NOTHING


def test_own_port_stays_when_security_changes():
    interview, told = answered(PORT=2525)
    told.answers = {"SECURITY": "tls"}
    interview.ask_again(["SECURITY", "PORT"])
    assert interview.new["PORT"] == 2525
    interview, told = answered()
    told.answers = {"SECURITY": "tls"}
    interview.ask_again(["SECURITY", "PORT"])
    assert interview.new["PORT"] == 465


def test_login_is_asked_once_there_is_tls():
    interview, told = answered(SECURITY="none", PORT=25)
    assert interview.new["USER"] is None
    told.answers = {**FIRST, "SECURITY": "starttls"}
    interview.ask_again(["SECURITY", "PORT"])
    assert told.asked == ["SECURITY", "PORT", "USER", "PASSWORD"]
    told.answers = {"SECURITY": "none"}
    interview.ask_again(["SECURITY"])
    assert (interview.new["USER"], interview.new["PASSWORD"]) == (None, None)


STATES = {names.state_name(state): state for state in range(18)}


@pytest.mark.parametrize(
    ("error", "state", "code", "security", "asked"),
    [
        ("DNS", "RESOLVING", 0, "tls", ("SERVER",)),
        ("CONNECT", "CONNECTING", 0, "tls", ("SERVER", "PORT")),
        ("TIMEOUT", "CONNECTING", 0, "tls", ("SERVER", "PORT")),
        ("TIMEOUT", "GREETING", 0, "starttls", ("SECURITY", "PORT")),
        ("TIMEOUT", "TEXT", 0, "starttls", ()),
        ("TLS", "SECURING", 0, "tls", ("SECURITY", "PORT")),
        ("PROTOCOL", "GREETING", 0, "starttls", ("SECURITY", "PORT")),
        ("AUTH", "AUTH", 535, "tls", ("USER",)),
        ("AUTH", "MAIL", 530, "none", ("SECURITY", "PORT")),
        ("AUTH", "MAIL", 530, "tls", ("USER",)),
        ("RECIPIENTS", "RCPT", 530, "none", ("SECURITY", "PORT")),
        ("SENDER", "MAIL", 550, "tls", ("SENDER",)),
        ("RECIPIENTS", "RCPT", 550, "tls", ("RECIPIENTS",)),
        ("REJECTED", "GREETING", 554, "tls", ("SERVER",)),
        ("REJECTED", "TEXT", 554, "tls", ()),
        ("TOO_LARGE", "MAIL", 552, "tls", ()),
        ("CLOSED", "TEXT", 421, "tls", ()),
    ],
)
def test_failure_names_the_answers_to_ask_again(error, state, code, security, asked):
    client = SimpleNamespace(
        error=getattr(hssmtp, f"ERROR_{error}"), state=STATES[state], reply_code=code
    )
    assert questions(client, {"SECURITY": security}) == asked


def test_unknown_host_is_compared_with_known_providers():
    settings = {**FIRST, "SERVER": "smtp.gmial.com"}
    client = hssmtp.Client("smtp.gmial.com", insecure=True)
    client.send_mail(hssmtp.Message("a@example.com", "b@example.com"))
    while client.tick():
        pass
    assert str(server._refused(client, settings)).endswith(" Did you mean smtp.gmail.com?")


# Names and numbers

FRUIT = {"Apple": "a", "Red pear": "p", "PLUM_1": "m"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("1", "a"), ("3", "m"), ("0", None), ("4", None), ("-1", None), ("٣", None)),
        *(("apple", "a"), ("redpear", "p"), ("RED PEAR", "p"), ("plum 1", "m"), ("", None)),
    ],
)
def test_names_and_numbers_choose(typed, meant):
    assert choices.choose(typed, FRUIT) == meant


@pytest.mark.parametrize(
    ("typed", "guessed"),
    [("aple", "Apple"), ("pear", "Red pear"), ("plum1x", "PLUM_1"), ("zebra", ""), ("", "")],
)
def test_near_names_are_guessed(typed, guessed):
    assert choices.guess(typed, list(FRUIT)) == (f" Did you mean {guessed}?" if guessed else "")


def test_columns_fit_the_screen():
    lines = choices.in_columns([one.name for one in kinds.providers.PROVIDERS]).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(one.name in "\n".join(lines) for one in kinds.providers.PROVIDERS)


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("a@x.de, b@x.de", ["a@x.de", "b@x.de"]),
        ('"Smith, J" <j@x.de>,b@x.de,', ['"Smith, J" <j@x.de>', "b@x.de"]),
        ('"a\\",b" <j@x.de>', ['"a\\",b" <j@x.de>']),
        ('"a <j@x.de>, b@x.de', ['"a <j@x.de>', "b@x.de"]),
    ],
)
def test_addresses_are_split_at_commas_outside_quotes(typed, addresses):
    assert kinds.RECIPIENTS.read(typed) == addresses
    assert kinds.RECIPIENTS.settle(addresses) == addresses
