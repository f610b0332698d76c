"""Checks of the alert application while its flash fails."""

import os

from fake_board import same

from alert import log


def printed(action):
    """Run an action; return the lines that the application printed, without time."""
    lines = []
    log.print = lambda line: lines.append(line.split("  ", 1)[-1])
    try:
        action()
    finally:
        del log.print
    return lines


def clear():
    """Empty the folder for the next device."""
    for folder in ("log", "pending"):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            os.remove(folder + "/" + name)
        os.rmdir(folder)


def check_alerts_are_sent(play, times=2):
    """Open the door several times, each after a quiet time: each must be mailed."""
    for _ in range(times):
        before = len(play.texts())
        play.press()
        play.run(70, 100)
        same("mails", len(play.texts()) - before, 1)
        same("subject", "Subject: boiler room: The door is open" in play.texts()[-1], True)


def check_problems_are_said_once(lines):
    problems = [line for line in lines if "flash" in line and "no mail about" not in line]
    for line in problems:
        same("times said: " + line, problems.count(line), 1)
    return problems
