"""Addresses and mailboxes, valid and invalid (RFC 5321 4.1.2, 4.1.3)."""

from header_fields import address, mailbox, raised

# Addresses

GOOD_ADDRESSES = (
    "ops@example.com",
    "a@b",
    "root@localhost",
    "first.last@example.com",
    "!#$%&'*+-/=?^_`{|}~@example.com",
    "0@9.example",
    "a@xn--bcher-kva.example",
    "a@a--b.example",
    "a@_smtp.example",
    '"a b"@example.com',
    '"a@b"@example.com',
    '"a\\"b\\\\c\\d"@example.com',
    '"<a>,;:"@example.com',
    '".."@example.com',
    '""@example.com',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@[ipv6:::FFFF:192.0.2.1]",
    "a@[0.0.0.0]",
    "a@[255.255.255.255]",
    "a@[192.0.2.001]",  # Snum is one to three digits
    "a@[IPv6:::]",
    "a@[IPv6:1:2:3:4:5:6:7:8]",
    "a@[IPv6:1:2:3:4:5:6::]",
    "a@[IPv6:::3:4:5:6:7:8]",
    "a@[IPv6:1:2:3:4:5:6:192.0.2.1]",
    "a@[IPv6:1:2::5:6:192.0.2.1]",
    "a@[IPv6:::192.0.2.1]",
    "a@[IPv6:FFFF:0000::abcd]",
    "a" * 64 + "@example.com",
    "a@" + "b" * 63 + ".example",
    "a@" + ".".join(["b" * 62] * 4),  # 253 bytes
)

BAD_ADDRESSES = (
    "",
    "@",
    "a",
    "a@",
    "@b",
    "example.com",
    "a@@b",
    "a@b@c",
    "a b@c",
    "a@b c",
    " a@b",
    "a@b ",
    "<a@b>",
    "a@b>",
    "<a@b",
    "a<b@c",
    "a>b@c",
    "a@b<c",
    "a@b> SIZE=1",
    "a@b,c@d",
    "a@b;c@d",
    "a@b, c@d",
    ".a@b",
    "a.@b",
    "a..b@c",
    ".@b",
    "a(b)@c",
    "a:b@c",
    "a\\b@c",
    'a"b@c',
    'a"b"@c',
    '"a"b@c',
    '"a"."b"@c',
    '"a"b"@c',
    '"a@c',
    'a"@c',
    '"@c',
    '"a\\"@c',
    '"a\\\\""@c',
    "a@.b",
    "a@b.",
    "a@.",
    "a@b..c",
    "a@-b",
    "a@b-",
    "a@b.-c.d",
    "a@b.c-.d",
    "a@-",
    "a@b/c",
    "a@b:25",
    "a@b\\c",
    'a@"b"',
    "a@[",
    "a@]",
    "a@[]",
    "a@[192.0.2.1",
    "a@192.0.2.1]",
    "a@x192.0.2.1]",
    "a@[[192.0.2.1]",
    "a@[192.0.2.1]]",
    "a@[192.0.2.1].b",
    "a@[192.0.2.]",
    "a@[192..2.1]",
    "a@[192.0.2.a]",
    "a@[2001:db8::1]",
    "a@[IPv6:]",
    "a@[IPv6:g::1]",
    "a@[IPv6:::1> x]",
    "a@[b.example]",
    "a@[300.1.1.1]",
    "a@[192.0.2.256]",
    "a@[192.0.2.0001]",
    "a@[192.0.2]",
    "a@[192.0.2.1.5]",
    "a@[1]",
    "a@[-1.0.2.1]",
    "a@[192.0.2.1 ]",
    "a@[ 192.0.2.1]",
    "a@[IPv6:1:2:3:4:5:6:7]",
    "a@[IPv6:1:2:3:4:5:6:7:8:9]",
    "a@[IPv6:1:2:3:4:5:6:7::]",  # RFC 5321 4.1.3: "::" is two groups at least
    "a@[IPv6:::2:3:4:5:6:7:8]",
    "a@[IPv6:1::2::3]",
    "a@[IPv6:1:::2]",
    "a@[IPv6:::1::]",
    "a@[IPv6::1]",
    "a@[IPv6:1:]",
    "a@[IPv6:12345::]",
    "a@[IPv6:192.0.2.1]",
    "a@[IPv6:192.0.2.1::]",
    "a@[IPv6:::192.0.2.1:1]",
    "a@[IPv6:::192.0.2.300]",
    "a@[IPv6:1:2:3:4:5:6:7:192.0.2.1]",
    "a@[IPv6:1:2:3::5:6:192.0.2.1:1]",
    "a@[IPv6:fe80::1%eth0]",
    "a@[tag:content]",
    "a@[IPv4:192.0.2.1]",
    "a@[::1]",
    "a" * 65 + "@example.com",
    '"' + "a" * 63 + '"@example.com',
    "a@" + "b" * 64 + ".example",
    "aaa@" + ".".join(["b" * 62] * 4),  # 255 bytes
)


def test_valid_addresses_are_accepted():
    for text in GOOD_ADDRESSES:
        assert address(text) == text.encode(), text


def test_invalid_addresses_are_refused():
    for text in BAD_ADDRESSES:
        assert raised(ValueError, address, text).startswith("address: "), text


def test_longest_address():
    domain = ".".join(["b" * 62] * 4)
    assert len(address("aa@" + domain)) == 254
    raised(ValueError, address, "aaa@" + domain)
    said = raised(ValueError, address, "a" * 10000 + "@" + domain)
    assert len(said) < 120, said  # the message does not repeat all of it


def test_non_ascii_addresses():
    for text in ("größe@example.com", "a@bücher.example", "☃@example.com", '"☃ a"@☃.example'):
        assert address(text) == text.encode()
    # The limits are in bytes (RFC 6531 3.3). Unicode's control characters are refused.
    assert address("ö" * 32 + "@example.com")
    for text in ("☃", "ö" * 33 + "@example.com", "a@b\x80", "a\x85@b", "ö ü@b", "a@ö..b", "a@-ö"):
        raised(ValueError, address, text)


# Mailboxes


def test_mailbox_is_a_name_and_an_address():
    for text, name in (
        ("boiler@example.com", ""),
        ("<boiler@example.com>", ""),
        (" <boiler@example.com>", ""),
        ('"" <boiler@example.com>', ""),
        ("Boiler <boiler@example.com>", "Boiler"),
        ("Boiler<boiler@example.com>", "Boiler"),
        ("  The  boiler   <boiler@example.com>", "The  boiler"),
        ("Boiler, cellar <boiler@example.com>", "Boiler, cellar"),
        ('"Boiler, cellar" <boiler@example.com>', "Boiler, cellar"),
        ('"A \\"big\\" \\\\ boiler" <boiler@example.com>', 'A "big" \\ boiler'),
        ('"\\B\\o" <boiler@example.com>', "Bo"),
        ('" a " <boiler@example.com>', " a "),
        ('Boiler "2" <boiler@example.com>', 'Boiler "2"'),
        ('"2" Boiler "3" <boiler@example.com>', '"2" Boiler "3"'),
        ('3" pipe <boiler@example.com>', '3" pipe'),
        ('" <boiler@example.com>', '"'),
        ("Back\\slash\\ <boiler@example.com>", "Back\\slash\\"),
        ("Temp > 90 <boiler@example.com>", "Temp > 90"),
        ("I <3 it <boiler@example.com>", "I <3 it"),
        ("boiler@example.com <boiler@example.com>", "boiler@example.com"),
        ("Größe °C 🔥 <boiler@example.com>", "Größe °C 🔥"),
        ("\u3000a\xa0 <boiler@example.com>", "\u3000a\xa0"),
        ("=?utf-8?q?x?= <boiler@example.com>", "=?utf-8?q?x?="),
        ('"a@x, b" <boiler@example.com>', "a@x, b"),
    ):
        assert mailbox(text) == (name, b"boiler@example.com"), text


def test_quoted_local_parts_in_a_mailbox():
    for text in ('"a>b"@example.com', '"a<b"@example.com', '"<>"@example.com'):
        assert mailbox(text) == ("", text.encode())
    assert mailbox('A "b" <"c d"@example.com>') == ('A "b"', b'"c d"@example.com')


def test_invalid_mailboxes_are_refused():
    for text in (
        "",
        "Boiler",
        "<>",
        "Boiler <>",
        "Boiler <boiler>",
        "Boiler <a@b",
        "Boiler a@b>",
        "a@b>",
        "Boiler a@b",
        "Boiler <a@b> x",
        "Boiler <a@b> ",
        "Boiler < a@b>",
        "Boiler <a@b >",
        "Boiler <<a@b>>",
    ):
        assert raised(ValueError, mailbox, text).startswith("address: "), text


def test_several_addresses_in_one_string_are_refused():
    for text in (
        "a@x, b@y",
        "a@x,b@y",
        "A <a@x>, B <b@y>",
        "A <a@x>; B <b@y>",
        "a@x, B <b@y>",
        "a@x; <b@y>",
        "A <a@x>, b@y",
        '"A" <a@x>, "B" <b@y>',
    ):
        raised(ValueError, mailbox, text)
