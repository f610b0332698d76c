"""dns.py: names, queries and replies byte by byte."""

import hssmtp.net.dns as dns
from dns_messages import AAAA, ASKED, CNAME, GOOD, TRUNCATED, A, four, name, number, record, reply


def is_refused(text):
    try:
        dns.Resolver(text)
    except ValueError:
        return True
    return False


# Names


def test_name_is_encoded_label_by_label():
    assert dns.encode("mx.example.com") == b"\x02mx\x07example\x03com\0"
    assert dns.encode("mx.example.com.") == b"\x02mx\x07example\x03com\0"
    assert dns.encode("MX.Example.COM") == b"\x02mx\x07example\x03com\0"
    assert dns.encode("a_b-c.0") == b"\x05a_b-c\x010\0"


def test_name_has_255_bytes_at_most():
    label = "a" * 63
    longest = ".".join((label, label, label, "a" * 61))
    assert len(longest) == 253
    assert len(dns.encode(longest)) == 255
    assert dns.encode(longest + ".") == dns.encode(longest)
    for text in (longest + "a", "a" * 64, "a" * 64 + ".com", "a." * 127 + "a"):
        assert is_refused(text), text


def test_invalid_names_are_refused():
    for text in (
        "",
        ".",
        "..",
        ".com",
        "a..b",
        "m\u00fcller.example",
        "\u4f8b.example",
        "a" * 300,
    ):
        assert is_refused(text), text


def test_query_has_one_question():
    query = dns.query(name("mx.example.com"), A)
    assert query[:2] == number(len(query) - 2, 2)  # for TCP
    assert query[4:] == b"\1\0\0\1\0\0\0\0\0\0\x02mx\x07example\x03com\0\0\1\0\1"
    assert dns.query(name("a.example"), AAAA)[-5:] == b"\0\0\x1c\0\1"
    assert len({dns.query(b"\0", A)[2:4] for _ in range(50)}) > 10


# Replies


QUERY = dns.query(name("mx.example.com"), A)


def read(packet, query=QUERY):
    found = dns.answer(packet, query)
    assert found is not None
    return found


def answer(*records, flags=GOOD, query=QUERY):
    return read(reply(query[2:], *records, flags=flags), query)


def test_addresses_are_returned_in_order():
    addresses, code, last, ttl = answer(four(192, 0, 2, 7), four(10, 0, 0, 255), four(0, 0, 0, 0))
    assert addresses == ["192.0.2.7", "10.0.0.255", "0.0.0.0"]
    assert code == 0
    assert last == name("mx.example.com")
    assert ttl == 300


def test_ipv6_address_is_written_in_groups():
    query = dns.query(name("mx.example.com"), AAAA)
    data = b"\x20\x01\x0d\xb8" + bytes(10) + b"\x01\xff"
    assert answer(record(ASKED, AAAA, data), query=query)[0] == ["2001:db8:0:0:0:0:0:1ff"]


def test_reply_may_repeat_the_name_in_any_case():
    assert answer(record("MX.eXample.com", A, b"\1\2\3\4"))[0] == ["1.2.3.4"]


def test_aliases_are_followed_within_a_reply():
    chain = (
        record(ASKED, CNAME, name("one.example.net"), 60),
        record("one.example.net", CNAME, b"\x03two" + b"\xc0\x0f", 20),  # two.example.com
        record("Two.example.com", A, b"\1\2\3\4", 600),
        record("two.example.com", A, b"\1\2\3\5", 600),
    )
    assert answer(*chain) == (["1.2.3.4", "1.2.3.5"], 0, name("two.example.com"), 20)
    assert answer(*chain[:2]) == ([], 0, name("two.example.com"), 20)


def test_addresses_of_other_names_are_ignored():
    assert answer(
        record("other.example.com", A, b"\1\2\3\4"),
        record("example.com", A, b"\1\2\3\4"),
        record("a.mx.example.com", A, b"\1\2\3\4"),
        record(b"\0", A, b"\1\2\3\4"),
        record(ASKED, 0x1_0003, b"\1\2\3\4"),  # CHAOS
        record(ASKED, 0x10_0001, b"\3txt"),
        record(ASKED, A, b"\1\2\3"),
        record(ASKED, A, b"\1\2\3\4\5"),
        record(ASKED, AAAA, b"\1\2\3\4"),
        record("other.example.com", CNAME, name("bad.example.com")),
        record("bad.example.com", A, b"\1\2\3\4"),
    ) == ([], 0, name("mx.example.com"), 300)


def test_other_packets_are_no_replies():
    good = reply(QUERY[2:], four(1, 2, 3, 4))
    assert read(good)[0] == ["1.2.3.4"]
    end = len(QUERY) - 2
    for place in [0, 1] + list(range(12, end)):  # ident, question
        bad = bytearray(good)
        bad[place] ^= 1
        assert dns.answer(bytes(bad), QUERY) is None, place
    for length in range(end):
        assert dns.answer(good[:length], QUERY) is None, length
    assert dns.answer(reply(QUERY[2:], four(1, 2, 3, 4), flags=0x0180), QUERY) is None  # a query


def test_response_code_is_returned():
    for code in range(16):
        assert answer(flags=GOOD | code)[1] == code


def test_truncated_reply_is_noticed():
    cut = read(reply(QUERY[2:], flags=TRUNCATED))[1]
    assert cut > 15
    whole = (four(1, 2, 3, 4), record(ASKED, 0x10_0001, b"\3txt"), four(5, 6, 7, 8))
    packet = reply(QUERY[2:], *whole)
    head = len(QUERY) - 2
    first = head + len(whole[0])
    for length in range(head, len(packet)):
        addresses, code, _, _ = read(packet[:length])
        assert code == cut, length
        assert addresses == (["1.2.3.4"] if length >= first else []), length
    # Truncation does not hide the response code.
    assert answer(flags=TRUNCATED | 3)[1] == 3
    assert answer(b"\xff", flags=GOOD | 3)[1] == 3


def test_pointer_loops_end():
    here = len(QUERY) - 2
    for owner in (
        b"\xc0" + bytes([here]),  # to itself
        b"\xc0" + bytes([here + 2]),  # forward
        b"\xff\xff",  # beyond the end
        b"\x03abc\xc0" + bytes([here]),  # to its own start: endless
        b"\x40",  # RFC 1035 4.1.4: reserved
        b"\x80\x0c",
        b"\x3fa",
    ):
        assert answer(record(owner, A, b"\1\2\3\4"), four(1, 2, 3, 4))[0] == [], owner
    # Two pointers to each other, and a name with the first.
    pair = record(b"\0", 0x10_0001, b"\xc0" + bytes([here + 13]) + b"\xc0" + bytes([here + 11]))
    assert answer(pair, record(b"\xc0" + bytes([here + 11]), A, b"\1\2\3\4"))[0] == []


def test_pointer_may_lead_to_a_pointer():
    here = len(QUERY) - 2
    to_asked = record(b"\0", 0x10_0001, ASKED)
    over_it = record(b"\xc0" + bytes([here + 11]), A, b"\1\2\3\4")
    assert answer(to_asked, over_it, four(5, 6, 7, 8))[0] == ["1.2.3.4", "5.6.7.8"]


def test_reply_may_have_many_and_long_records():
    many = [four(10, 0, number >> 8, number & 255) for number in range(300)]
    long = record(ASKED, 0x10_0001, bytes(300))
    assert len(answer(long, *many)[0]) == 300


def test_name_from_pointers_is_bounded():
    label = b"\x3f" + b"a" * 63
    for count, code in ((3, 0), (4, 16), (7, 16)):
        assert answer(record(label * count + b"\0", A, b"\1\2\3\4"))[1] == code


def test_damaged_replies_never_raise():
    # The same on every run and on every runtime.
    records = (
        record(ASKED, CNAME, b"\3one\xc0\x0f"),
        record("one.example.com", A, b"\1\2\3\4"),
        record("one.example.com", AAAA, bytes(16)),
    )
    good = reply(QUERY[2:], *records)
    head = len(QUERY) - 2
    seed = 1
    kept = 0
    for _ in range(3000):
        bad = bytearray(good)
        for _ in range(3):
            seed = (seed * 1103 + 12345) & 0xFFFFFF
            bad[head + seed % (len(bad) - head)] = (seed >> 9) & 255
        found = read(bytes(bad[: head + seed % 256]))[0]
        kept += "1.2.3.4" in found
    assert 0 < kept < 3000


def test_ttl_is_the_lowest_and_at_most_an_hour():
    for ttl, told in ((0, 0), (1, 1), (3600, 3600), (3601, 3600), (0x7FFF_FFFF, 3600)):
        assert answer(record(ASKED, A, b"\1\2\3\4", ttl))[3] == told
    for ttl in (0x8000_0000, 0xFFFF_FFFF):  # RFC 2181 8: to be taken as zero
        assert answer(record(ASKED, A, b"\1\2\3\4", ttl))[3] <= 0
    many = (record(ASKED, A, b"\1\2\3\4", 500), record(ASKED, A, b"\1\2\3\5", 40))
    assert answer(*many, record("other.example", A, b"\1\2\3\6", 1))[3] == 40
