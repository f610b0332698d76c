"""The second opinion by itself: it must read what is right and object to what isn't."""

import base64

import pytest

from host_tests.support.mime_parser import parse

OCTETS = bytes(range(256))

MAIL = b"""\
Subject: parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/related; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

95 =C2=B0C =
is hot
--inner
Content-Type: image/png
Content-ID: <plot@example.test>
Content-Transfer-Encoding: base64

BASE64
--inner--
--outer
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*0*=utf-8''%C3%A4;
 filename*1*=%20%E2%82%AC.b; filename*2=in
Content-Transfer-Encoding: base64

--outer--
"""


def test_parser_reads_parts_names_and_bytes():
    mail = MAIL.replace(b"BASE64", base64.encodebytes(OCTETS)).replace(b"\n", b"\r\n")
    assert [tuple(part[key] for key in KEYS) for part in parse(mail)] == [
        ("1", "multipart/mixed", None, None, None),
        ("1.1", "multipart/related", None, None, None),
        ("1.1.1", "text/plain", None, None, "95 °C is hot".encode()),
        ("1.1.2", "image/png", None, "plot@example.test", OCTETS),
        ("1.2", "application/octet-stream", "ä €.bin", None, b""),
    ]


KEYS = ("path", "content_type", "name", "content_id", "octets")


def test_parser_notices_a_missing_end():
    with pytest.raises(AssertionError, match="boundary"):
        parse(MAIL.replace(b"--outer--", b"").replace(b"\n", b"\r\n"))
