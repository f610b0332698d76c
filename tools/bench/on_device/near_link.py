"""A link to a Session in the same program: a server without a network."""

import time

import session

KEYWORDS = ("PIPELINING", "SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN")


class NearLink:
    """Connected at once. `spent`: how long its own work took, as time.ticks_cpu() counts."""

    def __init__(self):
        self.spent = 0
        self._begin()

    def _begin(self):
        self._session = session.Session(KEYWORDS)
        self._heard = self._session.greeting
        self._phase = 0

    def open(self, host, port):
        begun = time.ticks_cpu()
        self._begin()
        self.spent += time.cpu_since(begun)

    def step(self, now):
        self._phase += 1
        return self._phase

    def skip(self):
        return False

    def secure(self, context, host):
        pass

    def write(self, buf, off, n):
        begun = time.ticks_cpu()
        self._heard += self._session.receive(bytes(memoryview(buf)[off : off + n]))
        self.spent += time.cpu_since(begun)
        return n

    def readinto(self, buf, n):
        begun = time.ticks_cpu()
        heard = self._heard[:n]
        self._heard = self._heard[n:]
        buf[: len(heard)] = heard
        self.spent += time.cpu_since(begun)
        return len(heard) or None

    def close(self):
        pass
