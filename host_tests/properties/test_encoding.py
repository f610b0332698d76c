"""Encodings of a body, compared with CPython's: base64, quoted-printable, lines, dots."""

import base64
import email
import email.policy
import json
import quopri
import re

import hssmtp
from hssmtp.connection import Output
from hssmtp.dialogue import Outcome
from hssmtp.extensions import Extensions
from hssmtp.mime.base64 import encode
from hssmtp.mime.file_part import lines
from hssmtp.session import _TEXT_GONE as TEXT_GONE
from hssmtp.session import Session
from hypothesis import given
from hypothesis import strategies as st

from host_tests.support.runtimes import run

OCTETS = st.binary(max_size=3000)
# Line ends and dots more often than by chance.
TEXT = st.text(st.sampled_from("ab.=_ \t\r\n") | st.characters(codec="utf-8"), max_size=2000)
ASCII = st.text(st.sampled_from("ab.\r\n") | st.characters(codec="ascii"), max_size=2000)
SIZES = st.integers(512, 2100)


def canonical(text):
    """Lines end in CR LF, the last one too."""
    text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    return text if text.endswith("\r\n") or not text else text + "\r\n"


def wire(mail, size=1024):
    """The text that the session sends for a mail, with its final dot."""
    out = Output(size)
    session = Session(Outcome(), out, Extensions(), b"boiler", None, "none")
    mail.open(out.buf)
    session.begin(mail)
    session.open()
    session.go_on()
    for line in (b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
        out.clear()
        session.reply.feed(line, 0, len(line))
        session.answer(False)
        session.go_on()  # behind an event
    octets = bytes(out.buf[: out.end])
    while session.waits_for == TEXT_GONE:
        out.clear()
        session.go_on()
        assert out.end <= size == len(out.buf)
        octets += out.buf[: out.end]
    mail.close()
    assert mail.total in (None, mail.position)
    return octets


def mail_of(text="", **options):
    return hssmtp.Message("a@example.com", "b@example.com", text=text, **options)


def body_of(octets):
    """The mail that a server receives (RFC 5321 4.5.2), parsed by Python's email."""
    assert octets.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in octets[:-2]
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", octets)
    assert max(map(len, octets.split(b"\r\n"))) <= 998 + 1  # a doubled dot doesn't count
    octets = octets[:-3].replace(b"\r\n.", b"\r\n")
    return email.message_from_bytes(octets, policy=email.policy.strict)


@given(OCTETS, st.integers(0, 18))
def test_base64_of_one_line_equals_cpythons(octets, groups):
    buffer = bytearray(2 * len(octets) + 100)
    end = encode(octets, 0, len(octets), buffer, 0, -1)
    assert buffer[:end] == base64.b64encode(octets)
    end = encode(octets, 0, len(octets), buffer, 0, groups * 4)
    head = b"x" * (groups * 3)  # what precedes it in the line
    whole = base64.encodebytes(head + octets).replace(b"\n", b"\r\n")
    # encodebytes() ends the last line too, encode() only full ones.
    if (groups * 4 + -(-len(octets) // 3) * 4) % 76:
        whole = whole[:-2]
    assert buffer[:end] == whole[len(base64.b64encode(head)) :] or not octets


@given(OCTETS)
def test_base64_in_lines_equals_cpythons(octets):
    octets = octets[: len(octets) // 57 * 57]
    whole = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    buffer = bytearray(len(whole))
    assert lines(octets, 0, len(octets), buffer) == len(whole)
    assert buffer == whole
    buffer = bytearray(len(whole))
    start = len(buffer) - len(octets)
    buffer[start:] = octets
    assert lines(buffer, start, len(octets), buffer) == len(whole)
    assert buffer == whole


def test_base64_in_machine_code_equals_cpythons(micropython, tmp_path):
    script = tmp_path / "own.py"
    script.write_text(
        "import json\nimport hssmtp.mime.base64 as base64\nfrom hssmtp.mime._viper import lines\n"
        "import hssmtp.mime.file_part as file_part\nassert file_part.lines is lines\n"
        "src = bytes([i * 7919 >> 3 & 255 for i in range(57 * 40 + 3)])\n"
        "for n in range(0, 57 * 40, 57):\n"
        "    own = bytearray(78 * 40)\n    plain = bytearray(78 * 40)\n"
        "    ends = lines(src, 3, n, own), base64.encode(src, 3, n, plain, 0, 0)\n"
        "    assert ends[0] == ends[1] and own == plain, n\n"
        "print(json.dumps('equal'))\n"
    )
    done = run(micropython, script)
    assert json.loads(done.stdout) == "equal", done.stdout


@given(st.lists(st.none() | st.binary(max_size=400), max_size=20), SIZES)
def test_pieces_of_any_length_are_encoded(pieces, size):
    octets = b"".join(piece for piece in pieces if piece)
    attachment = hssmtp.Attachment(iter([piece for piece in pieces if piece is not None]), "x")
    mail = body_of(wire(mail_of(attachments=[attachment]), size))
    assert mail.get_payload(1).get_payload(decode=True) == octets
    for line in mail.get_payload(1).get_payload().splitlines()[:-1]:
        assert len(line) == 76


@given(OCTETS, SIZES)
def test_bytes_from_memory_are_encoded(octets, size):
    mail = body_of(wire(mail_of(attachments=[hssmtp.Attachment(octets)]), size))
    assert mail.get_payload(1).get_payload(decode=True) == octets
    encoded = mail.get_payload(1).get_payload()
    assert encoded.replace("\r\n", "\n").strip("\n").encode() == base64.encodebytes(octets).strip()


@given(TEXT, SIZES)
def test_any_text_is_encoded(text, size):
    mail = body_of(wire(mail_of(text), size))
    assert mail.get_payload(decode=True).decode() == canonical(text)
    if mail["Content-Transfer-Encoding"] == "quoted-printable":
        encoded = mail.get_payload().encode()
        assert quopri.decodestring(encoded).decode() == canonical(text)
        for line in encoded.split(b"\r\n"):
            assert len(line) <= 76
            assert not line.endswith((b" ", b"\t"))


@given(ASCII.map(lambda text: text.replace("\0", "")), SIZES)
def test_plain_lines_are_sent_unchanged(text, size):
    mail = mail_of(text)
    octets = wire(mail, size)
    assert b"Content-Transfer-Encoding: 7bit\r\n" in octets
    _, _, body = octets.partition(b"\r\n\r\n")
    stuffed = re.sub(r"(?m)^\.", "..", canonical(text).replace("\r\n", "\n"))
    assert body == stuffed.replace("\n", "\r\n").encode() + b".\r\n"


@given(TEXT, TEXT, OCTETS, st.booleans())
def test_nested_parts_are_parsed_by_cpython(text, html, octets, shown):
    attachment = hssmtp.Attachment(octets, "a.bin", content_id="a" if shown else None)
    mail = body_of(wire(mail_of(text, html=html, attachments=[attachment])))
    found = {part.get_content_type(): part for part in mail.walk()}
    if text:
        assert text_of(found["text/plain"]) == re.sub("\r\n|\r", "\n", text)
    assert text_of(found["text/html"]) == re.sub("\r\n|\r", "\n", html)
    assert found["application/octet-stream"].get_payload(decode=True) == octets
    assert ("multipart/related" in found) == shown


def text_of(part):
    return part.get_payload(decode=True).decode().replace("\r\n", "\n")
