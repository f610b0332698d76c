"""What the tests of mails through real servers share: how one is made and how it is read."""

import email
import email.policy
import random
from email.message import EmailMessage
from typing import Any, cast

from host_tests.support.mime_parser import parse

# The attribute of a server that tells where it listens, by Client's `security`.
PORTS = {"starttls": "port", "tls": "tls_port", "none": "plain_port"}


def mail_to(address: str, **more: Any) -> dict[str, Any]:
    """What Message is given for a mail to that address."""
    return {"sender": "Kessel Süd <boiler@example.test>", "to": [address], **more}


def octets_of(size: int) -> bytes:
    """So many, always the same."""
    return random.Random(size).randbytes(size)


def read(content: bytes) -> EmailMessage:
    """Python's opinion, strict; what Perl's MIME-tools says of a mail must be the same."""
    mail = cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.strict))
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    others = [part for part in parse(content) if part["octets"] is not None]
    assert len(leaves) == len(others)
    for part, other in zip(leaves, others, strict=True):
        assert part.get_content_type() == other["content_type"]
        assert part.get_filename() == other["name"]
        octets = cast(bytes, part.get_payload(decode=True))
        others_octets = other["octets"]
        if part["Content-Transfer-Encoding"] != "base64":  # MIME-tools gives some with LF
            octets = octets.replace(b"\r\n", b"\n")
            others_octets = others_octets.replace(b"\r\n", b"\n")
        assert octets == others_octets
    return mail
