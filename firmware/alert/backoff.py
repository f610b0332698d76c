"""Backoff: how long to wait before the next try."""


class Backoff:
    """Each wait is twice as long as the one before, up to `most`, in any unit of time."""

    def __init__(self, first: int, most: int):
        self._first = first
        self._most = most
        self._wait = first

    def next(self) -> int:
        """Return how long to wait this time."""
        wait = self._wait
        self._wait = min(2 * wait, self._most)
        return wait

    def reset(self) -> None:
        """Begin again with the first wait, after a success."""
        self._wait = self._first
