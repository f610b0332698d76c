"""How a hostile server replies: mostly well, else as its habits have it."""

import random

from . import replies
from .habits import Habits


class Speaker:
    """What a server says; it knows of what is said only whose turn it is.

    out: what the client has not read yet. said: (kind, code) of each reply to an item, in their
    order; code 0 for what is no reply. is_honest: so far each reply was to the item whose turn it
    was, and not too early. is_gone: it has hung up. is_deaf: it says nothing any more. last: the
    last line that came; secrets: what else it can repeat.
    """

    def __init__(self, rng: random.Random, habits: Habits):
        self.rng = rng
        self.habits = habits
        self.out = bytearray()
        self.said: list[tuple[str, int]] = []
        self.is_honest = True
        self.is_gone = False
        self.is_deaf = False
        self.stops_reading = False
        self.last = b""
        self.secrets: list[bytes] = []

    def say_unasked(self) -> None:
        """Say what nobody has asked for."""
        self.is_honest = False
        self.out += self.rng.choice(replies.SURPLUS)

    def say_421(self, kind: str) -> None:
        """Say that the connection is closed (RFC 5321 3.8); kind: "any" where no reply is due."""
        self.said.append((kind, 421))
        self.out += replies.reply(self.rng, 421, b"4.3.2 closing")
        self.is_deaf = True
        self.is_gone = self.rng.random() < 0.8

    def maybe_say_early(self) -> None:
        """Perhaps say something in the middle of an item."""
        if self.habits.early and self.rng.random() < self.habits.early:
            self.say_unasked()

    def reply(self, kind: str, code: int = 0, text: bytes | None = None) -> int:
        """Reply to an item: the code that was said, 0 if that is no reply or there is none.

        code: what an RFC-abiding server would say, 0: something good.
        """
        rng = self.rng
        act = self.habits.pick(rng, kind)
        if act == "silent":
            self.is_deaf = True
            self.stops_reading = rng.random() < 0.3
            return 0
        if act == "hang up":
            self.is_gone = True
            return 0
        if act == "421":
            self.say_421(kind)
            return 0
        if act == "rubbish":
            self.said.append((kind, 0))
            self.out += replies.rubbish(rng)
            return 0
        if act == "surplus" and rng.random() < 0.5:
            self.say_unasked()
        if act == "refuse" or act == "echo" and rng.random() < 0.8:
            code = replies.refusal_code(rng, kind)
            text = None
        elif act == "wrong":
            code = replies.wrong_code(rng, kind)
            text = None
        code = code or rng.choice(replies.GOOD[kind])
        self._say(kind, code, act, text)
        if act == "surplus" or act == "many":
            for _ in range(3 if act == "many" else 1):
                self.say_unasked()
        if act == "last words":
            self.is_gone = True
        return code

    def _say(self, kind, code, act, text):
        rng = self.rng
        if text is None:
            text = replies.text_of(rng, code)
        if act == "echo":
            said = rng.choice([self.last[-120:], self.last[:80], *self.secrets])
            text = b"5.7.0 no: " * (rng.random() < 0.8) + said.replace(b"\n", b"")
        elif act == "long":
            text = b"x" * rng.choice((500, 1000, 2030, 2045, 2060, 5000))
        elif act == "lines":
            self.out += b"%d-x\r\n" % code * rng.choice((20, 150))
        self.said.append((kind, code))
        self.out += replies.reply(rng, code, text, act != "lines")
