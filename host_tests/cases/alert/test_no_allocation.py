"""A turn of the alert application's main loop allocates nothing while nothing happens."""

import micropython
from alert_play import OPEN, Play
from fake_board import same

ONLY = "micropython"  # CPython has no heap to lock


def turns_locked(play, turns):
    """Run turns of 20 ms with the heap locked."""
    start = play.ms
    step = play.app.step
    idle_ms = play.app.idle_ms
    slept = 0
    micropython.heap_lock()
    try:
        for turn in range(turns):
            now = start + 20 * turn
            step(now)
            slept += idle_ms(now)
    finally:
        micropython.heap_unlock()
    play.ms = start + 20 * turns
    return slept


def test_idle_turn_allocates_nothing():
    play = Play()
    play.run(5)
    play.press()
    same("mails", len(play.texts()), 1)
    play.run(60)  # until the log is written
    # Ten minutes, with LED, seconds, and quiet times that end.
    same("slept", turns_locked(play, 30000), 300000)


def test_turn_without_network_allocates_nothing():
    play = Play(connected=False)
    play.run(70)
    play.app._uplink._due = 10000  # waiting: the log lines of a try allocate
    turns_locked(play, 3000)


def test_turn_with_a_waiting_mail_allocates_nothing():
    play = Play({"GREETING": "421 later"})
    play.press()
    play.run(70)
    turns_locked(play, 1000)
    same("pending", len(play.app._pending.alerts), 1)


def test_heap_lock_notices_an_allocation():
    """The check can fail: an alarm allocates, and is noticed."""
    play = Play()
    play.run(5)
    play.door.level = OPEN
    try:
        turns_locked(play, 100)
    except MemoryError:
        return
    raise AssertionError("nobody noticed")
