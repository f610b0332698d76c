"""No datagram, file or driver can end the alert application."""

import contextlib
import errno
import json
import os
import tempfile
import unicodedata
from collections.abc import Iterator
from typing import Any

import fake_board
from alert_play import Config, Play
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sntp_reply import UNIX, reply

from alert import clock, log, sntp

requests = st.binary(min_size=8, max_size=8).map(lambda stamp: b"\x23" + bytes(39) + stamp)


@st.composite
def nearly_replies(draw: st.DrawFn, request: bytes) -> bytes:
    """A server's reply with changed or missing bytes."""
    packet = bytearray(
        reply(
            request,
            unix=draw(st.integers(UNIX, UNIX + 78 * 365 * 86400)),
            stratum=draw(st.integers(0, 17)),
            code=draw(st.binary(min_size=4, max_size=4)),
        )
    )
    for at in draw(st.lists(st.integers(0, 47), max_size=2)):
        packet[at] = draw(st.integers(0, 255))
    return bytes(packet[: draw(st.sampled_from([48, 48, 48, 47, 12, 0]))])


@st.composite
def questions(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A request, and some packet."""
    request = draw(requests)
    return request, draw(st.one_of(st.binary(max_size=60), nearly_replies(request)))


def is_time(request: bytes, packet: bytes) -> bool:
    """Whether a reply has a time by RFC 4330 5."""
    if len(packet) < 48:
        return False
    leap, mode = packet[0] >> 6, packet[0] & 7
    synchronized = leap != 3 and 1 <= packet[1] <= 15 and any(packet[40:48])
    return mode == 4 and packet[24:32] == request[40:48] and synchronized


@settings(max_examples=2000)
@given(questions())
def test_packets_give_a_time_none_or_oserror(asked):
    request, packet = asked
    try:
        seconds = sntp.answer(packet, request)
    except OSError as exc:
        assert packet[1] == 0 and packet[24:32] == request[40:48] and packet[0] & 7 == 4
        assert is_shown(str(exc))
        return
    assert (seconds is None) or is_time(request, packet)
    if seconds is not None:
        assert 1704067200 < seconds < 1 << 32
        ntp = int.from_bytes(packet[40:44], "big")
        assert (seconds + 2208988800) % (1 << 32) == ntp


class Network:
    """A stand-in of `socket` that returns drawn values."""

    AF_INET, SOCK_DGRAM = 2, 2

    def __init__(self, draw):
        self._draw = draw
        self.open = 0

    def getaddrinfo(self, host, port):
        return [(self.AF_INET, self.SOCK_DGRAM, 0, "", (host, port))]

    def socket(self, *args):
        self.open += 1
        return self

    def close(self):
        self.open -= 1

    def setblocking(self, flag):
        pass

    def _fail(self, *usual):
        number = self._draw(
            st.sampled_from([*usual, 0, 0, 0, errno.ECONNREFUSED, errno.ENETUNREACH, errno.EIO])
        )
        if number:
            raise OSError(number, "\x1b[31mdriver's words\n")

    def connect(self, where):
        self._fail()

    def send(self, packet):
        self._fail()
        self._request = bytes(packet)

    def recv(self, size):
        self._fail(errno.EAGAIN)
        packet = st.one_of(st.binary(max_size=60), nearly_replies(self._request))
        return self._draw(packet)[:size]


@contextlib.contextmanager
def replaced(module: Any, name: str, value: object) -> Iterator[None]:
    """Replace a global of a module for a while."""
    missing = object()
    before = getattr(module, name, missing)
    setattr(module, name, value)
    try:
        yield
    finally:
        if before is missing:
            delattr(module, name)
        else:
            setattr(module, name, before)


@contextlib.contextmanager
def device(lines: list[str]) -> Iterator[None]:
    """An empty flash; lines: collects the output on the serial line."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, replaced(log, "print", lines.append):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@contextlib.contextmanager
def playing(config: Any = Config) -> Iterator[Play]:
    """A device that is stopped at the end, as by a reset."""
    play = Play(config=config)
    try:
        yield play
    finally:
        play.app.stop()


def check_lines(lines: list[str]) -> None:
    """Check that the output and the log file are printable."""
    with contextlib.suppress(FileNotFoundError), open("log/log.txt", encoding="utf-8") as file:
        lines = lines + file.read().split("\n")
    assert all(map(is_shown, lines)), lines


def is_shown(line: str) -> bool:
    """Whether text is one line without control characters."""
    categories = {unicodedata.category(character) for character in line}
    return not categories & {"Cc", "Cs", "Co", "Zl", "Zp"} and not set(line) & set("\u202e\u200b")


@settings(max_examples=50)
@given(st.data())
def test_time_server_cannot_stop_the_main_loop(data):
    class Timed(Config):
        NTP_SERVER = "192.0.2.1"

    network = Network(data.draw)
    lines: list[str] = []
    # The cases replace Question in clock.
    real = replaced(clock, "Question", sntp.Question)
    with device(lines), replaced(sntp, "socket", network), real:
        with playing(Timed) as play:
            play.run(20, 1000)
            play.press()
            play.run(10, 1000)
            assert len(play.texts()) == 1
            assert network.open <= 1
        check_lines(lines)


words = st.sampled_from(["\x1b[2J", "two\nlines", "\u202etxt", "\u200b", "\x00", "\ud800", "ä"])
failures = st.builds(OSError, st.integers(-5, 300), words) | st.builds(RuntimeError, words)


class Driver(fake_board.Interface):
    """A network interface whose driver returns and raises drawn values."""

    def __init__(self, draw):
        super().__init__()
        self.draw = draw
        self.is_odd = True

    def _odd(self, value: object) -> Any:
        drawn = (
            self.draw(st.one_of(failures, st.just(value), st.just(value))) if self.is_odd else 0
        )
        if isinstance(drawn, Exception):
            raise drawn
        return value

    def active(self, flag=None):
        return self._odd(super().active(flag))

    def connect(self, name, password):
        self._odd(None)

    def disconnect(self):
        self._odd(None)

    def isconnected(self):
        return self._odd(self.draw(st.booleans())) if self.is_odd else True

    def status(self):
        return self._odd(self.draw(st.integers() | st.none() | words))

    def ipconfig(self, name):
        return (self._odd(self.draw(words)),)


@settings(max_examples=30)
@given(st.data())
def test_network_driver_cannot_stop_the_main_loop(data):
    class Named(Config):
        WIFI_NAME = data.draw(words)

    lines: list[str] = []
    with device(lines):
        with playing(Named) as play:
            driver = play.app._uplink._interface = Driver(data.draw)
            play.app.start()
            play.door.level = 0
            play.run(60, 3000)
            driver.is_odd = False
            play.run(600, 2000)
            assert len(play.texts()) == 1
        check_lines(lines)


texts = st.text(max_size=20) | words
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
alerts = st.tuples(texts, texts, *[st.integers(-5, 1 << 40)] * 3, texts).map(list)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Some bytes, JSON, or nearly an alert."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    fields = draw(alerts | plain)
    if isinstance(fields, list) and fields and draw(st.booleans()):
        fields[draw(st.integers(0, len(fields) - 1))] = draw(plain)
    data = json.dumps(fields, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


names = st.sampled_from(
    ["00000001", "00000002", "00000003.new", "4", "-0000005", "00000006x", "x", "123456789"]
)


@example({"00000001": b"[" * 3000})
@example({"00000001": b'["a", "b", 1, 9e999, 1, "c"]'})
@given(st.dictionaries(names, files(), max_size=4))
def test_files_in_pending_cannot_stop_the_next_alert(found):
    lines: list[str] = []
    with device(lines):
        os.mkdir("pending")
        os.mkdir("log")
        for name, content in found.items():
            for path in ("pending/" + name, "log/log.txt", "log/older.txt"):
                with open(path, "wb") as file:
                    file.write(content)
        lines.clear()
        with playing() as play:
            kept = len(play.app._pending.alerts)
            play.run(60)
            assert len(play.texts()) == kept
            play.press()
            play.run(60)
            assert len(play.texts()) == kept + 1
            assert os.listdir("pending") == []
        assert all(map(is_shown, lines)), lines
