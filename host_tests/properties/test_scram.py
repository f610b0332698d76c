"""SCRAM-SHA-256 against another implementation of the server (scramp)."""

import base64

import hssmtp
import pytest
import scripted_sasl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scramp import ScramException, ScramMechanism
from scramp.utils import saslprep
from scripted import Play, Server, mail

# The library does not normalize names and passwords: those that RFC 4013 changes are left out.
words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=100
).filter(lambda word: is_prepared(word))
salts = st.binary(min_size=12, max_size=64)
rounds = st.integers(4096, 4400)


def is_prepared(word):
    try:
        return saslprep(word) == word
    except ScramException:
        return False


class Other(Server):
    """A server whose SCRAM is scramp's."""

    def __init__(self, user, password, salt, count, tamper=lambda final: final):
        super().__init__(["AUTH SCRAM-SHA-256"], users={user: password})
        self.mechanism = ScramMechanism("SCRAM-SHA-256")
        self.info = self.mechanism.make_auth_info(password, count, salt)
        self.tamper = tamper

    def exchange(self):
        known = {saslprep(user): self.info for user in self.users or {}}
        session = self.mechanism.make_server(known.__getitem__)
        session.set_client_first((yield b"").decode())
        try:
            session.set_client_final((yield session.get_server_first().encode()).decode())
        except ScramException:
            return False
        assert (yield self.tamper(session.get_server_final()).encode()) == b""
        return True


@pytest.fixture(scope="module", autouse=True)
def others():
    """The scripted server passes AUTH to scramp."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(scripted_sasl._MECHANISMS, "SCRAM-SHA-256", Other.exchange)
        yield


def send(server, user, password):
    played = Play(server, security="tls", username=user, password=password).send(mail())
    return hssmtp.event_name(played.client.result), hssmtp.error_name(played.client.error)


@settings(max_examples=60)
@given(words, words, salts, rounds)
@example("user", "pencil", b"salt" * 3, 4096)
@example("=2C,=3D", ",=", b"\0" * 12, 4097)
@example("ü", "p" * 65, b"x" * 64, 4096)
def test_right_password_logs_in(user, password, salt, count):
    assert send(Other(user, password, salt, count), user, password) == ("SENT", "-")


@settings(max_examples=20)
@given(words, words, words, salts)
def test_wrong_password_does_not_log_in(user, password, other, salt):
    wanted = ("SENT", "-") if other == password else ("FAILED", "ERROR_AUTH")
    assert send(Other(user, password, salt, 4096), user, other) == wanted


@settings(max_examples=40)
@given(st.integers(0, 255))
def test_each_bit_of_the_signature_counts(bit):
    def tamper(final):
        octets = bytearray(base64.b64decode(final[2:]))
        octets[bit // 8] ^= 1 << bit % 8
        return "v=" + base64.b64encode(octets).decode()

    server = Other("user", "pencil", b"salt" * 3, 4096, tamper)
    assert send(server, "user", "pencil") == ("FAILED", "ERROR_AUTH")
    assert server.mails == []
