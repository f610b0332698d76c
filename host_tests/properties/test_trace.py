"""--trace: secrets are found in any reply, also in base64 at any place."""

import base64
import re

from hssmtp.auth import Auth
from hssmtp.auth.credentials import check_credentials
from hssmtp.command_line.masking import Secrets
from hypothesis import given
from hypothesis import strategies as st

from host_tests.command_line.test_trace import encoded
from host_tests.support.servers import USER

SECRET = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=4, max_size=40)


def secrets_of(password):
    auth = Auth(*check_credentials(USER, password, None, "PLAIN", False))
    secrets = Secrets()
    secrets.learn(encoded(f"\0{USER}\0{password}").encode(), USER.encode())
    return secrets, auth


@given(st.binary(max_size=300), SECRET)
def test_any_reply_can_be_searched_for_secrets(reply, password):
    secrets, auth = secrets_of(printable_only(password))
    assert len(secrets.hidden(reply, auth)) == len(reply)


def printable_only(text):
    return "".join(c for c in text if c.isprintable()) + "12345"


@given(
    SECRET, st.binary(max_size=9), st.binary(max_size=9), st.sampled_from(["", " ", "\r\n", "="])
)
def test_password_in_base64_is_found_at_any_offset(password, before, behind, between):
    password = printable_only(password).encode()
    secrets, auth = secrets_of(password.decode())
    text = between.join(encoded(before + password + behind)).encode()
    hidden = secrets.hidden(text, auth)
    shown = bytes(byte for byte, flag in zip(text, hidden, strict=True) if not flag)
    characters = re.sub(rb"[^A-Za-z0-9+/]", b"", shown).decode()
    for offset in range(4):
        piece = characters[offset:]
        data = base64.b64decode(piece[: len(piece) // 4 * 4] + "AAAA")
        assert password[:5] not in data
        assert password[-5:] not in data
