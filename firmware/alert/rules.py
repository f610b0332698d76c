"""Rule: which alarms of an input are reported: one at once, then a count."""


class Rule:
    """The first alarm is reported at once; those of the quiet time after it, at its end.

    A sensor that flaps for a night causes a mail each quiet time, which says how often it flapped.
    """

    def __init__(self, source, quiet: int):
        self.source = source
        self.since = 0  # when the first of the alarms came that step() counts, in s
        self.is_unreadable = False  # and that has been said
        self._quiet = quiet  # s
        self._until = 0
        self._count = 0

    def step(self, now: int, seconds: int) -> int:
        """Look at the input; return how many alarms are to be reported now: mostly 0."""
        if self.source.step(now, seconds):
            if not self._count:
                self.since = seconds
            self._count += 1
        if not self._count or seconds < self._until:
            return 0
        count = self._count
        self._count = 0
        self._until = seconds + self._quiet
        return count
