"""Header fields, parsed by CPython's email package, and the same on MicroPython."""

import email
import email.policy
import json
import random
import re
from collections.abc import Callable
from datetime import datetime, timezone
from email.header import decode_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from header_fields import address, addresses, date, field_name, mailbox, parameter, unstructured
from hypothesis import example, given
from hypothesis import strategies as st

from host_tests.support.runtimes import run

Test = Callable[..., Any]

NASTY = [
    "",
    " ",
    "     ",
    " " * 500,
    " leading",
    "trailing ",
    "two  spaces",
    "a" + " " * 80 + "b",
    "95 °C",
    "🔥" * 30,
    "👩‍👩‍👧‍👦 family",
    "e\u0301" * 60,
    "\u0301 begins with a combining one",
    "שלום עולם",
    "\u202eleft to right, or not",
    "漢字" * 40,
    "\x80\x85\xa0\xad\u2028\u2029\u3000\ufeff\ufffd",
    "\U0010ffff",
    "=?utf-8?q?x?=",
    "=?utf-8?q?x?= =?utf-8?b?eA==?=",
    "a =?utf-8?q?x?= b",
    "=?",
    "?=",
    "=?=?=?",
    "_ = _",
    '"',
    '""',
    '"quoted"',
    'a "quoted" word',
    "\\",
    "\\\\",
    '\\"',
    "ends in a backslash\\",
    'C:\\new\\"x".txt',
    "(comment)",
    "a, b; c: d",
    "<a@b>",
    "A <a@b>, B",
    "ops@example.com",
    "J. Doe",
    "O'Neil",
    "utf-8''x",
    "100% *'()",
    "../../etc/passwd",
    "CON.txt",
    "a" * 300,
    "ä" * 300,
    '"' * 300,
    "\\" * 1000,
    "a" * 997,
    "a" * 5000,
    "word " * 200 + "end",
    "a" * 76 + " b",
    "b " + "a" * 76,
]

# Nothing that `check` refuses; special characters are drawn more often.
CHARACTERS = st.one_of(
    st.sampled_from("  abcAZ09\"\\=?_<>@,;:()[].%*'-+/!~"),
    st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]),
)
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(CHARACTERS, max_size=400),
    st.text(CHARACTERS, max_size=8),
    # Words of ASCII, long and short.
    st.lists(st.text("abc.=?", max_size=120), max_size=40).map(" ".join),
)
ANYTHING = st.one_of(TEXTS, st.text(), st.text('a@b<> ",\r\n\t\0\x7f\\:'))
ATOM = st.text("abcXYZ019!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=12)
QUOTED = st.text([chr(code) for code in range(32, 127)], min_size=1, max_size=20).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
DOT_ATOM = st.lists(ATOM, min_size=1, max_size=4).map(".".join)
DOMAIN = st.one_of(
    st.lists(LABEL, min_size=1, max_size=5).map(".".join),
    st.ip_addresses(v=4).map(lambda ip: f"[{ip}]"),
    st.ip_addresses(v=6).map(lambda ip: f"[IPv6:{ip}]"),
)


def parse(header: bytes) -> EmailMessage:
    """Return a message with only this header."""
    message = email.message_from_bytes(header + b"\r\n", policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert len(message.keys()) == 1, message.keys()
    assert message.get_payload() == ""
    return message


def check_lines(header: bytes, utf8: bool = False) -> list[bytes]:
    """Return the lines of one folded header. utf8: addresses may be UTF-8."""
    assert header.endswith(b"\r\n")
    lines = header[:-2].split(b"\r\n")
    _, value = lines[0].split(b":", 1)
    for number, line in enumerate(lines):
        assert b"\r" not in line and b"\n" not in line
        assert utf8 or line.isascii()
        assert line.strip(b" "), "white space alone (RFC 5322 3.2.2)"
        assert line.startswith(b" ") == (number > 0)
        assert len(line) <= 998
        for word in re.findall(rb"=\?utf-8\?\S*", line if number else value):
            assert decode(word)
            assert len(line) <= 76  # RFC 2047 2
    return lines


def decode(word: bytes) -> str:
    """Decode one encoded-word (RFC 2047)."""
    assert re.fullmatch(rb"=\?utf-8\?q\?[A-Za-z0-9!*+/=_-]+\?=", word), word
    assert len(word) <= 75
    ((octets, charset),) = decode_header(word.decode())
    assert charset == "utf-8"
    assert isinstance(octets, bytes)
    return octets.decode()


# RFC 2047 6.2: the space between encoded-words is not part of the text. Some releases of CPython
# keep it in a phrase.
_TWO_WORDS = parse(b"To: =?utf-8?q?a?= =?utf-8?q?b?= <c@d>\r\n")["To"].addresses[0].display_name


def parse_addresses(header: bytes) -> list[tuple[str, str]]:
    """The names and addresses of a header, parsed by CPython."""
    if _TWO_WORDS != "ab":
        header = re.sub(rb"\?=(\r\n)? =\?utf-8\?q\?", b"", header)
    (parsed,) = parse(header).values()
    assert not parsed.defects, parsed.defects
    return [(mailbox.display_name, mailbox.addr_spec) for mailbox in parsed.addresses]


def without_quotes(local: str) -> str:
    """The value of a local part: CPython removes or adds quotes."""
    return re.sub(r"\\(.)", r"\1", local[1:-1]) if local[:1] == '"' else local


def every_nasty(*others: str) -> Callable[[Test], Test]:
    """Test a property also with each of NASTY."""

    def decorate(test: Test) -> Test:
        for text in NASTY:
            test = example(text, *others)(test)
        return test

    return decorate


@every_nasty("Subject")
@given(TEXTS, st.sampled_from(["Subject", "X", "Content-Description", "X-" + "n" * 48]))
def test_free_text_is_read_as_given(value: str, field: str) -> None:
    header = unstructured(field, value)
    lines = check_lines(header)
    assert parse(header)[field] == value
    for line in lines:  # longer only if there is no place to fold
        assert len(line) <= 78 or b" " not in line.replace(f"{field}: ".encode(), b" ")[1:]


@every_nasty()
@given(TEXTS)
def test_plain_text_is_not_encoded(value: str) -> None:
    plain = value.isascii() and "=?" not in value and "" not in value.split(" ")
    if plain and max(map(len, value.split(" "))) < 900:
        header = unstructured("Subject", value)
        assert header.replace(b"\r\n", b"") == b"Subject: " + value.encode()


@given(st.lists(st.tuples(TEXTS, DOT_ATOM), min_size=1, max_size=8))
def test_mailboxes_are_read_as_given(mailboxes: list[tuple[str, str]]) -> None:
    mailboxes = [(name, f"{local}@example.com") for name, local in mailboxes]
    header = addresses("To", [(name, spec.encode()) for name, spec in mailboxes])
    for line in check_lines(header):
        assert len(line) <= 78 or line.count(b" ") <= 1
    read = parse_addresses(header)
    assert [spec for _, spec in read] == [spec for _, spec in mailboxes]
    for (read_name, _), (name, _) in zip(read, mailboxes, strict=True):
        # In encoded-words of a phrase CPython reads several spaces as one.
        assert re.sub(" +", " ", read_name) == re.sub(" +", " ", name)


@every_nasty("a", "b")
@given(TEXTS, QUOTED | DOT_ATOM, DOMAIN)
def test_name_does_not_change_the_address(name: str, local: str, domain: str) -> None:
    spec = address(f"{local}@{domain}")
    header = addresses("From", [(name, spec)])
    assert header.endswith(b" <" + spec + b">\r\n" if name else b" " + spec + b"\r\n")
    check_lines(header)
    ((read_name, read_spec),) = parse_addresses(header)
    words = re.findall(rb"=\?utf-8\?q\?\S+\?= ", header.replace(b"\r\n", b""))
    if words:
        assert "".join([decode(word[:-1]) for word in words]) == name
    else:
        assert read_name == name
    assert read_spec.endswith(f"@{domain}")
    assert without_quotes(read_spec[: -len(domain) - 1]) == without_quotes(local)


@every_nasty("a")
@given(TEXTS, DOT_ATOM)
def test_quoted_name_is_read_as_given(name: str, local: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    spec = f"{local}@example.com"
    assert mailbox(f'"{quoted}" <{spec}>') == (name, spec.encode())


@every_nasty("a")
@given(TEXTS, DOT_ATOM)
def test_unquoted_name_is_read_as_given(name: str, local: str) -> None:
    spec = f"{local}@example.com"
    name = name.strip(" ")
    if name[:1] != '"' and not ("@" in name and re.search("[,;]", name)):
        assert mailbox(f"{name} <{spec}>") == (name, spec.encode())


@given(QUOTED | DOT_ATOM, DOMAIN)
def test_valid_addresses_are_accepted(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert address(text) == text.encode()
    assert mailbox(text) == ("", text.encode())


@given(ANYTHING | st.builds("{}@{}".format, ANYTHING, ANYTHING))
def test_accepted_addresses_are_valid_to_cpython(text: str) -> None:
    try:
        octets = address(text)
    except ValueError:
        return
    assert octets.decode() == text
    # It raises for invalid and for non-ASCII values.
    Address(addr_spec="".join(c if c.isascii() else "x" for c in text))
    assert re.fullmatch(rb'("([ !#-\[\]-~]|\\[ -~])*"|[^\s"<>()\[\]]+)@[^\s"<>()@]+', octets)


@every_nasty("filename")
@given(TEXTS, st.sampled_from(["filename", "name"]))
def test_parameters_are_read_as_given(value: str, name: str) -> None:
    text = parameter(name, value)
    header = b"Content-Disposition: attachment" + text.encode() + b"\r\n"
    for line in check_lines(header):
        assert len(line) <= 78 or b'="' in line  # a quoted-string is never split
    parsed = parse(header)["Content-Disposition"]
    assert not parsed.defects, parsed.defects
    assert dict(parsed.params) == {name: value}


@every_nasty()
@given(ANYTHING)
def test_no_text_adds_a_header(text: str) -> None:
    for field, function in (
        ("Subject", lambda: unstructured("Subject", text)),
        ("X", lambda: field_name(text).encode() + b": x\r\n"),
        ("To", lambda: addresses("To", [(text, b"a@b")])),
        ("To", lambda: addresses("To", [mailbox(text)])),
        ("To", lambda: addresses("To", [("", address(text))])),
        ("X", lambda: b"X: x" + parameter("filename", text).encode() + b"\r\n"),
    ):
        try:
            header = function()
        except ValueError:
            continue
        check_lines(header, utf8=field == "To")  # RFC 6532 3.2
        parsed = parse(header)
        if field == "To" and header.isascii():
            assert len(parsed["To"].addresses) == 1


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(timezone.utc)))
def test_dates_equal_those_of_cpython(when: datetime) -> None:
    assert date(when.timetuple()) == format_datetime(when)


# The same on MicroPython

SCRIPT = """
import json
import sys

from header_fields import address, addresses, field_name, mailbox, parameter, unstructured

from hssmtp.mime import disposition, further_fields
from hssmtp.mime.compose import check
from hssmtp.mime.rare import ids
from hssmtp.mime.rare.content_type import content_field


def further(name, value):
    head = bytearray()
    further_fields.add_fields(head, {name: value})
    return bytes(head)


def outcome(function, *args):
    try:
        value = function(*args)
    except (ValueError, TypeError) as error:
        return [type(error).__name__, str(error)]
    return repr(value) if type(value) is tuple else value if type(value) is str else value.decode()


with open(sys.argv[1], "rb") as file:
    texts = json.load(file)
for text in texts:
    print(json.dumps([
        outcome(check, text, "subject"),
        outcome(field_name, text),
        outcome(address, text),
        outcome(address, text + "@example.com"),
        outcome(address, "a@" + text),
        outcome(lambda: mailbox(text)[0]),
        outcome(lambda: mailbox(text + " <a@b>")[0]),
        outcome(unstructured, "Subject", text),
        outcome(addresses, "To", [(text, b"a@b"), ("", b"c@d")]),
        outcome(parameter, "filename", text),
        outcome(disposition._old_name, text),
        outcome(further, "Sender", text + " <a@b>"),
        outcome(further, "Resent-To", text + "@b, c@d"),
        outcome(further, "References", "<" + text + ">"),
        outcome(further, "List-Id", text + " <a.b>"),
        outcome(further, "List-Help", "<" + text + ">"),
        outcome(further, "Keywords", text),
        outcome(further, "X-Priority", text),
        outcome(content_field, "a/b; c=" + text),
        outcome(ids.check_id, text + "@b", "message_id"),
    ]))
"""


def generated(count: int) -> list[str]:
    """The same texts at every run."""
    choice = random.Random(5322)
    alphabets = [
        "abc .",
        " ab\"\\=?_<>@,;:()[].%*'",
        "a@b.-[]:0",
        "aß°€漢🔥\u0301\u05e9 =?",
        "a\r\n\t\0\x1f\x7f\x80",
    ]
    return [
        "".join(choice.choices(choice.choice(alphabets), k=choice.choice([1, 3, 10, 70, 200])))
        for _ in range(count)
    ]


def test_micropython_writes_the_same(micropython: str, tmp_path: Path) -> None:
    texts = NASTY + generated(600)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    # As UTF-8: MicroPython's json reads an escaped emoji as two surrogates.
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    results = {}
    for runtime in ("cpython", micropython):
        done = run(runtime, script, [file])
        assert done.returncode == 0, done.stdout
        results[runtime] = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
        assert len(results[runtime]) == len(texts)
    for text, here, there in zip(texts, *results.values(), strict=True):
        assert here == there, text
    # Some of every kind.
    for column in zip(*results["cpython"], strict=True):
        assert any(isinstance(outcome, str) for outcome in column)
        assert any(isinstance(outcome, list) for outcome in column)
