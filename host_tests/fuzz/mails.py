"""The mails that are sent, with content that is known independently of the dialogue.

What each looks like is read once over a server that keeps to the RFCs, and that is verified by
Python's email.
"""

import email
import email.policy
import io
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hssmtp
import scripted

BODIES = ("7BIT", "8BITMIME", "BINARYMIME")
_OFFERS = {
    "7BIT": [],
    "8BITMIME": ["8BITMIME", "SMTPUTF8"],
    "BINARYMIME": ["8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME"],
}
_SENDER = "boiler@example.com"
_DATE = re.compile(rb"^Date: [^\r]*\r\n")


class Fault(OSError):
    """What a source raises on purpose."""


class Source:
    """Gives bytes as a file or as pieces, whole or not: a source that fails can't be told before.

    fails: "" or what happens at byte `at`: "raise", or "end" too early.
    """

    def __init__(self, data: bytes, rng: random.Random | None = None, fails: str = ""):
        self.data = data
        self.rng = rng
        self.fails = fails
        self.at = rng.randrange(len(data)) if rng and fails else len(data)
        self.has_failed = False

    def pieces(self) -> Iterator[bytes | None]:
        """An iterator; a piece of None is not ready yet."""
        start = 0
        rng = self.rng
        while start < self.at:
            if rng and rng.random() < 0.15:
                yield None
            count = rng.choice((1, 50, 57, 400, 2000)) if rng else 500
            yield self.data[start : min(start + count, self.at)]
            start += count
        self._fail()

    def file(self) -> "_File":
        """An open binary file."""
        return _File(self)

    def _fail(self):
        if self.fails:
            self.has_failed = True
        if self.fails == "raise":
            raise Fault(5, "the source fails")


class _File(io.RawIOBase):
    """A file that can be positioned, and gives less than it is asked for now and then."""

    def __init__(self, source: Source):
        super().__init__()
        self._source = source
        self._position = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset if whence == 0 else len(self._source.data)
        return self._position

    def readinto(self, buf: Any) -> int | None:
        source = self._source
        rng = source.rng
        if rng and rng.random() < 0.1:
            return None
        count = min(len(buf), source.at - self._position)
        if count <= 0:
            if source.fails:
                source._fail()
            return 0
        if rng and rng.random() < 0.2:
            count = rng.randrange(1, count + 1)
        buf[:count] = source.data[self._position : self._position + count]
        self._position += count
        return count


class Mail:
    """A mail of the pool.

    recipients: who is to get it. bad_lines: of its address lists. contents: what a server gets, by
    body. make: given a Source, it returns a new Message, for mails that can't be sent twice; data:
    what the source gives.
    """

    def __init__(
        self,
        name: str,
        recipients: list[str],
        make: Callable[[Source], hssmtp.Message],
        data: bytes | None = None,
        bad_lines: int = 0,
    ):
        self.name = name
        self.sender = _SENDER
        self.recipients = frozenset(recipients)
        self.bad_lines = bad_lines
        self.data = data
        self.make = make
        self.is_large = len(recipients) > 20
        self.message = self.make(Source(data or b""))
        self.is_fresh = data is not None  # a new Message is made for each sending
        self.contents = {body: self._read(body) for body in BODIES}

    def _read(self, body):
        """Send it over a well-behaved connection; return what the server got."""
        server = scripted.Server(_OFFERS[body])
        if self.is_fresh:
            self.message = self.make(Source(self.data or b""))
        client = scripted.Play(server, disable=()).send(self.message).client
        if client.result != hssmtp.SENT:
            raise AssertionError(f"{self.name}: not even a good server gets it")
        assert len(server.mails) == 1, self.name
        sender, _, content = server.mails[0]
        assert sender == self.sender
        return plain(self.message, content)


def plain(message: Any, content: bytes) -> bytes:
    """A content without what is new with each Message."""
    return _DATE.sub(b"", content, count=1).replace(message.id.encode(), b"~")


def make_pool(folder: Path) -> list[Mail]:
    """All mails. folder: an empty directory for their files."""
    return _texts() + _with_attachments(folder) + _with_lists(folder) + _with_sources()


def _message(to: Any, text: Any = "It boils.\r\n", **more: Any) -> hssmtp.Message:
    return hssmtp.Message(_SENDER, to=to, subject="95 degrees", text=text, **more)


def _people(count: int, word: str = "user") -> list[str]:
    return [f"{word}{number}@example.com" for number in range(count)]


_TEXTS = {
    "short": "It boils.",
    "empty": "",
    "dots": ".\n..\n.a\n\n.\n" + ".dot\n" * 40 + "end.\n.",
    "dots only": ".",
    "2 KB": "95 degrees in the boiler room\n" * 70,
    "20 KB of dots": "".join("." * (n % 9) + "line %d\n" % n for n in range(1300)),
    "50 KB": "all is well in the boiler room, and so it was\n" * 1100,
    "accents": "95 °C im Süden\n.\n" * 30,
    "long lines": ("x" * 990 + "\n." + "y" * 1500 + "\n") * 2,
}


def _texts() -> list[Mail]:
    mails = []
    for name, text in _TEXTS.items():
        for count in (1, 2, 3, 6) if name in ("short", "dots") else (1, 3):
            people = _people(count)
            mails.append(Mail(name, people, lambda _, p=people, t=text: _message(p, t)))
    to, cc, bcc = _people(2), _people(2, "copy"), _people(2, "blind")
    mails.append(Mail("cc bcc", to + cc + bcc, lambda _: _message(to, cc=cc, bcc=bcc)))
    many = _people(150)
    mails.append(Mail("150 people", many, lambda _: _message((), bcc=many)))
    html = {"text": "95 °C", "html": "<p>95 °C</p>\n.\n"}
    mails.append(Mail("html", to, lambda _: _message(to, **html)))
    dsn = {"notify": "failure delay", "envelope_id": "a+b=c 1"}
    mails.append(Mail("dsn", to, lambda _: _message(to, **dsn)))
    utf8 = ["jürgen@example.com", *to]
    mails.append(Mail("utf8", utf8, lambda _: _message(utf8))) if _knows_utf8() else None
    return mails


def _knows_utf8():
    try:
        return _message("jürgen@example.com").utf8 and False
    except ValueError:
        return False


def _with_attachments(folder) -> list[Mail]:
    mails = []
    octets = random.Random("attachments").randbytes(40000)
    for size in (0, 1, 57, 500, 3000, 40000):
        path = folder / f"{size}.bin"
        path.write_bytes(octets[:size])
        for source in (str(path), octets[:size]):
            attached = [hssmtp.Attachment(source, name="x.bin")]
            mails.append(
                Mail(
                    f"attachment of {size}",
                    _people(2),
                    lambda _, a=attached: _message(_people(2), attachments=a),
                )
            )
    return mails


def _with_lists(folder) -> list[Mail]:
    mails = []
    for count in (1, 3, 40):
        people = _people(count, "list")
        path = folder / f"list{count}.txt"
        lines = ["# crew", "", *people]
        if count == 3:
            lines[3:3] = ["no address", "@"]
        path.write_text("\n".join(lines))
        bad = 2 if count == 3 else 0
        more = _people(2)
        crew = hssmtp.AddressList(str(path))
        for field in ("to", "bcc"):
            if field == "to":
                mails.append(
                    Mail(
                        f"list of {count} in to",
                        people + more,
                        lambda _, c=crew, m=more: _message(c, cc=m),
                        bad_lines=bad,
                    )
                )
            else:
                mails.append(
                    Mail(
                        f"list of {count} in bcc",
                        people + more,
                        lambda _, c=crew, m=more: _message(m, bcc=c),
                        bad_lines=bad,
                    )
                )
    return mails


def _with_sources() -> list[Mail]:
    mails = []
    data = random.Random("sources").randbytes(5000)
    text = b"95 degrees, and more of it\n.\n..dots\n" * 100
    people = _people(2)

    def add(name, data, make):
        mails.append(Mail(name, people, make, data))

    def attach(**more):
        return _message(people, attachments=[hssmtp.Attachment(**more)])

    add("pieces", data, lambda s: attach(source=s.pieces(), name="x.csv"))
    add("sized pieces", data, lambda s: attach(source=s.pieces(), name="x.csv", size=len(data)))
    add("file", data, lambda s: attach(source=s.file(), name="x.csv"))
    add("sized file", data, lambda s: attach(source=s.file(), name="x.csv", size=len(data)))
    add("text from pieces", text, lambda s: _message(people, s.pieces()))
    add("text from a file", text, lambda s: _message(people, s.file()))
    return mails


def verify(mail: Mail) -> None:
    """Let Python's email read what the servers get; AssertionError if it finds something else."""
    for body, content in mail.contents.items():
        parsed = email.message_from_bytes(content, policy=email.policy.SMTP)
        assert not parsed.defects, (mail.name, body, parsed.defects)
        assert parsed["From"] == _SENDER, mail.name
        assert parsed["Subject"] == "95 degrees", mail.name
        leaves = [part for part in parsed.walk() if not part.is_multipart()]
        assert leaves, mail.name
        for part in leaves:
            assert not part.defects, (mail.name, body, part.defects)
