"""Backoff: how long to wait before another try."""


class Backoff:
    """Each wait is twice the one before, up to the most. The unit is the caller's."""

    def __init__(self, first: int, most: int):
        self._first = first
        self._most = most
        self._wait = first

    def next(self) -> int:
        """Hand out the wait that is due now."""
        wait = self._wait
        self._wait = min(2 * wait, self._most)
        return wait

    def reset(self) -> None:
        """Begin anew: it went well."""
        self._wait = self._first
