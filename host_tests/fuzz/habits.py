"""How the servers of a dialogue behave: what they offer, and how often they do what."""

import random

from . import replies

KINDS = tuple(replies.GOOD)
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER")

_UNKNOWN = (
    "HELP",
    "VRFY",
    "ENHANCEDSTATUSCODES",
    "PIPELININGX",
    "X-PIPELINING",
    "XCLIENT NAME ADDR",
    "SIZES 1",
    "CHUNKING-NOT",
    "X" * 300,
    "",
)

# Where most goes wrong: with a mail.
_FOCUSES = KINDS + ("MAIL", "RCPT", "DATA", "TEXT", "BDAT") * 4

# What may be done instead of a good reply, and how often compared with the others. Those of the
# second table keep the count of replies but make no sense; those of the third are lies.
_HONEST = (("refuse", 10), ("421", 2), ("hang up", 2), ("silent", 2), ("last words", 3))
_STRANGE = (("wrong", 4), ("rubbish", 3), ("long", 2), ("lines", 1), ("echo", 3))
_LIES = (("surplus", 6), ("many", 2))


class Habits:
    """How the servers of a dialogue behave.

    rate: how often something else than a good reply is given; focus: the kind of item to which
    that happens more often. surplus, early: how often something is said unasked, between items
    and in the middle of one.
    """

    def __init__(self, rng: random.Random, secrets: "list[bytes]"):
        self.secrets = secrets
        self.rate = rng.choice((0, 0, 0, 0.01, 0.02, 0.05, 0.12))
        self.focus = rng.choice(_FOCUSES) if rng.random() < 0.5 else ""
        self.focus_rate = rng.choice((0.1, 0.3, 0.7))
        self.is_honest = rng.random() < 0.5
        acts = _HONEST + _STRANGE if self.is_honest else _HONEST + _STRANGE + _LIES
        if rng.random() < 0.4:
            acts = _HONEST
        self.acts = [name for name, weight in acts for _ in range(weight)]
        self.surplus = 0 if self.is_honest else rng.choice((0, 0.01, 0.05, 0.3))
        self.early = 0 if self.is_honest else rng.choice((0, 0.01, 0.1))
        self.breaks_text_off = rng.choice((0, 0, 0, 0.1, 0.5))
        self.says_421 = rng.choice((0, 0, 0, 0, 0.02))
        self.refuses_recipient = rng.choice((0, 0, 0, 0, 0.3, 0.7, 1))
        self.most_recipients = rng.choice((0, 0, 0, 1, 2, 3))
        self.hangs_up_at_limit = rng.random() < 0.2
        self.refuses_bdat_early = rng.random() < 0.3
        self.grants_data_to_nobody = rng.random() < 0.5
        self.injects = rng.random() < 0.06
        self.is_endless = rng.random() < 0.002
        self.quits_silently = rng.random() < 0.2

    def pick(self, rng: random.Random, kind: str) -> str:
        """What to do in place of a good reply; "" for that."""
        rate = self.focus_rate if kind == self.focus else self.rate
        return rng.choice(self.acts) if rng.random() < rate else ""


def calm(habits: Habits) -> Habits:
    """Make them those of a server that keeps to the RFCs and takes everything."""
    habits.rate = habits.surplus = habits.early = habits.breaks_text_off = 0
    habits.focus = ""
    habits.says_421 = habits.refuses_recipient = habits.most_recipients = 0
    habits.injects = habits.is_endless = False
    return habits


def keywords(rng: random.Random, security: str, has_login: bool, is_calm: bool) -> list[str]:
    """What EHLO offers, in odd spellings, less STARTTLS."""
    words = []
    for word, chance in (
        ("PIPELINING", 0.6),
        ("8BITMIME", 0.6),
        ("SMTPUTF8", 0.7),
        ("CHUNKING", 0.55),
        ("DSN", 0.3),
    ):
        if is_calm or rng.random() < chance:
            words.append(word)
    if "CHUNKING" in words and rng.random() < 0.4:
        words.append("BINARYMIME")
    if is_calm:
        words.append("AUTH " + " ".join(MECHANISMS))
        return words
    if rng.random() < 0.5:
        words.append(rng.choice(("SIZE", "SIZE 0", "SIZE 35882577", "SIZE 35882577", "SIZE 700")))
    if rng.random() < 0.15:
        words.append(f"LIMITS MAILMAX=9 RCPTMAX={rng.randrange(1, 4)}")
    if has_login and rng.random() < 0.97:
        words += _mechanisms(rng)
    for _ in range(rng.randrange(3)):
        words.append(rng.choice(_UNKNOWN))
    rng.shuffle(words)
    return [_spelled(rng, word) for word in words]


def _mechanisms(rng):
    few = rng.random() < 0.4
    some = [word for word in MECHANISMS if not few or rng.random() < 0.5]
    if rng.random() < 0.9:
        some = [word for word in some if not word.startswith("SCRAM")]  # it takes 256 ticks
    line = rng.choice(("AUTH ", "AUTH ", "AUTH ", "AUTH=")) + " ".join(some or ["PLAIN"])
    return [line, "AUTH=LOGIN"] if rng.random() < 0.1 else [line]


def _spelled(rng, word):
    chance = rng.random()
    if chance < 0.7:
        return word
    if chance < 0.8:
        return word.lower()
    if chance < 0.9:
        return word.swapcase() if rng.random() < 0.5 else word.capitalize()
    return word + " "
