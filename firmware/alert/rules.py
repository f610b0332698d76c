"""Rule: limits how often the alarms of an input are reported."""


class Rule:
    """Reports the first alarm at once, and the number of alarms in the quiet time at its end.

    A contact that bounces all night causes one mail in each quiet time, with the count.
    """

    def __init__(self, source, quiet: int):
        self.source = source
        self.since = 0  # time of the first alarm in the count, in s since the start
        self.is_unreadable = False  # as the log has it
        self._quiet = quiet  # s
        self._quiet_end = 0
        self._count = 0

    def step(self, now: int, seconds: int) -> int:
        """Poll the input; return how many alarms to report now, mostly 0."""
        if self.source.step(now, seconds):
            if not self._count:
                self.since = seconds
            self._count += 1
        if not self._count or seconds < self._quiet_end:
            return 0
        count = self._count
        self._count = 0
        self._quiet_end = seconds + self._quiet
        return count
