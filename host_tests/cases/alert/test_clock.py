"""The alert application's clock: SNTP packets, and when the server is asked."""

import time

from fake_board import RTC, Said, same
from sntp_reply import UNIX, reply

from alert import clock, sntp
from alert.clock import Clock

UNIX_2040 = 2208988800


def test_request_has_version_4_and_client_mode():
    request = sntp.request()
    same("octets", len(request), 48)
    same("version and mode", request[0], 4 << 3 | 3)
    same("nothing else about us", request[1:40], bytes(39))
    same("unlike the next", request[40:] == sntp.request()[40:], False)


def test_reply_gives_the_time():
    request = sntp.request()
    same("time", sntp.answer(reply(request), request), UNIX)
    same("version 3", sntp.answer(reply(request, first=0x1C), request), UNIX)
    same("a leap second to come", sntp.answer(reply(request, first=0x64), request), UNIX)


def test_time_after_2036():
    request = sntp.request()
    same("time", sntp.answer(reply(request, UNIX_2040), request), UNIX_2040)


def test_other_packets_are_not_replies():
    request = sntp.request()
    good = reply(request)
    for what, packet in (
        ("another's", reply(sntp.request())),
        ("the request itself", request),
        ("short", good[:47]),
        ("empty", b""),
        ("a broadcast", reply(request, first=0x25)),
        ("not synchronized", reply(request, first=0xE4)),
        ("stratum 16", reply(request, stratum=16)),
        ("no time", good[:40] + bytes(8)),
        ("2001", reply(request, 1000000000)),
    ):
        same(what, sntp.answer(packet, request), None)


def test_kiss_of_death_raises():
    request = sntp.request()
    try:
        sntp.answer(reply(request, stratum=0, code=b"RATE"), request)
    except OSError as exc:
        same("its code", "RATE" in str(exc), True)
        return
    raise AssertionError("no OSError")


class Question:
    """A stand-in of alert.sntp's: returns the next of `answers` at each step."""

    answers = []
    asked = 0
    open = 0

    def __init__(self, host, port):
        Question.asked += 1
        Question.open += 1

    def step(self, now):
        found = Question.answers.pop(0)
        if isinstance(found, Exception):
            Question.open -= 1
            raise found
        return found

    def close(self):
        Question.open -= 1


def started(answers, server="ntp.example.com"):
    Question.answers = list(answers)
    Question.asked = Question.open = 0
    clock.Question = Question
    RTC.was_set = None
    made = Clock(server, 123)
    made.known = False  # whatever this computer's clock says
    made.said = Said()
    return made


def play(made, seconds, online=True):
    """Return the times in s of questions, and of step() reporting a set clock."""
    asked = []
    was_set = []
    for ms in range(made.seconds * 1000, (made.seconds + seconds) * 1000, 250):
        made.count(ms)
        before = Question.asked
        if made.step(ms, online, made.said.say):
            was_set.append(ms // 1000)
        if Question.asked != before:
            asked.append(ms // 1000)
    return asked, was_set


def test_clock_is_set_and_set_again_after_12_hours():
    made = started([None, None, UNIX, None, UNIX + 43200])
    same("asked, set", play(made, 43300), ([0, 43200], [0]))
    same("known, tried", (made.known, made.tried), (True, True))
    year, month, day, weekday, hour, minute, second, _ = RTC.was_set
    same("date", (year, month, day, weekday), (2026, 9, 22, 2))
    same("time", (hour, minute, second), (2, 13, 20))
    same(
        "told", [made.said.has("is set by ntp.example.com") for _ in range(3)], [True, True, False]
    )
    same("sockets", Question.open, 0)


def test_question_without_an_answer_is_repeated():
    made = started([OSError("no answer")] * 12)
    asked, was_set = play(made, 16000)
    same("set", was_set, [])
    same(
        "waits",
        [b - a for a, b in zip(asked, asked[1:])],
        [16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600],
    )
    same("known, tried", (made.known, made.tried), (False, True))
    same("told", made.said.has("retry in 16 s"), True)


def test_errors_of_the_time_server_are_logged():
    made = started([ValueError("not a host name"), OSError("it refuses this device (RATE)")])
    play(made, 30)
    same("told", made.said.has("retry in 16 s: not a host name"), True)
    same("told", made.said.has("retry in 32 s: it refuses"), True)


def test_time_beyond_the_boards_clock_is_refused():
    """Ports with 32 bits raise OverflowError for it."""

    class Narrow:
        def gmtime(self, seconds=None):
            if seconds is not None and seconds > 1 << 31:
                raise OverflowError("overflow converting long int to machine word")
            return time.gmtime() if seconds is None else time.gmtime(seconds)

        def __getattr__(self, name):
            return getattr(time, name)

    clock.time = Narrow()
    try:
        made = started([UNIX_2040 + (1 << 30)])
        play(made, 5)
        same("text", made.text(1 << 32), "time 4294967296")
    finally:
        clock.time = time
    same("set", (made.known, RTC.was_set), (False, None))
    same("told", made.said.has("is out of this board's range"), True)
    same("sockets", Question.open, 0)


def test_no_question_without_a_network():
    made = started([])
    same("asked", play(made, 100, online=False), ([], []))
    same("tried", made.tried, False)


def test_question_is_closed_when_the_network_goes():
    made = started([None] * 9)
    play(made, 1)
    same("asked", (Question.asked, Question.open), (1, 1))
    play(made, 5, online=False)
    same("closed", (Question.asked, Question.open), (1, 0))
    Question.answers = [UNIX]
    play(made, 5)
    same("asked anew", (Question.asked, made.known), (2, True))


def test_no_question_without_a_time_server():
    made = started([], server=None)
    same("asked", play(made, 100), ([], []))
    same("tried", made.tried, True)


def test_stamps_are_written_in_utc_or_since_the_start():
    made = Clock(None, 123)
    made.known = False
    made.count(0)
    made.count(35999)
    same("stamp", made.stamp(), 35)
    same("uptime", made.text(made.stamp()), "35 s after the start")
    made.known = True
    same("a time of day", abs(made.stamp() - int(time.time())) < 5, True)
    words = made.text(made.stamp())
    same("form", (len(words), words[:2], words[4], words[-4:]), (23, "20", "-", " UTC"))


def test_ports_with_the_epoch_of_2000():
    """ESP32 and RP2 count from 2000."""

    class Time:
        """The module time with another epoch."""

        def gmtime(self, seconds=None):
            return time.gmtime() if seconds is None else time.gmtime(seconds + 946684800)

        def __getattr__(self, name):
            return getattr(time, name)

    if time.gmtime(0)[0] != 1970:
        return
    clock.time = Time()
    try:
        made = started([UNIX])
        play(made, 5)
    finally:
        clock.time = time
    same("date", RTC.was_set[:3], (2026, 9, 21))


def test_seconds_are_counted_when_ticks_wrap():
    made = Clock(None, 123)
    start = time.ticks_add(0, -5000)
    for step in range(100):
        made.count(time.ticks_add(start, step * 100))
    same("seconds", made.seconds, 9)
