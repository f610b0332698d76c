"""A server with random replies: each recipient gets one copy or is reported, or the mail fails."""

from pathlib import Path

import hssmtp
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scripted import FAR, MANNERS, Play, Server, mail

MOODS = {
    "MAIL": ["451 4.3.0 later", "550 5.7.1 no", "452 4.3.1 full", "421 4.3.2 bye", ""],
    "RCPT": [
        "550 5.1.1 unknown",
        "450 4.2.1 busy",
        "452 4.5.3 too many recipients",
        "552 too many recipients",
        "451 4.5.3 too many recipients",
        "421 4.3.2 bye",
        "",
    ],
    "DATA": ["451 4.3.0 later", "554 5.5.0 no", "421 4.3.2 bye", ""],
    "TEXT": ["451 4.3.0 later", "554 5.7.1 spam", "552 5.3.4 too large", "421 4.3.2 bye", ""],
    "RSET": ["500 5.5.1 what?", "421 4.3.2 bye"],
}


class Moody(Server):
    """Replies differently to the nth command of a step: moods, {(step, n): reply}."""

    def __init__(self, moods, **options):
        super().__init__(**options)
        self.moods = moods
        self.counts = dict.fromkeys(MOODS, 0)

    def _say(self, step, good, key=None):
        self.replies.pop(step, None)
        if step in MOODS:
            self.counts[step] += 1
            mood = self.moods.get((step, self.counts[step]))
            if mood is not None and good[:1] in "23":  # otherwise it has a reason
                self.replies[step] = mood
        return super()._say(step, good, key)


# Most of them to RCPT, the most frequent command.
steps = st.sampled_from(["RCPT", "RCPT", "RCPT", "RCPT", *MOODS])
moods = st.dictionaries(
    st.tuples(steps, st.integers(1, 12)), st.integers(0, 6), min_size=1, max_size=10
).map(lambda found: {key: MOODS[key[0]][n % len(MOODS[key[0]])] for key, n in found.items()})

keywords = st.tuples(
    st.sampled_from([[], ["PIPELINING"], ["CHUNKING"], ["PIPELINING", "CHUNKING", "SIZE", "DSN"]]),
    st.sampled_from([[], [], ["LIMITS RCPTMAX=1"], ["LIMITS RCPTMAX=3"], ["LIMITS RCPTMAX=0"]]),
).map(lambda found: found[0] + found[1])

servers = st.fixed_dictionaries(
    {"moods": moods, "keywords": keywords, "most_recipients": st.sampled_from([0, 0, 1, 2, 5])}
)
# The number in memory, and for each line of a list whether it is an address. The list is first.
crowds = st.tuples(st.integers(0, 4), st.lists(st.booleans(), max_size=12)).filter(
    lambda crowd: crowd[0] or any(crowd[1])
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("lists") / "list"


def envelope(crowd, path: Path):
    """Return Message's arguments, the recipients, and the reported bad lines."""
    count, lines = crowd
    to = [f"to{number}@example.com" for number in range(count)]
    listed = [f"line{n}@example.com" if good else "nobody" for n, good in enumerate(lines, 1)]
    path.write_text("\n".join(listed))
    bad = [f"{path}:{n}" for n, good in enumerate(lines, 1) if not good]
    more = {"bcc": hssmtp.AddressList(str(path))} if listed else {}
    return {"to": to, **more}, [one for one in listed if one != "nobody"] + to, bad


def check(played, mails, refused, to, bad, went_silent):
    """mails, refused: counts before this mail. went_silent: with CHUNKING offered."""
    client = played.client
    taken = [who for _, some, _ in played.server.mails[mails:] for who in some]
    told = played.refused[refused:]
    assert client.result in (hssmtp.SENT, hssmtp.FAILED)
    if went_silent:  # perhaps after a BDAT that it accepted: then DATA is tried once
        assert all(taken.count(who) <= 2 for who in taken)
        taken = list(dict.fromkeys(taken))
    assert len(set(taken)) == len(taken), "twice"
    assert len(set(told)) == len(told), "told twice"
    assert not set(taken) & set(told), "told and taken"
    assert set(taken) <= set(to)
    assert set(told) <= {*to, *bad}
    # Only the last transaction is in doubt.
    assert client.delivered == len(taken) or client.in_doubt and client.delivered < len(taken)
    assert client.refused == len(told)
    if client.result == hssmtp.SENT:
        assert {*taken, *told} == {*to, *bad}
        assert client.accepted == len(taken) > 0
        assert not client.in_doubt
    for _, some, _ in played.server.mails[mails:]:
        assert some == sorted(some, key=to.index)
    assert len({text for _, _, text in played.server.mails[mails:]}) <= 1


# What happens to the first connection: see ScriptedLink.
cuts = st.none() | st.tuples(
    st.sampled_from(["in", "out"]),
    st.integers(0, 2000),
    st.sampled_from(["reset", "fin", "silence"]),
)


# The first is silent from the middle of the reply to an accepted BDAT on.
SILENT = {"moods": {}, "keywords": ["PIPELINING", "CHUNKING", "SIZE", "DSN"], "most_recipients": 0}


@example(SILENT, [(1, [])], MANNERS[0], ("in", 135, "silence"))
@settings(max_examples=400)
@given(servers, st.lists(crowds, min_size=1, max_size=2), st.sampled_from(MANNERS + FAR), cuts)
def test_each_recipient_gets_one_copy_or_is_reported(path, server, crowds, manner, cut):
    """Any replies, at any time, in any fragments; also for the next mail."""
    played = Play(Moody(**server), manner={**manner[1], "cut": cut}, keep_open_ms=1000)
    went_silent = cut is not None and cut[2] == "silence" and "CHUNKING" in server["keywords"]
    for crowd in crowds:
        message, to, bad = envelope(crowd, path)
        mails, refused = len(played.server.mails), len(played.refused)
        played.send(mail(text="It boils.\n.\n", **message))
        check(played, mails, refused, to, bad, went_silent)
