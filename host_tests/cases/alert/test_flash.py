"""The alert application with a flash that fails: the alert is sent, and the main loop goes on."""

import os

from alert_play import Play
from failing_flash import ERRORS, OPERATIONS, Flash
from fake_board import same
from flash_checks import check_alerts_are_sent, check_problems_are_said_once, clear, printed


def started_on(flash):
    """Start a device for the first time, and let it send; return what it printed."""

    def run():
        with flash:
            check_alerts_are_sent(Play())

    clear()
    return printed(run)


def test_each_operation_fails_from_the_first_start_on():
    for operation in OPERATIONS:
        for errno in ERRORS:
            check_problems_are_said_once(started_on(Flash([operation], errno)))


def test_all_operations_fail_from_the_first_start_on():
    for errno, words in zip(ERRORS, ("EIO", "flash is full", "read-only")):
        lines = started_on(Flash(OPERATIONS, errno))
        problems = check_problems_are_said_once(lines)
        same("said in %s" % lines, [words in line for line in problems], [True] * len(problems))
        for what in ("folder pending", "log can't be written", "memory only"):
            same(what, len([line for line in problems if what in line]), 1)
        same("files", [name for name in os.listdir() if name in ("log", "pending")], [])


def failing_after_the_start(operations):
    """Let operations fail while a device runs, and work again; return what it printed."""
    flash = Flash()

    def run():
        with flash:
            play = Play()
            check_alerts_are_sent(play, 1)
            flash.failing.update(operations)
            check_alerts_are_sent(play)
            flash.failing.clear()
            check_alerts_are_sent(play, 1)

    clear()
    return printed(run)


def test_each_operation_fails_after_the_start():
    for operations in [(operation,) for operation in OPERATIONS] + [OPERATIONS]:
        check_problems_are_said_once(failing_after_the_start(operations))
        after = Play()
        after.run(5)
        same("mails after a reset", after.texts(), [])
        same("pending", os.listdir("pending"), [])
        with open("log/log.txt") as file:
            text = file.read()
        same("the log goes on", "sent to" in text and text[-1] == "\n", True)


def test_alerts_are_stored_again_once_flash_has_room():
    flash = Flash(OPERATIONS, 28)
    with flash:
        play = Play(connected=False)
        play.press()
        flash.failing.clear()
        play.run(70, 100)
        play.press()
        play.run(70, 100)
    same("pending", len(os.listdir("pending")), 1)
    after = Play()
    after.run(5)
    same("told", "Subject: boiler room: The door is open (2 times)" in after.texts()[0], True)


def test_unreadable_alert_is_left_for_the_next_start():
    before = Play(connected=False)
    before.press()
    with Flash(["read"]):
        lines = printed(Play)
    same("said", [line for line in lines if "can't be read, and is kept" in line] != [], True)
    after = Play()
    after.run(5)
    same("mails", len(after.texts()), 1)


def test_unlisted_alert_is_not_overwritten():
    before = Play(connected=False)
    before.press()
    with Flash(["listdir"]):
        lines = printed(lambda: Play(connected=False).press())
    same("said in %s" % lines, "folder pending can't be read: flash fails" in "".join(lines), True)
    after = Play()
    after.run(10)
    same("mails", len(after.texts()), 2)


def test_alert_that_cannot_be_removed_is_emptied_and_not_sent_again():
    with Flash(["remove"]):
        check_alerts_are_sent(Play(), 1)
    after = Play()
    after.run(5)
    same("mails", len(after.texts()), 0)
    same("pending", os.listdir("pending"), [])


def test_log_that_cannot_be_renamed_is_begun_anew():
    with Flash(["rename"]):
        play = Play()
        for number in range(400):
            play.app.say("entry number %d, to fill the log" % number)
            play.app._log.flush()
    same("size", os.stat("log/log.txt")[6] <= 8192, True)
    with open("log/log.txt") as file:
        same("the newest entry", "entry number 399" in file.read(), True)


def test_entry_after_a_torn_one_is_a_line_of_its_own():
    play = Play()
    play.app._log.flush()
    with Flash(["write"]):
        play.app.say("an entry that is torn")
        play.app._log.flush()
    play.app.say("whole")
    play.app._log.flush()
    with open("log/log.txt") as file:
        lines = file.read().split("\n")
    same("the last entry", lines[-2].split("  ", 1)[-1], "whole")
