"""The alert application's pending alerts: safe on flash, few, and none lost."""

import json
import os

from fake_board import Said, same

from alert import pending
from alert.pending import Alert, Pending


def alert(name="Door", count=1, first=1000, last=1000):
    return Alert(name, name + " is open", count, first, last, "Boiler 95.2 °C")


def opened(said=None):
    said = said or Said()
    return Pending("pending", said.say, said.lines.clear)


def fields(alerts):
    return [(one.name, one.text, one.count, one.first, one.last, one.readings) for one in alerts]


def test_alerts_survive_a_reset():
    before = opened()
    for name in ("Door", "Boiler", "Heartbeat"):
        before.add(alert(name))
    after = opened()
    same("alerts", fields(after.alerts), fields(before.alerts))
    same("names", [one.name for one in after.alerts], ["Door", "Boiler", "Heartbeat"])
    after.remove(after.alerts[1])
    same("left", [one.name for one in opened().alerts], ["Door", "Heartbeat"])


def test_waiting_alert_counts_the_next():
    kept = opened()
    kept.add(alert())
    for hour in range(1, 50):
        kept.add(alert(count=hour, first=hour * 3600, last=hour * 3600))
    same("files", len(os.listdir("pending")), 1)
    for found in (kept.alerts, opened().alerts):
        same("one", fields(found), fields([alert(count=1 + 49 * 25, first=1000, last=49 * 3600)]))


def test_alert_in_doubt_is_not_changed():
    kept = opened()
    kept.add(alert())
    kept.alerts[0].mail = "its mail"
    for _ in range(50):
        kept.add(alert())
    same("counts", [one.count for one in kept.alerts], [1, 50])
    same("on flash", [one.count for one in opened().alerts], [1, 50])
    kept.remove(kept.alerts[0])
    same("left", [one.count for one in opened().alerts], [50])


def test_oldest_alert_comes_first():
    kept = opened()
    names = ["input %d" % number for number in range(25)]
    for name in names:
        kept.add(alert(name))
    same("names", [one.name for one in opened().alerts], names)


def test_power_lost_while_writing_loses_no_older_alert():
    """Each file is complete: the old version or the new one."""
    kept = opened()
    kept.add(alert())
    with open("pending/00000001.new", "w") as file:
        file.write('["Door", "Door is op')
    with open("pending/00000002.new", "w") as file:
        pass
    with open("pending/00000003", "w") as file:
        file.write("5")
    os.mkdir("pending/4")
    said = Said()
    same("alerts", fields(opened(said).alerts), fields([alert()]))
    same("told", said.has("00000001.new"), True)
    same("files", sorted(os.listdir("pending")), ["00000001", "4"])


def test_file_with_wrong_types_is_no_alert():
    os.mkdir("pending")
    good = ["Door", "Door is open", 1, 1000, 1000, "Boiler 95.2"]
    for number, value in enumerate((None, 5, "5", [], True, 0, -1, 1 << 70, 0.5, "")):
        for at in range(6):
            fields = list(good)
            fields[at] = value
            with open("pending/%08d" % (10 * number + at + 1), "w") as file:
                json.dump(fields, file)
    for one in opened().alerts:
        kinds = [type(field) for field in fields_of(one)]
        same("kinds", kinds, [str, str, int, int, int, str])
        same("range", one.count > 0 and 0 <= one.first < 1 << 32, True)


def fields_of(one):
    return fields([one])[0]


def test_damaged_characters_are_replaced():
    os.mkdir("pending")
    with open("pending/00000001", "w") as file:
        file.write('["Door", "Door\\u0000\\u202e is\\nopen", 1, 5, 5, "\\u001b"]')
    (one,) = opened().alerts
    same("text", (one.text, one.readings), ("Door?? is?open", "?"))


def test_file_with_a_foreign_name_is_not_sent_at_each_start():
    os.mkdir("pending")
    for name in ("1", "+0000001", "-0000001", "0000001", "x"):
        with open("pending/" + name, "w") as file:
            file.write('["Door", "Door is open", 1, 5, 5, "none"]')
    same("alerts", opened().alerts, [])
    same("files", os.listdir("pending"), [])


class FullFlash:
    """The module os, but rename() fails with ENOSPC a number of times."""

    def __init__(self, times):
        self.times = times

    def rename(self, old, new):
        if self.times:
            self.times -= 1
            raise OSError(28, "no space")
        os.rename(old, new)

    def __getattr__(self, name):
        return getattr(os, name)


def add_with_full_flash(times):
    said = Said()
    made = []
    kept = Pending("pending", said.say, lambda: made.append(1))
    pending.os = FullFlash(times)
    try:
        kept.add(alert())
    finally:
        pending.os = os
    same("room was made", made, [1])
    same("kept in memory", len(kept.alerts), 1)
    return kept, said


def test_alert_is_stored_once_flash_has_room():
    said = add_with_full_flash(1)[1]
    same("told", said.lines, [])
    same("on flash", len(opened().alerts), 1)


def test_alert_stays_in_memory_while_flash_is_full():
    kept, said = add_with_full_flash(2)
    same("told", said.has("in memory only"), True)
    same("on flash", len(opened().alerts), 0)
    kept.add(alert())
    same("on flash, the next time", fields(opened().alerts), fields([alert(count=2)]))
    kept.remove(kept.alerts[0])


def test_alert_that_was_never_stored_can_be_removed():
    kept = add_with_full_flash(2)[0]
    kept.remove(kept.alerts[0])
    same("left", kept.alerts, [])
