"""The pending alerts. Each is a file on flash until the server has its mail."""

import json
import os

from hssmtp import const

from .flash import Trouble, make_folder, problem
from .output import one_line

_ENOENT = const(2)
_FAR = 1 << 32  # s. Later than any port's time.


class Alert:
    """An alarm to be mailed. first, last: its times, as Clock.stamp() returns them."""

    def __init__(self, name: str, text: str, count: int, first: int, last: int, readings: str):
        self.name = name
        self.text = text
        self.count = count
        self.first = first
        self.last = last
        self.readings = readings  # at the first alarm
        self.number = 0  # the name of its file
        self.is_kept = False  # a file exists, perhaps without the latest count
        self.mail = None  # kept while in doubt: the retry sends the same mail
        self.in_doubt = False  # the server may have the mail
        self.bare = False  # sent without the log
        self.due = 0  # not sent before this time, in s since the start


class Pending:
    """The alerts of a folder, oldest first.

    A new alert is counted into a waiting one of the same name. So each name has at most two
    alerts: one that the server may have, and one that waits. No method raises because of flash: an
    alert that can't be written is kept in memory.
    make_room: frees flash; called when a write fails.
    """

    def __init__(self, folder: str, say, make_room):
        self.alerts = []
        self._folder = folder
        self._say = say
        self._make_room = make_room
        self._trouble = Trouble(say)
        self._leftover = Trouble(say)
        self._last = 0  # the highest number of a file
        for name in self._names():
            self._load(name)

    def _names(self):
        """Return the names of the folder's files, the oldest first."""
        why_not_made = make_folder(self._folder)  # EEXIST as a rule
        try:
            return sorted(os.listdir(self._folder))
        except OSError as exc:
            why = why_not_made or exc if exc.errno == _ENOENT else exc
            self._say("the folder %s can't be read: %s" % (self._folder, problem(why)))
            return []

    def _load(self, name):
        path = self._folder + "/" + name
        number = _number(name)
        self._last = max(self._last, number)
        try:
            with open(path) as file:
                fields = json.load(file)
            if not number or not _is_alert(fields):
                raise ValueError
        except (OSError, MemoryError) as exc:  # the next reset may make it readable
            self._say("%s can't be read, and is kept: %s" % (path, problem(exc)))
            return
        except (ValueError, TypeError, RuntimeError):  # RuntimeError: JSON nested too deeply
            self._say("%s is removed: it is damaged, or not an alert" % path)
            self._remove(path)
            return
        name, text, count, first, last, readings = fields
        # A mail can't contain unprintable characters.
        alert = Alert(one_line(name), one_line(text), count, first, last, one_line(readings))
        alert.number = number
        alert.is_kept = True
        self.alerts.append(alert)

    def add(self, new: Alert) -> None:
        """Store an alert, or count it into a waiting one of the same name."""
        for alert in self.alerts:
            if alert.name == new.name and not alert.mail:
                alert.count += new.count
                alert.last = new.last
                break
        else:
            alert = new
            alert.number = self._last + 1
            while _exists(self._path(alert)):  # an older alert, if the folder couldn't be read
                alert.number += 1
            self._last = alert.number
            self.alerts.append(alert)
        try:
            self._save(alert)
        except OSError:
            self._make_room()
            make_folder(self._folder)  # missing if flash was full at the start
            try:
                self._save(alert)
            except OSError as exc:
                self._trouble.tell(
                    "alerts are in memory only, a reset loses them: " + problem(exc)
                )
                return
        self._trouble.clear()

    def remove(self, alert: Alert) -> None:
        """Remove an alert: the server has it."""
        self.alerts.remove(alert)
        if alert.is_kept and not self._remove(self._path(alert)):
            self._leftover.tell("sent alerts can't be removed: a reset sends them again")

    def _path(self, alert):
        return "%s/%08d" % (self._folder, alert.number)

    def _save(self, alert):
        """Write the file as a whole: littlefs renames atomically.

        Raises OSError.
        """
        path = self._path(alert)
        fields = (alert.name, alert.text, alert.count, alert.first, alert.last, alert.readings)
        try:
            with open(path + ".new", "w") as file:
                json.dump(fields, file)
            os.rename(path + ".new", path)
            alert.is_kept = True
        except OSError:
            self._remove(path + ".new")  # a partial file may fill the flash
            raise

    def _remove(self, path):
        """Remove or empty a file; return False if both fail: the next start reads it again."""
        try:
            os.remove(path)
        except OSError as exc:
            return exc.errno == _ENOENT or _emptied(path)
        return True


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _emptied(path):
    """Empty a file; return whether that worked."""
    try:
        with open(path, "w"):
            return True
    except OSError:
        return False


def _number(name):
    """Return the number that a file is named by; 0 if Pending writes no such name."""
    number = int(name) if len(name) < 11 and not name.strip("0123456789") and name else 0
    return number if name == "%08d" % number else 0


def _is_alert(fields):
    """Return whether the content of a file is an alert."""
    if not isinstance(fields, list) or len(fields) != 6:
        return False
    for field, kind in zip(fields, (str, str, int, int, int, str)):
        if not isinstance(field, kind) or isinstance(field, bool):
            return False
    name, text, count, first, last, _ = fields
    # Clock.text() needs a time that the port can represent.
    are_times = 0 <= first < _FAR and 0 <= last < _FAR
    return name != "" and text != "" and count > 0 and are_times
