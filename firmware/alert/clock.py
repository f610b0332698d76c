"""The clock: seconds since the start, and the time of day, set from a time server."""

import time

import machine
from hssmtp import const

from .backoff import Backoff
from .sntp import Question

_YEAR = const(2024)  # a clock that shows an earlier year is not set
_EVERY = const(43200)  # s. A board's crystal drifts by about 2 s in that time.
_RETRY = const(16)  # s. RFC 4330 10: at least 15 s between requests, and longer each time
_RETRY_MOST = const(3600)
_FROM_1970_TO_2000 = 946684800  # s
_UPTIME = const(500000000)  # s. A smaller number is an uptime on every port.


class Clock:
    """Counts the seconds since the start, and sets the time of day; no method waits.

    server: name or address of a time server; None: other code sets the clock.
    """

    def __init__(self, server: "str | None", port: int):
        self.seconds = 0  # since the start
        self.known = time.gmtime()[0] >= _YEAR
        self.tried = server is None  # after the first try mails don't wait for the time
        self._server = server
        self._port = port
        self._counted = None  # the tick up to which seconds are counted
        self._question = None
        self._due = 0
        self._backoff = Backoff(_RETRY, _RETRY_MOST)

    def count(self, now: int) -> None:
        """Count the seconds. now: ms, as ticks_ms() has it, which wraps after 12 days."""
        if self._counted is None:
            self._counted = now
        while time.ticks_diff(now, self._counted) >= 1000:
            self._counted = time.ticks_add(self._counted, 1000)
            self.seconds += 1

    def step(self, now: int, online: bool, say) -> bool:
        """Do bounded work; return True when the clock is set for the first time."""
        if not online:
            if self._question:
                self._question.close()
                self._question = None
            return False
        if not self._question and (self._server is None or self.seconds < self._due):
            return False
        was_known = self.known
        try:
            # Packets from the network raise no other exceptions.
            if not self._poll_server(now):
                return False
        except (OSError, ValueError) as exc:
            wait = self._backoff.next()
            self._end(wait)
            say("no time from %s, retry in %d s: %s" % (self._server, wait, exc))
            return False
        self._end(_EVERY)
        self._backoff.reset()
        say("the clock is set by " + self._server)
        return not was_known

    def _poll_server(self, now):
        """Do bounded work for a request; return True when it has set the clock.

        Raises OSError if the server gives no time, ValueError if the board's clock can't be set
        to that time.
        """
        if not self._question:
            self._question = Question(self._server, self._port)
            return False
        unix = self._question.step(now)
        if unix is None:
            return False
        try:
            self._set(unix)
        except OverflowError:
            raise ValueError("its time, %d s after 1970, is out of this board's range" % unix)
        return True

    def _end(self, wait):
        if self._question:
            self._question.close()
            self._question = None
        self._due = self.seconds + wait
        self.tried = True

    def _set(self, unix):
        if time.gmtime(0)[0] == 2000:  # the port's epoch
            unix -= _FROM_1970_TO_2000
        year, month, day, hour, minute, second, weekday = time.gmtime(unix)[:7]
        machine.RTC().datetime((year, month, day, weekday + 1, hour, minute, second, 0))
        self.known = True

    def stamp(self) -> int:
        """Return time() or, while the clock is not set, the seconds since the start."""
        return int(time.time()) if self.known else self.seconds

    def text(self, stamp: int) -> str:
        """Return a stamp as text. Any number is accepted."""
        if stamp < _UPTIME:
            return "%d s after the start" % stamp
        try:
            return "%d-%02d-%02d %02d:%02d:%02d UTC" % time.gmtime(stamp)[:6]
        except (OverflowError, ValueError, OSError):  # a damaged file, or a wrong clock
            return "time %d" % stamp
