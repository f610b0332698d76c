"""The pending alerts: each a file on flash until the server has its mail."""

import json
import os

from hssmtp import const

from .flash import Trouble, make_folder, problem
from .output import one_line

_ENOENT = const(2)
_FAR = 1 << 32  # s. No port's time is beyond it.


class Alert:
    """What a mail tells. first, last: when it happened, as Clock.stamp() returns it."""

    def __init__(self, name: str, text: str, count: int, first: int, last: int, readings: str):
        self.name = name
        self.text = text
        self.count = count
        self.first = first
        self.last = last
        self.readings = readings  # of the first time
        self.number = 0  # of its file
        self.is_kept = False  # on flash, as it is or as it was before it took in a later one
        self.mail = None  # kept while a server may have seen it: a retry sends the same mail
        self.in_doubt = False  # a server may have taken it
        self.bare = False  # no log goes with it
        self.due = 0  # when it may be tried, in s


class Pending:
    """The alerts of a folder, oldest first.

    An alert that waits takes in later ones of the same name, as a count. So there are at most two
    for each name, one that a server may have seen and one that waits, however long the server is
    away. No method raises because of flash: an alert that can't be written is kept in memory.
    make_room: called when a write fails, to free flash.
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
        """The names of the folder's files, the oldest first."""
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
        except (OSError, MemoryError) as exc:  # it may be readable after the next reset
            self._say("%s can't be read, and is left there: %s" % (path, problem(exc)))
            return
        except (ValueError, TypeError, RuntimeError):  # RuntimeError: nested too deeply
            self._say("%s is no alert and is removed: half written, or damaged" % path)
            self._remove(path)
            return
        name, text, count, first, last, readings = fields
        # No mail could be made of damaged characters.
        alert = Alert(one_line(name), one_line(text), count, first, last, one_line(readings))
        alert.number = number
        alert.is_kept = True
        self.alerts.append(alert)

    def add(self, new: Alert) -> None:
        """Keep an alert, or count it into one that waits."""
        for alert in self.alerts:
            if alert.name == new.name and not alert.mail:
                alert.count += new.count
                alert.last = new.last
                break
        else:
            alert = new
            alert.number = self._last + 1
            while _exists(self._path(alert)):  # an alert from before, if the folder wasn't read
                alert.number += 1
            self._last = alert.number
            self.alerts.append(alert)
        try:
            self._save(alert)
        except OSError:
            self._make_room()
            make_folder(self._folder)  # it may be missing since flash was full at the start
            try:
                self._save(alert)
            except OSError as exc:
                self._trouble.tell(
                    "alerts are kept in memory alone, a reset loses them: " + problem(exc)
                )
                return
        self._trouble.clear()

    def remove(self, alert: Alert) -> None:
        """Forget an alert: the server has it."""
        self.alerts.remove(alert)
        if alert.is_kept and not self._remove(self._path(alert)):
            self._leftover.tell("alerts that were sent stay on flash: a reset sends them again")

    def _path(self, alert):
        return "%s/%08d" % (self._folder, alert.number)

    def _save(self, alert):
        """Write it whole: the name appears when all of it is there (littlefs renames atomically).

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
            self._remove(path + ".new")  # a part of it may fill the flash
            raise

    def _remove(self, path):
        """Remove a file; False if that fails, and an alert would be found there again."""
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
    """Whether a file could be emptied: then it is no alert after a reset."""
    try:
        with open(path, "w"):
            return True
    except OSError:
        return False


def _number(name):
    """The number that is a file's name as Pending writes it; 0 for any other name."""
    number = int(name) if len(name) < 11 and not name.strip("0123456789") and name else 0
    return number if name == "%08d" % number else 0


def _is_alert(fields):
    """Whether a file's content is that of an alert."""
    if not isinstance(fields, list) or len(fields) != 6:
        return False
    for field, kind in zip(fields, (str, str, int, int, int, str)):
        if not isinstance(field, kind) or isinstance(field, bool):
            return False
    name, text, count, first, last, _ = fields
    # Clock.text() can't write a time beyond the port's.
    are_times = 0 <= first < _FAR and 0 <= last < _FAR
    return name != "" and text != "" and count > 0 and are_times
