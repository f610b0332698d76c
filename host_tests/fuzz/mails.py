"""The mails that are sent, with content that is known independently of the dialogue.

What each looks like is read once over a server that keeps to the RFCs, and Python's email confirms
that it is what was meant.
"""

import email
import email.policy
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hssmtp
import scripted

from .sources import Source

# What a server has to offer for each kind of body.
_OFFERS = {
    "7BIT": [],
    "8BITMIME": ["8BITMIME", "SMTPUTF8"],
    "BINARYMIME": ["8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME"],
}
_SENDER = "boiler@example.com"
_SUBJECT = "95 degrees"
_DATE = re.compile(rb"^Date: [^\r]*\r\n")

_DATA = random.Random("attachments").randbytes(40000)
_SIZES = (0, 1, 57, 500, 3000, 40000)
_TEXT = b"95 degrees, and more of it\n.\n..dots\n" * 100  # of sources
_TEXTS = {
    "short": "It boils.",
    "empty": "",
    "dots": ".\n..\n.a\n\n.\n" + ".dot\n" * 40 + "end.\n.",
    "dots only": ".",
    "2 KB": "95 degrees in the boiler room\n" * 70,
    "20 KB of dots": "".join("." * (n % 9) + f"line {n}\n" for n in range(1300)),
    "50 KB": "all is well in the boiler room, and so it was\n" * 1100,
    "accents": "95 °C im Süden\n.\n" * 30,
    "long lines": ("x" * 990 + "\n." + "y" * 1500 + "\n") * 2,
}


class Mail:
    """A mail of the pool.

    sender, recipients: of its envelope. bad_lines: of its address lists. contents: what a server
    gets, by body. make: given a Source, it returns a new Message. data: what the source gives; a
    mail with a source can't be sent twice, and is made anew for each sending.
    leaves: what its texts and attachments are, decoded.
    """

    def __init__(
        self,
        name: str,
        recipients: list[str],
        make: Callable[[Source], hssmtp.Message],
        leaves: list[bytes],
        data: bytes | None = None,
        bad_lines: int = 0,
        sender: str = _SENDER,
    ):
        self.name = name
        self.sender = sender
        self.recipients = frozenset(recipients)
        self.bad_lines = bad_lines
        self.has_lists = name.startswith("list")
        self.data = data or b""
        self.is_fresh = data is not None
        self.make = make
        self.message: Any = make(Source(self.data))
        bodies = list(_OFFERS)[1 if self.message.utf8 else 0 :]
        self.contents = {body: self._read(body) for body in bodies}
        if self.message.utf8:  # in the header: the body may be 7 bits, and MAIL need not say more
            self.contents["7BIT"] = self.contents["8BITMIME"]
        for content in self.contents.values():
            self._verify(content, leaves)

    def _read(self, body):
        """Send it over a well-behaved connection; return what the server got."""
        server = scripted.Server(_OFFERS[body])
        if self.is_fresh:
            self.message = self.make(Source(self.data))
        client = scripted.Play(server, disable=()).send(self.message).client
        if client.result != hssmtp.SENT or len(server.mails) != 1:
            raise AssertionError(f"{self.name}: not even a good server gets it")
        sender, recipients, content = server.mails[0]
        if sender != self.sender or self.recipients != set(recipients):
            raise AssertionError(f"{self.name}: from {sender} to {recipients}")
        return plain(self.message, content)

    def _verify(self, content, leaves):
        """AssertionError unless Python's email finds in it what was meant."""
        parsed = email.message_from_bytes(content, policy=email.policy.SMTP)
        parts = [part for part in parsed.walk() if not part.is_multipart()]
        found = []
        for part in parts:
            octets: Any = part.get_payload(decode=True)
            is_text = part.get_content_maintype() == "text"
            found.append(octets.replace(b"\r\n", b"\n").rstrip(b"\n") if is_text else octets)
        wanted = [leaf.rstrip(b"\n") if leaf not in _DATA else leaf for leaf in leaves]
        is_good = parsed["From"] == _SENDER and parsed["Subject"] == _SUBJECT
        if not is_good or parsed.defects or found != wanted:
            raise AssertionError(f"{self.name}: {parsed.defects or found}")


def plain(message: Any, content: bytes) -> bytes:
    """A content without what is new with each Message."""
    return _DATE.sub(b"", content, count=1).replace(message.id.encode(), b"~")


def write_files(folder: Path) -> None:
    """Write the files of the mails to an empty directory."""
    for size in _SIZES:
        (folder / f"{size}.bin").write_bytes(_DATA[:size])
    for count in (1, 3, 40):
        lines = ["# crew", "", *_people(count, "list")]
        if count == 3:
            lines[3:3] = ["no address", "@"]
        (folder / f"list{count}.txt").write_text("\n".join(lines))


def make_pool(folder: Path) -> list[Mail]:
    """All mails. folder: where write_files() has written."""
    return _texts() + _special() + _with_attachments(folder) + _with_lists(folder) + _sources()


def _message(to: Any, text: Any = "It boils.", **more: Any) -> hssmtp.Message:
    return hssmtp.Message(_SENDER, to=to, subject=_SUBJECT, text=text, **more)


def _people(count: int, word: str = "user") -> list[str]:
    return [f"{word}{number}@example.com" for number in range(count)]


def _mail(
    name: str, people: list[str], leaves: list[bytes], *args: Any, bad_lines: int = 0, **more: Any
) -> Mail:
    """A mail that can be sent again and again."""
    message = _message(*args, **more)
    sender = more.get("envelope_sender", _SENDER).strip("<>")
    return Mail(name, people, lambda _: message, leaves, None, bad_lines, sender)


def _texts() -> list[Mail]:
    mails = []
    for name, text in _TEXTS.items():
        for count in (1, 2, 3, 6) if name in ("short", "dots") else (1, 3):
            people = _people(count)
            mails.append(_mail(name, people, [text.encode()], people, text))
    return mails


def _special() -> list[Mail]:
    short = [b"It boils."]
    to, cc, bcc = _people(2), _people(2, "copy"), _people(2, "blind")
    many = _people(150)
    html: Any = {"text": "95 °C", "html": "<p>95 °C</p>\n.\n"}
    leaves = [html["text"].encode(), html["html"].encode()]
    utf8 = ["jürgen@example.com", *to]
    return [
        _mail("cc bcc", to + cc + bcc, short, to, cc=cc, bcc=bcc),
        _mail("150 people", many, short, (), bcc=many),
        _mail("html", to, leaves, to, **html),
        _mail("dsn", to, short, to, notify="failure delay", envelope_id="a+b=c 1"),
        _mail("utf8", utf8, short, utf8),
        _mail("equal", to, short, [*to, *to], cc=to, bcc=to[0]),
        _mail("bounces", to, short, to, envelope_sender="bounces@example.com"),
        _mail("no bounces", to, short, to, envelope_sender="<>"),
    ]


def _with_attachments(folder) -> list[Mail]:
    mails = []
    to = _people(2)
    for size in _SIZES:
        for source in (str(folder / f"{size}.bin"), _DATA[:size]):
            attached = [hssmtp.Attachment(source, name="x.bin")]
            leaves = [b"It boils.", _DATA[:size]]
            mails.append(_mail(f"attachment of {size}", to, leaves, to, attachments=attached))
    return mails


def _with_lists(folder) -> list[Mail]:
    mails = []
    short = [b"It boils."]
    more = _people(2)
    for count in (1, 3, 40):
        people = _people(count, "list") + more
        crew = hssmtp.AddressList(str(folder / f"list{count}.txt"))
        bad = 2 if count == 3 else 0
        for to, cc, bcc in ((crew, more, ()), (more, (), crew)):
            name = f"list of {count}"
            mails.append(_mail(name, people, short, to, bad_lines=bad, cc=cc, bcc=bcc))
    return mails


def _sources() -> list[Mail]:
    people = _people(2)
    data = _DATA[:5000]
    mails = []

    def attach(name, read, **more):
        def make(source):
            attached = hssmtp.Attachment(read(source), name="x.bin", **more)
            return _message(people, attachments=[attached])

        mails.append(Mail(name, people, make, [b"It boils.", data], data))

    attach("pieces", Source.pieces)
    attach("sized pieces", Source.pieces, size=len(data))
    attach("file", Source.file)
    attach("sized file", Source.file, size=len(data))
    for name, read in (("text from pieces", Source.pieces), ("text from a file", Source.file)):
        mails.append(
            Mail(name, people, lambda s, read=read: _message(people, read(s)), [_TEXT], _TEXT)
        )
    return mails
