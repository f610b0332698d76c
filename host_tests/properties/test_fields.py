"""Fields of headers= and of attachments, read by CPython's email package and Perl's MIME-tools."""

import email
import email.policy
import ipaddress
import re
import string
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime

import hssmtp
import hssmtp.ip_literal as ip_literal
import hssmtp.mime.rare.ids as ids
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from host_tests.properties.test_headers import (
    ANYTHING,
    DOMAIN,
    DOT_ATOM,
    NASTY,
    QUOTED,
    TEXTS,
    every_nasty,
    parse_addresses,
)
from host_tests.support.mime_parser import parse

PRINTABLE = st.text([chr(code) for code in range(32, 127)], max_size=120)
TOKEN = st.text(
    string.ascii_letters + string.digits + "!#$%&'*+-.^_`{|}~", min_size=1, max_size=20
)
OWN_FIELDS = ["From", "To", "Subject", "Message-ID", "MIME-Version", "Date"]
OWN_FIELDS += ["Content-Type", "Content-Transfer-Encoding"]
ADDRESS_FIELDS = ["Sender", "Resent-To", "Errors-To", "Disposition-Notification-To"]
OTHER_FIELDS = [
    "References",
    "In-Reply-To",
    "List-Unsubscribe",
    "List-Id",
    "Archived-At",
    "Resent-Date",
    "X-Priority",
    "Received",
    "Content-Language",
]


def octets(**options) -> bytes:
    """Return a mail as sent to a server with every extension; check its line lengths."""
    mail = hssmtp.Message("a@example.com", "b@example.com", text="x", **options)
    buffer = bytearray(2048)
    mail.open(buffer)
    found = b""
    while mail.part():
        count = mail.readinto(buffer, 1500)
        found += bytes(buffer[: count or 0])
    mail.close()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", found)
    assert max(map(len, found.split(b"\r\n"))) <= 998
    return found


def field(name: str, value: str) -> bytes:
    """Return a further field with its CR LF; check that nothing else is added."""
    head, _, _ = octets(headers={name: value}).partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?! )", head)
    names = [each.split(b":")[0].decode() for each in fields]
    assert sorted(names) == sorted([*OWN_FIELDS, name])
    return fields[names.index(name)] + b"\r\n"


# headers=


@given(
    st.lists(st.tuples(TEXTS, DOT_ATOM | QUOTED, DOMAIN), min_size=1, max_size=5),
    st.sampled_from(ADDRESS_FIELDS[1:]),
)
@example([("", '"\\""', "a.example")], "Resent-To")
@settings(max_examples=60)
def test_mailboxes_in_a_further_field_are_read_as_given(mailboxes, name):
    assume(not any(set("<>") & set(local) for _, local, _ in mailboxes))
    quoted = [
        ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"', f"{local}@{domain}")
        for text, local, domain in mailboxes
    ]
    header = field(name, ", ".join(f"{text} <{spec}>" for text, spec in quoted))
    read = parse_addresses(b"To" + header[len(name) :])
    assert len(read) == len(mailboxes)
    for (text, spec), (wanted, local, domain) in zip(read, mailboxes, strict=True):
        assert re.sub(" +", " ", text) == re.sub(" +", " ", wanted)
        assert spec.endswith("@" + domain)
        word = local[1:-1] if local[0] == '"' else local
        assert re.sub(r"\\(.)", r"\1", word) in re.sub(r"\\(.)", r"\1", spec)


@given(ANYTHING, st.sampled_from(ADDRESS_FIELDS))
@example("a@b, =?utf-8?q?c?= <c@d>", "Errors-To")
def test_no_encoded_word_within_an_address(text, name):
    try:
        header = field(name, text)
    except ValueError:
        return
    bare = re.sub(rb'"([^"\\]|\\.)*"(?!@)', b"", header)  # names in quotes
    for spec in re.findall(rb"\S*@\S*", bare):
        assert b"=?utf-8?" not in spec or spec in text.encode()


@given(PRINTABLE | ANYTHING, st.sampled_from(OTHER_FIELDS))
@example("<a@b> " * 300 + "<c@d>", "References")
@example("<=?utf-8?q?x?=@b>", "References")
@example("<https://example.com/?=?=>", "Archived-At")
def test_structured_values_are_sent_unchanged(text, name):
    try:
        header = field(name, text)
    except ValueError:
        return
    assert header.isascii()
    value = header[len(name) + 2 : -2].replace(b"\r\n", b"").decode()
    if name != "List-Id":  # whose phrase may be encoded
        assert value == text.strip(" ")
    for line in header.split(b"\r\n")[:-1]:
        assert line.strip(b" ")


# Attachments


def attached(**options) -> EmailMessage:
    """Return an attachment as parsed by CPython; Perl must agree."""
    found = octets(attachments=[hssmtp.Attachment(b"\x0095", **options)])
    mail = email.message_from_bytes(found, policy=email.policy.strict)
    (part,) = mail.iter_attachments()
    return part


@every_nasty()
@given(TEXTS)
def test_file_names_are_read_as_they_were_given(name):
    part = attached(name=name, content_type="a/b")
    # Not get_filename(), which strips spaces.
    assert part["Content-Disposition"].params.get("filename") == (name or None)
    assert not part["Content-Disposition"].defects
    assert part.get_content_type() == "a/b"
    # Encoded words in quotes (RFC 2047 5 forbids them, older mail programs want them): CPython
    # reads them too, and notes that.
    if name and name.isascii() and len(name) < 440:
        assert part["Content-Type"].params["name"] == name


@pytest.mark.parametrize(
    "name", [text for text in NASTY if text.strip() and text[0] < "\U0010ffff"]
)
def test_file_names_are_read_by_mime_tools(name):
    part = parse(octets(attachments=[hssmtp.Attachment(b"\x0095", name=name)]))[2]
    assert part["octets"] == b"\x0095"
    # MIME-tools leaves the backslashes of a quoted-string where they are.
    assert name in (part["name"], re.sub(r"\\(.)", r"\1", part["name"]))


@given(
    TOKEN,
    TOKEN,
    st.lists(
        st.tuples(TOKEN, TOKEN | PRINTABLE), max_size=5, unique_by=lambda pair: pair[0].lower()
    ),
)
def test_valid_content_types_are_accepted(media, subtype, parameters):
    assume(media.lower() not in ("message", "multipart"))
    assume(not any(name.lower() in ("boundary", "name") or "*" in name for name, _ in parameters))
    text = f"{media}/{subtype}"
    for name, value in parameters:
        if not value or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+", value):
            value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        text += f"; {name}={value}"
    found = octets(attachments=[hssmtp.Attachment(b"95", content_type=text)])
    unfolded = found.replace(b"\r\n ", b" ")
    assert b"\r\nContent-Type: " + text.encode() + b"\r\n" in unfolded


@given(ANYTHING | PRINTABLE | st.builds("{}/{}; {}".format, TOKEN, TOKEN, PRINTABLE))
@example("0/0;0='")
def test_accepted_content_types_are_valid_to_cpython(text):
    try:
        part = attached(content_type=text)
    except ValueError:
        return
    # RFC 2045 5.1 allows *, ' and % in parameters. Python's parser gives them RFC 2231's meaning.
    assume(not re.search(r";.*[*'%]", text))
    parsed = part["Content-Type"]
    assert "/" in str(parsed) or not text
    assert not [defect for defect in parsed.defects if "encoded word" not in str(defect)]


@given(ANYTHING | DOT_ATOM | st.builds("{}@{}".format, DOT_ATOM, DOMAIN))
@example("=?utf-8?q?x?=")
def test_accepted_content_ids_are_complete(text):
    try:
        part = attached(content_id=text)
    except ValueError:
        return
    if text:
        assert part["Content-ID"].replace("\r\n", "") == f"<{text.strip('<>')}>"


LINES = st.lists(
    st.text("aä. \r", max_size=40) | st.just("b" * 998) | st.just("b" * 999), max_size=9
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_attached_message_is_complete(lines, end, is_8bit):
    source = end.join(lines)
    if not is_8bit:
        source = source.replace("ä", "a").replace("\r", "").replace("\n", end.strip("\r") or end)
    data = source.encode()
    found = octets(attachments=[hssmtp.Attachment(data, content_type="message/rfc822")])
    (_, _, part) = re.split(rb"\r\n--=_mixed_\w{24}(?:--)?\r\n", found)[:3]
    head, _, body = part.partition(b"\r\n\r\n")
    if b"base64" in head:
        assert b"application/octet-stream" in head
        assert email.message_from_bytes(part).get_payload(decode=True) == data
    else:
        assert b"message/rfc822" in head
        assert body.replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n")
        assert body.isascii()


# Addresses and dates


@given(st.text("0123456789abcdefF:.", max_size=40) | st.ip_addresses().map(str))
def test_ip_addresses_are_those_of_cpython(text):
    def is_address(kind) -> bool:
        try:
            kind(text)
        except ValueError:
            return False
        return True

    is_padded = bool(re.search(r"(^|[.:])0\d*\d", text)) and "." in text
    if not is_padded:  # CPython refuses zeros in front
        assert ip_literal.is_ipv4(text.encode()) == is_address(ipaddress.IPv4Address)
        assert ip_literal.is_ipv6(text.encode()) == is_address(ipaddress.IPv6Address)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31)), st.integers(-23 * 60, 23 * 60))
def test_dates_of_cpython_are_accepted(when, minutes):
    when = when.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    text = format_datetime(when)
    assert ids.check_date(text, "date") == text.encode()


@given(st.text("0123456789: +-,MonTueFebDec", max_size=32))
@example("Sun, 31 Nov 2026 22:43:00 +0000")
def test_accepted_dates_are_valid_to_cpython(text):
    try:
        ids.check_date(text, "date")
    except ValueError:
        return
    assert parsedate_to_datetime(text)
