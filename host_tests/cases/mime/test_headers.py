"""Text, addresses, parameters and dates in header fields: RFC 5321, 5322, 2047, 2231."""

import time

from header_fields import (
    address,
    addresses,
    date,
    field_name,
    mailbox,
    parameter,
    raised,
    unstructured,
)
from hssmtp.mime.compose import check

DEGREES = "95 °C"
BOILER = ("Boiler", b"boiler@example.com")
CONTROLS = [chr(code) for code in range(32)] + [chr(127)]


def lines(header):
    """Return the lines of a header; check its end."""
    assert header.endswith(b"\r\n")
    header = header[:-2]
    assert b"\r" not in header.replace(b"\r\n", b"") and b"\n" not in header.replace(b"\r\n", b"")
    return header.split(b"\r\n")


# Checks of text


def test_valid_text_is_returned():
    for text in ("", "plain", DEGREES, "  ", "🔥 e\u0301 שלום", "\x80\xa0\u2028"):
        assert check(text, "subject") == text


def test_control_character_is_refused_with_the_fields_name():
    for control in CONTROLS:
        for text in (control, "secret" + control + "Bcc: x@y", "secret" + control):
            said = raised(ValueError, check, text, "subject")
            assert said.startswith("subject: ") and "secret" not in said, said
            assert "U+%04X" % ord(control) in said, said


def test_lone_surrogate_is_refused():
    for code in (0xD800, 0xDBFF, 0xDC00, 0xDFFF):
        assert "U+%04X" % code in raised(ValueError, check, "a" + chr(code), "subject")
    for code in (0xD7FF, 0xE000, 0x10FFFF):
        assert check(chr(code), "subject") == chr(code)


def test_values_that_are_no_str_are_refused():
    for value in (None, 95, b"95", b"", bytearray(b"95"), ["95"], ("9", "5")):
        assert "subject" in raised(TypeError, check, value, "subject")
        raised(TypeError, address, value)
        raised(TypeError, mailbox, value)
        raised(TypeError, unstructured, "Subject", value)
        raised(TypeError, parameter, "filename", value)
        raised(TypeError, field_name, value)


def test_no_function_accepts_control_characters():
    for control in CONTROLS:
        bad = "a" + control + "b"
        raised(ValueError, address, bad + "@example.com")
        raised(ValueError, address, '"' + bad + '"@example.com')
        raised(ValueError, address, "a@exam" + control + "ple.com")
        raised(ValueError, address, "a@example.com" + control)
        raised(ValueError, address, control + "a@example.com")
        raised(ValueError, mailbox, bad + " <a@example.com>")
        raised(ValueError, mailbox, '"' + bad + '" <a@example.com>')
        raised(ValueError, mailbox, "Boiler <a@example.com>" + control)
        raised(ValueError, mailbox, "Boiler <a@example.com" + control + ">")
        raised(ValueError, addresses, "To", [(bad, b"a@example.com")])
        raised(ValueError, unstructured, "Subject", bad)
        raised(ValueError, parameter, "filename", bad)
        raised(ValueError, field_name, bad)


def test_names_of_further_headers():
    longest = "X-" + "a" * 48
    for name in ("X-Priority", "List-Id", "X", "X_a.b/c", "!~", longest):
        assert field_name(name) == name
    for name in ("", "X:", ":", "X Y", " X", "X ", "Größe", "X\u2028", longest + "a"):
        assert "header name" in raised(ValueError, field_name, name)


# Mailboxes


def test_names_of_mailboxes_are_encoded():
    for name, want in (
        ("", b"boiler@example.com"),
        ("Boiler", b"Boiler <boiler@example.com>"),
        ("The big boiler", b"The big boiler <boiler@example.com>"),
        ("O'Neil #1", b"O'Neil #1 <boiler@example.com>"),
        ("Boiler, cellar", b'"Boiler, cellar" <boiler@example.com>'),
        ("J. Doe", b'"J. Doe" <boiler@example.com>'),
        ('"', b'"\\"" <boiler@example.com>'),
        ("\\", b'"\\\\" <boiler@example.com>'),
        ('a\\"b', b'"a\\\\\\"b" <boiler@example.com>'),
        ("x> , <evil@x", b'"x> , <evil@x" <boiler@example.com>'),
        ("Größe", b"=?utf-8?q?Gr=C3=B6=C3=9Fe?= <boiler@example.com>"),
        ("ö, _=?", b"=?utf-8?q?=C3=B6=2C_=5F=3D=3F?= <boiler@example.com>"),
        ("=?utf-8?q?x?=", b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= <boiler@example.com>"),
        ("a  b", b'"a  b" <boiler@example.com>'),
        (" a", b'" a" <boiler@example.com>'),
        ("  ", b'"  " <boiler@example.com>'),
        ("ö  ", b"=?utf-8?q?=C3=B6__?= <boiler@example.com>"),
    ):
        header = addresses("To", [(name, b"boiler@example.com")])
        assert header == b"To: " + want + b"\r\n", header


def test_several_mailboxes_are_separated_by_commas():
    header = addresses("To", [BOILER, ("", b"ops@example.com"), ("A, B", b"c@d")])
    assert header == b'To: Boiler <boiler@example.com>, ops@example.com, "A, B" <c@d>\r\n', header
    header = addresses("Cc", [BOILER] * 5)
    assert lines(header) == [
        b"Cc: Boiler <boiler@example.com>, Boiler <boiler@example.com>, Boiler",
        b" <boiler@example.com>, Boiler <boiler@example.com>, Boiler",
        b" <boiler@example.com>",
    ], header


def test_many_mailboxes_are_folded():
    many = [("Größe %d" % i, ("a%d@example.com" % i).encode()) for i in range(100)]
    header = addresses("To", many)
    for line in lines(header):
        assert len(line) <= 76, line
    assert header.count(b"@") == 100 and header.count(b",") == 99
    for length in range(1, 60):  # a line that ends at each column, and the comma after it
        for line in lines(addresses("To", [("ö" + "o" * length, b"a@b"), ("", b"c" * 60)])):
            assert len(line) <= 76, line


def test_field_without_mailboxes_is_left_out():
    assert addresses("To", []) == b""


# Free text


def test_plain_text_is_not_encoded():
    for value in (
        "Boiler too hot",
        "a",
        "a = b? _x_ <c@d>, \"e\" (f) \\ 'g' [h]; 50 % ~",
        "0123456789 " * 6 + "0",  # ends at column 76
    ):
        assert unstructured("Subject", value) == b"Subject: " + value.encode() + b"\r\n"


def test_empty_value():
    assert unstructured("Subject", "") == b"Subject: \r\n"
    assert parameter("filename", "") == ';\r\n filename=""'


def test_long_plain_text_is_folded_at_spaces():
    value = " ".join(["word%d" % i for i in range(100)])
    header = unstructured("Subject", value)
    for line in lines(header):
        assert len(line) <= 78, line
    assert header.replace(b"\r\n", b"") == b"Subject: " + value.encode()
    assert len(lines(header)) < 12


def test_long_word_stays_whole_up_to_998_bytes():
    # References, List-Unsubscribe and others must not be encoded.
    word = "<" + "a" * 898 + ">"
    header = unstructured("References", "<a@b> " + word + " <c@d>")
    assert lines(header) == [b"References: <a@b>", b" " + word.encode(), b" <c@d>"]


def test_word_too_long_for_a_line_is_encoded():
    for value in ("a" * 998, "b " + "a" * 5000):
        for line in lines(unstructured("Subject", value)):
            assert len(line) <= 76, line


def test_non_ascii_text_is_encoded():
    header = unstructured("Subject", DEGREES)
    assert header == b"Subject: =?utf-8?q?95_=C2=B0C?=\r\n", header


def test_text_that_looks_encoded_is_encoded():
    header = unstructured("Subject", "=?utf-8?q?x?=")
    assert header == b"Subject: =?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=\r\n", header


def test_leading_and_trailing_spaces_are_encoded():
    for value, want in (
        (" ", b"_"),
        ("     ", b"_____"),
        (" a", b"_a"),
        ("a ", b"a_"),
        ("a  b", b"a__b"),
        (" " * 200, b"_" * 200),
    ):
        words = lines(unstructured("Subject", value))
        words[0] = words[0][len("Subject:") :]
        for word in words:
            assert word.startswith(b" =?utf-8?q?") and word.endswith(b"?="), word
        assert b"".join([word[11:-2] for word in words]) == want, words


def test_no_character_is_split_between_encoded_words():
    for c in ("ß", "€", "🔥"):
        whole = "".join(["=%02X" % octet for octet in c.encode()]).encode()
        for before in range(60):
            header = unstructured("Subject", "a" * before + c * 40)
            for line in lines(header):
                assert len(line) <= 76, line
                escapes = line[line.index(b"?q?") + 3 : -2].lstrip(b"a")
                assert escapes == whole * (len(escapes) // len(whole)), line


def test_long_field_name_leaves_room_for_a_character():
    name = "X-" + "n" * 48
    assert lines(unstructured(name, "🔥🔥")) == [
        name.encode() + b": =?utf-8?q?=F0=9F=94=A5?=",
        b" =?utf-8?q?=F0=9F=94=A5?=",
    ]


def test_long_names_of_mailboxes_are_folded():
    for name in ("a" * 300, "a, " + "b " * 150 + "c", "\\" * 50, "ö" * 300, "ö " * 150):
        header = addresses("Reply-To", [(name, b"a@example.com")] * 2)
        assert header.endswith(b" <a@example.com>\r\n")
        for line in lines(header):
            assert len(line) <= 76, line


# Parameters


def test_parameters_are_quoted():
    for value, want in (
        ("x.txt", "x.txt"),
        ("Boiler (2) log, new.csv", "Boiler (2) log, new.csv"),
        ("a_b-c+d@e", "a_b-c+d@e"),
        ("'", "'"),
        ('a"b', 'a\\"b'),
        ("a\\b", "a\\\\b"),
        ("100%.txt", "100%.txt"),
        ("../etc/passwd", "../etc/passwd"),
    ):
        assert parameter("filename", value) == ';\r\n filename="' + want + '"'
    for value in ("a" * 898, '"' * 449):
        assert len(parameter("filename", value)) == len(';\r\n filename=""') + 898


def test_non_ascii_parameters_follow_rfc_2231():
    for value, want in (
        ("95 °C.txt", "95%20%C2%B0C.txt"),
        ("\u212a", "%E2%84%AA"),
        ("ü'*'", "%C3%BC%27%2A%27"),
        ('ü"\\', "%C3%BC%22%5C"),
        ("=?utf-8?q?x?=", "%3D%3Futf-8%3Fq%3Fx%3F%3D"),
    ):
        got = parameter("filename", value)
        assert got == ";\r\n filename*=utf-8''" + want, got


def test_long_parameters_are_continued():
    got = parameter("filename", "°" * 20).split(";\r\n ")
    assert got == [
        "",
        "filename*0*=utf-8''" + "%C2%B0" * 8,
        "filename*1*=" + "%C2%B0" * 8,
        "filename*2*=" + "%C2%B0" * 4,
    ], got
    for line in parameter("filename", "a" * 5000).split("\r\n"):
        assert len(line) <= 78, line


# Dates


def test_dates_are_written_in_utc():
    assert date((2026, 11, 23, 22, 43, 0, 0, 327)) == "Mon, 23 Nov 2026 22:43:00 +0000"
    assert date((2000, 1, 2, 3, 4, 5, 6, 2)) == "Sun, 02 Jan 2000 03:04:05 +0000"
    assert date((2099, 12, 31, 23, 59, 59, 3, 365)) == "Thu, 31 Dec 2099 23:59:59 +0000"


def test_date_is_that_of_gmtime():
    assert date(time.gmtime(86400 * 365 + 3661)) == "Fri, 01 Jan 1971 01:01:01 +0000"
