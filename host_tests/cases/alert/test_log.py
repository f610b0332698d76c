"""The alert application's log: bounded on flash and in memory, and written seldom."""

import os

from fake_board import same

from alert.log import Log


class Clock:
    seconds = 0

    def stamp(self):
        return self.seconds

    def text(self, stamp):
        return "%d s" % stamp


def text(name):
    try:
        with open("log/" + name) as file:
            return file.read()
    except OSError:
        return ""


def test_log_is_written_at_most_once_in_log_seconds():
    clock = Clock()
    log = Log("log", 8192, 60, clock)
    written = []
    for clock.seconds in range(301):
        if clock.seconds < 200:
            log.say("something")
        before = text("log.txt")
        log.step()
        if text("log.txt") != before:
            written.append(clock.seconds)
    same("written at", written, [0, 60, 120, 180, 240])
    lines = text("log.txt").split("\n")
    same("the first line", lines[0], "0 s  something")
    same(
        "lines, and those left out",
        (len(lines) > 150, "omitted" in text("log.txt")),
        (True, False),
    )


def test_log_rotates():
    clock = Clock()
    log = Log("log", 1000, 0, clock)
    same("files", log.files(), [])
    sizes = []
    for number in range(200):
        log.say("line number %d" % number)
        log.flush()
        sizes.append(len(text("log.txt")) + len(text("older.txt")))
    same("never too large", max(sizes) <= 2000, True)
    same("files", log.files(), ["log/log.txt", "log/older.txt"])
    # No entry is missing between the two.
    lines = (text("older.txt") + text("log.txt")).split("\n")[:-1]
    first = int(lines[0].split(" ")[-1])
    same("lines", lines, ["0 s  line number %d" % n for n in range(first, 200)])


def test_entries_beyond_the_buffer_are_counted():
    log = Log("log", 8192, 60, Clock())
    for number in range(500):
        log.say("number %d" % number)
    log.flush()
    lines = text("log.txt").split("\n")
    same("kept", lines[0], "0 s  number 0")
    kept = len(lines) - 2
    same("octets", 900 < kept * 15 < 1200, True)
    same("told", lines[-2], "(%d lines omitted)" % (500 - kept))


def test_log_is_not_written_while_a_mail_reads_it():
    log = Log("log", 8192, 0, Clock())
    log.say("before")
    log.step()
    log.held = True
    log.say("meanwhile")
    log.step()
    same("log", text("log.txt"), "0 s  before\n")
    log.held = False
    log.step()
    same("log", text("log.txt"), "0 s  before\n0 s  meanwhile\n")


def test_empty_log_is_not_written():
    log = Log("log", 8192, 0, Clock())
    log.flush()
    log.step()
    same("files", os.listdir("log"), [])


def test_old_log_is_removed_but_not_while_a_mail_reads_it():
    log = Log("log", 100, 0, Clock())
    for number in range(10):
        log.say("a line of the log, and its number: %d" % number)
        log.flush()
    log.held = True
    log.make_room()
    same("files", len(log.files()), 2)
    log.held = False
    log.make_room()
    same("files", log.files(), ["log/log.txt"])
    log.make_room()


def test_flush_to_unwritable_flash_raises_nothing():
    log = Log("log", 8192, 0, Clock())
    os.rmdir("log")
    log.say("lost")
    log.flush()
    same("files", log.files(), [])
