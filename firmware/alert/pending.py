"""The pending alerts: each a file on flash until the server has its mail."""

import json
import os


class Alert:
    """What is to be told. first, last: when it was, as Clock.stamp() has it."""

    def __init__(self, name: str, text: str, count: int, first: int, last: int, readings: str):
        self.name = name
        self.text = text
        self.count = count
        self.first = first
        self.last = last
        self.readings = readings  # of the first time
        self.number = 0  # of its file
        self.mail = None  # while a server may have seen it: it stays as it is
        self.in_doubt = False  # a server may have taken it
        self.bare = False  # no log goes with it
        self.due = 0  # when it may be tried, in s


class Pending:
    """The alerts of a folder, oldest first.

    One that waits takes in later ones of the same name, as a count. So there are two a name at
    the most, one that a server may have seen and one that waits, however long the server is away.
    make_room: called when flash is full.
    """

    def __init__(self, folder: str, say, make_room):
        self.alerts = []
        self._folder = folder
        self._say = say
        self._make_room = make_room
        try:
            os.mkdir(folder)
        except OSError:  # it is there
            pass
        for name in sorted(os.listdir(folder)):
            self._load(name)

    def _load(self, name):
        path = self._folder + "/" + name
        try:
            with open(path) as file:
                fields = json.load(file)
            alert = Alert(*fields)
            alert.number = int(name)
        except (OSError, ValueError, TypeError):  # half written when power was lost, or damaged
            self._say("removed from %s, since it is no alert: %s" % (self._folder, name))
            _remove(path)
        else:
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
            alert.number = self.alerts[-1].number + 1 if self.alerts else 1
            self.alerts.append(alert)
        try:
            self._save(alert)
        except OSError:
            self._make_room()
            try:
                self._save(alert)
            except OSError as exc:
                self._say("flash is full, the alert is in memory alone: " + str(exc))

    def remove(self, alert: Alert) -> None:
        """Forget an alert: the server has it."""
        self.alerts.remove(alert)
        _remove(self._path(alert))

    def _path(self, alert):
        return "%s/%08d" % (self._folder, alert.number)

    def _save(self, alert):
        """Write it whole: its name is there when all of it is (littlefs renames at one go)."""
        path = self._path(alert)
        fields = (alert.name, alert.text, alert.count, alert.first, alert.last, alert.readings)
        with open(path + ".new", "w") as file:
            json.dump(fields, file)
        os.rename(path + ".new", path)


def _remove(path):
    try:
        os.remove(path)
    except OSError:  # flash had not taken it, or gives it no more
        pass
