"""Rule: an input's alarms as mails, one at once and then a count."""


class Rule:
    """The first alarm is told at once. Those of the quiet time that follows are told at its end.

    A sensor that flaps for a night sends a mail each quiet time, and each says how often it did.
    """

    def __init__(self, source, quiet: int):
        self.source = source
        self.since = 0  # when the first alarm came that step() tells of, in s
        self._quiet = quiet  # s
        self._until = 0
        self._count = 0

    def step(self, now: int, seconds: int) -> int:
        """Look at the input; how many alarms are to be told now: 0 as a rule."""
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
