"""--trace: what it shows of a session, whatever a server replies, without secrets."""

import base64
import re
from types import SimpleNamespace

import hssmtp
import pytest
from hssmtp.command_line.trace import Trace
from scripted_sasl import Exchange

from host_tests.command_line.test_command_line import hssmtp_says
from host_tests.support.servers import LONG_PASSWORD, PASSWORD, USER

TOKEN = "ya29.A0ARrdaM-k9_Zt7Xq1vLw3nPb5Rc8Hd2Je6Fg4"
PASSWORDS = ["hunter2 & the bäll", "sesame", "0123456789" * 60]
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER")
PROOFS = ("CRAM-MD5", "SCRAM-SHA-256")


def encoded(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def decoded(text):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


USER_IN_BASE64 = encoded(USER).encode()


def pieces(data, size=5):
    """All pieces of that size, or a shorter whole."""
    if len(data) < size:
        return {data} if data else set()
    return {data[at : at + size] for at in range(len(data) - size + 1)}


def assert_no_secret(said, secrets):
    """Check that no secret is in the trace, nor in base64 at any offset."""
    telling = set().union(*map(pieces, secrets))
    said = "".join(re.findall(r"(?m)^(?:S:|C:|--) .*\n", said))
    assert not [piece for piece in telling if piece in said.encode()]
    # The server's text without separators: line ends, spaces, commas.
    prompts = r"S: 334 (VXNlcm5hbWU6|UGFzc3dvcmQ6)\n"  # "Username:", "Password:"
    replies = re.sub(rf"(?m)^{prompts}|^(?!S:).*\n?|^S: (\d\d\d[ -])?", "", said)
    characters = re.sub(r"[^A-Za-z0-9+/]", "", replies.replace("-", "+").replace("_", "/"))
    for offset in range(4):
        text = characters[offset:]
        data = base64.b64decode(text[: len(text) // 4 * 4] + "AAAA")
        assert not [piece for piece in telling if piece in data]


class Stream:
    """A scripted stream: each reply follows certain words; it accepts `most` bytes at once."""

    def __init__(self, replies, most):
        self.replies = list(replies)
        self.most = most
        self.taken = b""  # since the last reply

    def write(self, buf, off, n):
        n = min(n, self.most)
        self.taken += bytes(buf[off : off + n])
        return n

    def readinto(self, buf, n):
        if not self.replies:
            return 0
        words, reply = self.replies[0]
        if words not in self.taken:
            return None
        self.replies.pop(0)
        self.taken = b""
        buf[: len(reply)] = reply
        return len(reply)

    def close(self):
        pass


class Played(Trace):
    """A trace of such a stream."""

    def __init__(self, stream):
        super().__init__()
        self.played = stream

    def open(self, host, port):
        pass

    def step(self, now):
        self._stream = self.played
        return 3


def send(capsys, stream, **login):
    """Send a mail over a stream; return the client and the trace."""
    link = Played(stream)
    client = hssmtp.Client(
        "mail.example.test",
        security="none",
        username=USER,
        allow_plaintext_auth=True,
        link=link,
        **login,
    )
    link.client = client
    client.send_mail(hssmtp.Message("a@example.test", to="b@example.test", text="the text"))
    while client.tick():
        pass
    said = capsys.readouterr().err
    assert "the text" not in said
    return client, said


def play(capsys, password, replies, most):
    """Send a mail; return the client and the trace, in which no secret may be."""
    client, said = send(capsys, Stream(replies, most), password=password)
    assert_no_secret(said, [password.encode()])
    return client, said


# Real servers


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_trace_of_each_mechanism_at_dovecot(
    submission, dovecot, certificates, mechanism, right, address
):
    is_token = mechanism in ("XOAUTH2", "OAUTHBEARER")
    secret = dovecot.token(USER) if is_token else PASSWORD
    secret = secret if right else "f" + secret[1:-9]
    said = hssmtp_says(
        f"localhost:{submission.port}",
        *("--ca", certificates.ca_pem, "--user", USER, "--auth", mechanism, "--trace"),
        *("--from", "a@example.test", "--to", address, "--text", "x"),
        *(("--token-env", "THE_TOKEN") if is_token else ()),
        status=0 if right else 1,
        **{"THE_TOKEN" if is_token else "HSSMTP_PASSWORD": secret},
    )
    secrets = [secret.encode()]
    if mechanism in PROOFS:
        assert re.search(r"S: 334 \*\*\*\nC: \*\*\*", said)
    assert_no_secret(said, secrets)
    assert f"C: AUTH {mechanism}" in said
    if right:
        assert "S: 235 " in said
        assert submission.wait_for_mail(address)
    else:
        assert "S: 535 " in said
        assert "ERROR_AUTH" in said


# Hostile servers


class HostileServer:
    """A server that changes its replies to AUTH. most: bytes accepted at once.

    twist(text, line): what it says in place of a reply; line: what it was sent. `secrets` has all
    that passed while the client logged in.
    """

    def __init__(self, mechanism, password, token, twist, most):
        users = {USER: token if token else password}
        server = SimpleNamespace(users=users, scram={})
        server.log_in = lambda _mechanism, name, word: word is not None and users[name] == word
        self._mechanism = mechanism
        self._server = server
        self._twist = twist
        self._most = most
        self._exchange = None
        self._lines = b""
        self._replies = b"220 hello\r\n"
        self.secrets = [(token or password).encode()]

    def write(self, buf, off, n):
        n = min(n, self._most)
        self._lines += bytes(buf[off : off + n])
        while b"\r\n" in self._lines:
            line, _, self._lines = self._lines.partition(b"\r\n")
            self._replies += self._reply(line)
        return n

    def _reply(self, line):
        verb, _, rest = line.partition(b" ")
        if verb in (b"EHLO", b"MAIL", b"RCPT", b"RSET", b"QUIT") and not self._exchange:
            return b"250-hi\r\n250 AUTH " + self._mechanism.encode() + b"\r\n"
        if verb == b"DATA":
            return b"554 no\r\n"
        if verb == b"AUTH":
            self._exchange = Exchange(self._mechanism, self._server)
            initial = rest.partition(b" ")[2]
            reply = self._exchange.answer(initial, True) if initial else self._exchange.begin()
            line = initial
        else:
            assert self._exchange
            reply = self._exchange.answer(line, False)
        self.note(line.decode())
        if self._mechanism in PROOFS and reply[:3] in ("334", "235"):
            self.note(reply[4:])
        if reply[:3] != "334" or self._twist in CHALLENGES:
            reply = self._twist(reply, line.decode())
        if reply[:3] != "334":
            self._exchange = None
        return reply.encode() + b"\r\n"

    def note(self, text):
        """Remember what must not be shown, with SCRAM also each value."""
        if len(text) > 5:
            plain = decoded(text)
            values = [piece[2:] for piece in plain.split(b",") if piece[1:2] == b"="]
            values = [value for value in values if value != USER.encode()]
            digest = plain.split(b" ")[-1:] if self._mechanism == "CRAM-MD5" else []
            self.secrets += [text.encode() if text != USER_IN_BASE64.decode() else b""]
            self.secrets += [one for one in (*values, *digest) if len(one) > 12]

    def readinto(self, buf, n):
        if not self._replies:
            return None
        piece, self._replies = self._replies[:n], self._replies[n:]
        buf[: len(piece)] = piece
        return len(piece)

    def close(self):
        pass


def in_lines(code, text, size):
    cut = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    return "\r\n".join([f"{code}-{piece}" for piece in cut[:-1]] + [f"{code} {cut[-1]}"])


def behind(count):
    """The reply, then what was sent, in base64 behind `count` other bytes."""
    return lambda reply, line: f"535 5.7.8 no {encoded('x' * count + line)} at all"


def decoded_behind(count):
    return lambda reply, line: f"535 5.7.8 {encoded(b'-' * count + (decoded(line) or b'?'))}"


TWISTS = {
    "as it is": lambda reply, line: reply,
    "echo": lambda reply, line: f"535 5.7.8 what is <{line}>?",
    "second half": lambda reply, line: f"535 5.7.8 what is {line[len(line) // 2 :]}?",
    "decoded": lambda reply, line: f"535 5.7.8 {decoded(line).decode('utf-8', 'replace')}",
    "decoded in words": lambda reply, line: (
        "535 5.7.8 " + re.sub(r"(\w{9})", r"\1 ", decoded(line).decode("utf-8", "replace"))
    ),
    "base64 again": behind(0),
    "base64 behind 1": behind(1),
    "base64 behind 2": behind(2),
    "shifted by 0": decoded_behind(0),
    "shifted by 1": decoded_behind(1),
    "shifted by 2": decoded_behind(2),
    "in lines": lambda reply, line: in_lines("535", line or "no", 3),
    "shifted in lines": lambda reply, line: in_lines("535", encoded(b"a" + decoded(line)), 5),
    "spaced": lambda reply, line: "535 5.7.8 " + " ".join(line),
    "asked again": lambda reply, line: f"334 {line or reply[4:]}",
    "welcome with it": lambda reply, line: f"235 2.7.0 {encoded(b'a' + decoded(line))} {line}",
    "challenge in the refusal": lambda reply, line: "535 5.7.8 " + reply[4:],
    "proof in the refusal": lambda reply, line: (
        "535 5.7.8 " + reply[4:] if decoded(reply[4:])[:2] == b"v=" else reply
    ),
    "url safe": lambda reply, line: "535 5.7.8 " + line.replace("+", "-").replace("/", "_"),
}

# These also replace a challenge; the others end a login, after each response.
CHALLENGES = [
    TWISTS[name] for name in ("asked again", "challenge in the refusal", "proof in the refusal")
]


@pytest.mark.parametrize("most", [1, 7, 1000])
@pytest.mark.parametrize("twist", TWISTS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_no_reply_shows_a_secret(capsys, mechanism, twist, most):
    is_token = mechanism in ("XOAUTH2", "OAUTHBEARER")
    password = "hunter2 & the bäll"
    server = HostileServer(mechanism, password, TOKEN if is_token else None, TWISTS[twist], most)
    login = {"token": TOKEN} if is_token else {"password": password}
    _, said = send(capsys, server, auth=mechanism, **login)
    assert f"C: AUTH {mechanism}" in said
    assert_no_secret(said, [one for one in server.secrets if one not in USER_IN_BASE64])


def test_refused_token_is_hidden_after_the_dummy_response(capsys):
    """The server sends its reasons, gets an empty response, and repeats the token."""
    for mechanism in ("XOAUTH2", "OAUTHBEARER"):

        def repeats(reply, line):
            return reply if reply[:3] == "334" else f"535 5.7.8 {encoded('no ' + TOKEN)}"

        server = HostileServer(mechanism, None, "another", repeats, 1000)
        client, said = send(capsys, server, auth=mechanism, token=TOKEN)
        assert client.error == hssmtp.ERROR_AUTH
        assert "S: 334 eyJz" in said  # the reasons
        assert "S: 535 5.7.8 ***\n" in said
        assert_no_secret(said, [TOKEN.encode()])


def test_response_after_an_early_reply_is_hidden(capsys):
    response = encoded(f"\0{USER}\0{LONG_PASSWORD}").encode()
    for most in (1, 7, 600):
        _, said = play(
            capsys,
            LONG_PASSWORD,
            [
                (b"", b"220 hi\r\n"),
                (b"\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n"),
                (b"AUTH PLAIN\r\n", b"334 \r\n"),
                (response[:20], b"535 5.7.8 not so\r\n"),
                (b"\r\n", b"250 and so on\r\n"),
            ],
            most,
        )
        assert "C: AUTH PLAIN\n" in said


def test_response_that_looks_like_a_command_is_hidden(capsys):
    """The base64 of three bytes can be a word of SMTP."""
    password = base64.b64decode("QUIT").decode("latin-1")
    trace = Played(Stream([], 1000))
    trace.client = SimpleNamespace(_session=SimpleNamespace(state=9, auth=None))
    trace.step(0)
    trace.write(bytearray(b"QUIT\r\n"), 0, 6)
    assert capsys.readouterr().err == "C: ***\n"
    assert len(password) == 3


def test_line_that_is_no_command_is_hidden(capsys):
    trace = Played(Stream([], 1000))
    trace.client = SimpleNamespace(_session=SimpleNamespace(state=10, auth=None))
    trace.step(0)
    for line in (b"aHVudGVyMg==", b"AHVzZXIAaHVudGVyMgQUIT", b"*", b""):
        trace.write(bytearray(line + b"\r\n"), 0, len(line) + 2)
    assert capsys.readouterr().err == "C: ***\n" * 4


def test_server_cannot_control_the_terminal(capsys):
    hostile = "\x1b[2J\x9b31m\u202egnp\u2028x\u200b\u2066\ufeff\x07\b".encode()
    _, said = play(capsys, "sesame", [(b"", b"554-" + hostile + b"\r\n554 no\r\n")], 1000)
    assert "S: 554-?[2J?31m?gnp?x?????\nS: 554 no\n" in said


def test_endless_reply_takes_bounded_memory(capsys):
    trace = Played(Stream([(b"", b"250-" + b"x" * 120 + b"\r\n")] * 3000, 1000))
    trace.client = SimpleNamespace(_session=SimpleNamespace(state=5, auth=None))
    trace.step(0)
    buf = bytearray(128)
    for _ in range(3000):
        trace.readinto(buf, 128)
    assert sum(map(len, trace._reply)) < 100_000
    trace.close()
    assert len(capsys.readouterr().err) < 100_000


# What is shown


@pytest.mark.parametrize("most", [1, 7, 1000])
@pytest.mark.parametrize("password", PASSWORDS)
def test_trace_of_login(capsys, password, most):
    echo = encoded(password)[:80].encode()
    client, said = play(
        capsys,
        password,
        [
            (b"", b"220 hi\r\n"),
            (b"\r\n", b"250-hi\r\n250 AUTH LOGIN\r\n"),
            (b"AUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n"),
            (USER_IN_BASE64 + b"\r\n", b"334 UGFzc3dvcmQ6\r\n"),
            (b"\r\n", b"235 so you are " + echo + b"\r\n"),
            (b"\r\n", b"250 OK\r\n"),
            (b"\r\n", b"250 OK\r\n"),
            (b"DATA\r\n", b"354\r\n"),
            (b"\r\n.\r\n", b"250 kept\r\n"),
            (b"QUIT\r\n", b"221 bye\r\n"),
        ],
        most,
    )
    assert client.result == hssmtp.SENT
    assert "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ***\nS: 334 UGFzc3dvcmQ6\nC: ***\n" in said
    assert "S: 235 so you are ***" in said
    assert "C: .\nS: 250 kept\nC: QUIT\nS: 221 bye\n-- closed\n" in said


@pytest.mark.parametrize("most", [1, 7, 1000])
@pytest.mark.parametrize("password", PASSWORDS)
def test_trace_of_a_server_that_repeats_secrets(capsys, password, most):
    echo = password[:80].encode() if len(password) < 80 else encoded(password)[8:90].encode()
    client, said = play(
        capsys,
        password,
        [
            (b"", b"220 hi\r\n"),
            (b"\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n"),
            (b"\r\n", b"535 I don't know <" + echo + b">\x1b[2J\r\n"),
        ],
        most,
    )
    assert client.error == hssmtp.ERROR_AUTH
    assert "S: 535 I don't know " in said
    assert "\x1b" not in said


@pytest.mark.parametrize("most", [1, 7, 600])
def test_trace_of_an_incomplete_response(capsys, most):
    client, said = play(
        capsys,
        LONG_PASSWORD,
        [
            (b"", b"220 hi\r\n"),
            (b"\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n"),
            (b"AUTH PLAIN\r\n", b"334 \r\n"),
            (encoded(f"\0{USER}\0{LONG_PASSWORD}")[:600].encode(), b"421 bye\r\n"),
        ],
        most,
    )
    assert client.error == hssmtp.ERROR_CLOSED
    assert said.endswith("S: 421 bye\nC: ***\n-- closed\n")


def test_trace_of_an_incomplete_mail(capsys):
    client, said = play(
        capsys,
        "sesame",
        [
            (b"", b"220 hi\r\n"),
            (b"\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n"),
            (b"\r\n", b"235 OK\r\n"),
            (b"\r\n", b"250 OK\r\n"),
            (b"\r\n", b"250 OK\r\n"),
            (b"DATA\r\n", b"354 go on\r\n"),
            (b"From: a@", b""),
        ],
        1,
    )
    assert client.error == hssmtp.ERROR_CLOSED
    assert "C: [the mail, cut off after " in said


def test_trace_of_a_text_without_recipients(capsys):
    # RFC 2920 3.1: if DATA is accepted without recipients, only the dot may follow.
    trace = Played(Stream([(b"", b"354 go on\r\n")], 1000))
    session = SimpleNamespace(state=12, auth=None)  # DATA, then TEXT and QUIT
    trace.client = SimpleNamespace(_session=session)
    trace.step(0)
    trace.readinto(bytearray(100), 100)
    session.state = 13
    trace.write(bytearray(b".\r\n"), 0, 3)
    session.state = 17
    trace.write(bytearray(b"QUIT\r\n"), 0, 6)
    assert capsys.readouterr().err == "S: 354 go on\nC: [the mail, 0 bytes]\nC: .\nC: QUIT\n"
