"""make diagram: which command may follow which, drawn from sessions as they are played."""

import functools
import sys
from collections.abc import Iterator
from typing import Any

import hssmtp
from hssmtp.session import Session

from host_tests.support.runtimes import ROOT

sys.path.append(
    str(ROOT / "host_tests" / "cases" / "support")
)  # as pyproject.toml has it for pytest
from scripted import Play, Server

PAGE = ROOT / "docs" / "dialogue.md"

_PAGE = """\
# The dialogue

Which command may follow which, drawn by `make diagram` from sessions as they are played: those in
[session_diagram.py](../host_tests/support/session_diagram.py). A test plays them again. The code
is [session.py](../lib/hssmtp/session.py). A plain arrow follows a positive reply, a dotted one a
refusal. A thick arrow is a command that PIPELINING sends before the reply. RESPONSE is a line of a
login, TEXT the mail after DATA.

```mermaid
flowchart TB
{arrows}
```
"""

LOGIN = {"username": "boiler", "password": "correct horse", "allow_plaintext_auth": True}
KEPT = {"keep_open_ms": 600_000}
ONE = "ops@example.com"
MANY = [f"user{n}@example.com" for n in range(3)]

# What the server offers and replies, the client's options, and the recipients of each mail.
SESSIONS: list[tuple[dict[str, Any], dict[str, Any], list[Any]]] = [
    ({}, {}, [MANY]),
    ({"replies": {"GREETING": "554 no"}}, {}, [ONE]),
    ({"replies": {"EHLO": "500 what?"}}, {}, [ONE]),
    ({"replies": {"EHLO": "500 what?", "HELO": "500 what?"}}, {}, [ONE]),
    ({"replies": {"EHLO": "421 later"}}, {}, [ONE]),
    ({"keywords": ["STARTTLS"]}, {"security": "starttls"}, [ONE]),
    ({"keywords": ["STARTTLS"]}, {"security": "starttls"} | LOGIN, [ONE]),
    (
        {"keywords": ["STARTTLS"], "tls_keywords": ["AUTH PLAIN LOGIN"]},
        {"security": "starttls"} | LOGIN,
        [ONE],
    ),
    (
        {"keywords": ["STARTTLS"], "replies": {"STARTTLS": "454 later"}},
        {"security": "starttls"},
        [ONE],
    ),
    ({"keywords": ["AUTH PLAIN"]}, LOGIN, [ONE]),
    ({"keywords": ["AUTH PLAIN"], "replies": {"AUTH": "535 no"}}, LOGIN, [ONE]),
    ({"keywords": ["AUTH LOGIN"]}, LOGIN, [ONE]),
    (
        {
            "keywords": ["STARTTLS"],
            "tls_keywords": ["AUTH CRAM-MD5 PLAIN"],
            "replies": {"RESPONSE": "535 no"},
        },
        {"security": "starttls"} | LOGIN,
        [ONE],
    ),
    (
        {"keywords": ["AUTH LOGIN"], "replies": {"RESPONSE": ["334 UGFzc3dvcmQ6", "535 no"]}},
        LOGIN,
        [ONE],
    ),
    ({"keywords": ["AUTH PLAIN", "PIPELINING"]}, LOGIN | KEPT, [MANY, MANY]),
    ({"keywords": ["PIPELINING", "CHUNKING"]}, KEPT, [MANY, MANY]),
    ({"keywords": ["CHUNKING"]}, KEPT, [ONE, ONE]),
    ({"most_recipients": 2}, {}, [MANY]),
    ({"keywords": ["PIPELINING"], "most_recipients": 2}, {}, [MANY]),
    ({"keywords": ["CHUNKING"], "most_recipients": 2}, {}, [MANY]),
    ({"keywords": ["PIPELINING", "CHUNKING"], "most_recipients": 2}, {}, [MANY]),
]
for keywords in ([], ["PIPELINING"], ["CHUNKING"], ["PIPELINING", "CHUNKING"]):
    for step in ("MAIL", "RCPT", "RCPT user0@example.com", "DATA", "BDAT", "TEXT", "RSET", "NOOP"):
        for options in ({}, KEPT):
            server = {"keywords": keywords, "replies": {step: ["550 no"] * 3}}
            SESSIONS.append((server, options, [MANY, MANY]))


class _Recorder:
    """Notes what a session says and how it is answered, as arrows (from, arrow, to)."""

    def __init__(self) -> None:
        self.arrows: set[tuple[str, str, str]] = set()
        self._last = ""  # what was said last
        self._arrow = ""  # its reply; "" while there is none

    def say(self, session: Session, state: int, command: bytes) -> None:
        name = hssmtp.state_name(state)
        if self._last and name != "GREETING":
            self.arrows.add((self._last, self._arrow or "==>", name))
        self._last = name
        self._arrow = ""
        _say(session, state, command)

    def answer(self, session: Session, has_input: bool) -> int:
        if session.reply.line == 2 and session.unanswered == 1:  # the last line of the last reply
            self._arrow = "-->" if session.reply.code < 400 else "-.->"
        return _answer(session, has_input)


_say = Session.say
_answer = Session.answer


@functools.cache
def arrows() -> set[tuple[str, str, str]]:
    """Play all sessions; which commands followed which."""
    recorder = _Recorder()
    Session.say = lambda *args: recorder.say(*args)  # type: ignore[method-assign]
    Session.answer = lambda *args: recorder.answer(*args)  # type: ignore[method-assign]
    try:
        for server, options, mails in SESSIONS:
            play = Play(Server(**server), **options)
            for to in mails:
                play.send(hssmtp.Message("boiler@example.com", to, text="It boils."))
            if "keep_open_ms" in options:
                play.now += 300_000  # long enough for NOOP
                play.client.tick(play.now)
                play.run()
                play.now += 600_000
                play.client.tick(play.now)
                play.run()
    finally:
        Session.say = _say  # type: ignore[method-assign]
        Session.answer = _answer  # type: ignore[method-assign]
    return recorder.arrows


def _lines() -> Iterator[str]:
    names = [hssmtp.state_name(state) for state in range(18)]
    kinds = ["-->", "-.->", "==>"]
    for start, arrow, end in sorted(
        arrows(),
        key=lambda each: (names.index(each[0]), kinds.index(each[1]), names.index(each[2])),
    ):
        yield f"    {start} {arrow} {end}"


def page() -> str:
    """The page, as the session is now."""
    return _PAGE.format(arrows="\n".join(_lines()))


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
