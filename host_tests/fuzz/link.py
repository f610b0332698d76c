"""A network in memory that does its worst, and keeps what a client can know of it."""

import random
from collections.abc import Callable
from typing import Any

_RESET = 104  # ECONNRESET
_BROKEN_PIPE = 32  # EPIPE


class Violation(Exception):
    """A property that does not hold: its name, and what was seen."""

    def __init__(self, name: str, text: str):
        super().__init__(name, text)
        self.name = name
        self.text = text


class Wire:
    """One connection as the client saw it.

    taken, given: the bytes that the client wrote and read. reads: for each read, how many bytes
    had been given after it, and how many had been taken by then. secured_at: how many bytes had
    been taken when TLS began, -1 without TLS. end: "closed" or "reset", as the client was told.
    """

    def __init__(self, server: Any):
        self.server = server
        self.taken = bytearray()
        self.given = bytearray()
        self.reads: list[tuple[int, int]] = []
        self.secured_at = -1
        self.given_before_tls = 0
        self.end = ""
        self.failed_before_open = ""  # "resolve", "connect" or "secure"


class Manner:
    """How a network hands over bytes; a new one for each dialogue.

    most_in, most_out: bytes at once, 0: all. block: how often a read or a write has to wait.
    delay: how often bytes are under way for a while. cuts: how likely each connection is cut.
    """

    def __init__(self, rng: random.Random):
        self.most_in = rng.choice((0, 0, 0, 40, 40, 7, 128, 1))
        self.most_out = rng.choice((0, 0, 0, 0, 300, 60, 11, 1))
        self.block = rng.choice((0, 0, 0, 0.1, 0.3))
        self.delay = rng.choice((0, 0, 0.2, 0.6))
        self.cuts = rng.choice((0, 0, 0, 0.3, 0.9))
        self.fails_to_open = rng.choice((0, 0, 0, 0, 0.05))

    def calm(self) -> None:
        """Become a good network."""
        self.most_in = self.most_out = 0
        self.block = self.delay = self.cuts = self.fails_to_open = 0

    def cut(self, rng: random.Random) -> "Cut | None":
        """Where and how the next connection is cut."""
        if rng.random() >= self.cuts:
            return None
        return Cut(rng)


class Cut:
    """The end of a connection when so many bytes have gone out or come in.

    is_at_end: or when all of a mail's data has gone. how: "reset", "closed" or "silence".
    delivers: what was under way still arrives. is_heard: what the server has said can be read.
    grace: how many writes are taken, and lost, before one fails.
    """

    def __init__(self, rng: random.Random):
        self.is_at_end = rng.random() < 0.25
        self.is_out = self.is_at_end or rng.random() < 0.6
        if self.is_out:
            most = rng.choice((60, 200, 500, 2000))
        else:
            most = rng.choice((40, 200, 400))
        self.at = 1 << 30 if self.is_at_end else rng.randrange(most)
        self.how = rng.choice(("reset", "closed", "silence"))
        self.delivers = rng.random() < 0.6
        self.is_heard = rng.random() < 0.5
        self.grace = rng.choice((0, 0, 1, 3))
        self.has_happened = False


class Link:
    """What a client takes for a connection to a mail server.

    make_server: returns a server for each connection. trace: called with what happens, to print.
    """

    def __init__(
        self,
        rng: random.Random,
        manner: Manner,
        make_server: Callable[[int], Any],
        trace: Callable[..., None] | None = None,
    ):
        self.rng = rng
        self.manner = manner
        self.make_server = make_server
        self.trace = trace
        self.wires: list[Wire] = []
        self.wire: Any = None  # the open one
        self.has_delayed = False  # in this tick something was held back by chance
        self.most_connections = 12
        self._server: Any = None
        self._up = bytearray()  # taken, and not yet at the server
        self._phase = 0
        self._cut: Cut | None = None
        self._offered: bytes | None = None
        self._handshake = -1  # steps of TLS that are left, -1: none is under way
        self._grace = 0

    # What the client calls

    def open(self, host: str, port: int) -> None:
        """Begin a connection."""
        if self.wire:
            raise Violation("link", "open() while a connection is open")
        self._server = self.make_server(len(self.wires))
        self.wire = Wire(self._server)
        self.wires.append(self.wire)
        if len(self.wires) > self.most_connections:
            raise Violation("connections", f"{len(self.wires)} connections")
        self._up = bytearray()
        self._phase = 1
        self._cut = self.manner.cut(self.rng)
        self._grace = self._cut.grace if self._cut else self.rng.choice((0, 0, 1, 3))
        self._offered = None
        self._handshake = -1
        if self.trace:
            self.trace("link", f"opens connection {len(self.wires)}")

    def step(self, now: int) -> int:
        """Resolve, connect, be open."""
        wire = self._must_be_open()
        rng = self.rng
        if self.manner.fails_to_open and rng.random() < self.manner.fails_to_open:
            wire.failed_before_open = "resolve" if self._phase == 1 else "connect"
            raise OSError(111, "refused by chance")
        if self.manner.block and rng.random() < self.manner.block:
            self.has_delayed = True
            return self._phase
        self._phase += 1
        if self._phase == 3:
            self._server.connect()
        return self._phase

    def skip(self) -> bool:
        """There is one address."""
        return False

    def secure(self, context: object, host: str) -> None:
        """Begin TLS: bytes of before that are still under way spoil the handshake."""
        wire = self._must_be_open()
        if self.trace:
            self.trace("link", "begins TLS")
        if wire.secured_at >= 0:
            raise Violation("link", "TLS a second time")
        wire.secured_at = len(wire.taken)
        wire.given_before_tls = len(wire.given)
        self._offered = None
        self._deliver()
        self._handshake = self.rng.choice((0, 1, 3))
        is_spoiled = wire.taken and self._server.out  # a greeting waits for TLS
        if is_spoiled or self.manner.fails_to_open and self.rng.random() < 0.2:
            self._handshake = -2
        else:
            self._server.secure()

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        """Take some of the bytes; None: none now."""
        wire = self._must_be_open()
        if n <= 0 or off < 0 or off + n > len(buf):
            raise Violation("link", f"write of {n} bytes at {off}")
        offered = bytes(buf[off : off + n])
        if self._offered is not None and self._offered != offered:
            raise Violation("link", "other bytes than before the write had to wait")
        self._offered = None
        if self._handshake != -1 and not self._shake(wire):
            self._offered = offered
            return None
        lost = self._cut is not None and self._cut.has_happened or self._server.is_gone
        if lost and not self._take_in_vain(wire):
            self._offered = offered
            return None
        if self._must_wait() or self._server.stops_reading:
            self._offered = offered
            return None
        most = self.manner.most_out
        if most:
            n = min(n, most)
        cut = self._cut
        if cut and cut.is_out and not cut.has_happened:
            n = min(n, max(1, cut.at - len(wire.taken)))
        wire.taken += offered[:n]
        if self.trace:
            self.trace("client", offered[:n])
        if lost:
            return n
        self._up += offered[:n]
        if cut and not cut.has_happened and self._is_cut_by_write(cut, wire):
            self._sever(cut)
        elif not self.manner.delay or self.rng.random() >= self.manner.delay:
            self._deliver()
        return n

    def readinto(self, buf: bytearray, n: int) -> int | None:
        """Give some bytes; 0: the end, None: none now."""
        wire = self._must_be_open()
        if n <= 0 or n > len(buf):
            raise Violation("link", f"read of {n} bytes")
        if self._handshake != -1 and not self._shake(wire):
            return None
        cut = self._cut
        if not cut or not cut.has_happened:
            if self._up and self.manner.delay and self.rng.random() < self.manner.delay:
                self.has_delayed = True
            else:
                self._deliver()
            if cut and not cut.is_out and len(wire.given) >= cut.at:
                self._sever(cut)
        if cut and cut.has_happened and not (cut.is_heard and self._server.out):
            return self._end(wire, cut.how)
        out = self._server.out
        if not out:
            if self._server.is_gone:
                return self._end(wire, "closed")
            self._server.look(n)
        if not out or self._must_wait():
            return None
        count = min(n, len(out))
        if self.manner.most_in:
            count = min(count, self.manner.most_in)
        elif self.rng.random() < 0.2:
            count = self.rng.randrange(1, count + 1)
        if cut and not cut.is_out and not cut.has_happened:
            count = min(count, max(1, cut.at - len(wire.given)))
        piece = out[:count]
        del out[:count]
        buf[:count] = piece
        wire.given += piece
        wire.reads.append((len(wire.given), len(wire.taken)))
        if self.trace:
            self.trace("server", bytes(piece))
        return count

    def close(self) -> None:
        """Let go of it. A client may do so twice."""
        if self.wire and self.trace:
            self.trace("link", "is closed by the client")
        self.wire = None

    # What the dialogue calls

    def is_stuck(self) -> bool:
        """Whether nothing more comes or goes before the client gives up."""
        if not self.wire or self.has_delayed:
            return False
        if self._cut and self._cut.has_happened:
            return self._cut.how == "silence"
        return not self._up and not self._server.out and not self._server.is_gone

    def hang_up(self) -> None:
        """The server closes the connection that is open, in silence."""
        self._up.clear()
        self._server.out.clear()
        self._server.is_gone = True
        self._cut = None

    # How it is done

    def _must_be_open(self) -> Wire:
        if not self.wire:
            raise Violation("link", "a closed connection is used")
        return self.wire

    def _must_wait(self):
        if self.manner.block and self.rng.random() < self.manner.block:
            self.has_delayed = True
            return True
        return False

    def _deliver(self):
        """Let the server have what is under way."""
        if self._up and not self._server.is_gone:
            piece = bytes(self._up)
            self._up.clear()
            self._server.receive(piece)

    def _is_cut_by_write(self, cut, wire):
        """Whether the bytes that were taken last are those behind which the connection ends."""
        if cut.is_at_end:
            # Of a chunk it is the server that knows where it ends, and only if it gets it.
            return wire.taken.endswith(b"\r\n.\r\n") or self._server.has_whole_chunk(self._up)
        return cut.is_out and len(wire.taken) >= cut.at

    def _sever(self, cut):
        cut.has_happened = True
        if self.trace:
            how = ("delivers the last bytes" if cut.delivers else "loses the last bytes") + (
                "" if cut.is_heard else " and the replies"
            )
            self.trace("link", f"{how}; then the client finds {cut.how}")
        if cut.delivers:
            self._deliver()
        self._up.clear()

    def _take_in_vain(self, wire):
        """Whether a write on a connection that has ended is taken all the same."""
        how = self._cut.how if self._cut and self._cut.has_happened else "closed"
        if self._grace > 0:
            self._grace -= 1
            return True
        if how == "silence":
            return False
        if self.trace:
            self.trace("link", "a write fails")
        wire.end = wire.end or "reset"
        raise OSError(_RESET if how == "reset" else _BROKEN_PIPE, "the connection has ended")

    def _end(self, wire, how):
        if how == "silence":
            return None
        if self.trace:
            self.trace("link", f"a read finds it {how}")
        wire.end = how
        if how == "reset":
            raise OSError(_RESET, "connection reset")
        return 0

    def _shake(self, wire):
        """Whether the TLS handshake is done; some steps of it have to wait."""
        if self._handshake == -2:
            wire.failed_before_open = "secure"
            if self.rng.random() < 0.3:
                raise ValueError("certificate is not trusted")
            raise OSError(1, "wrong version number")
        if self._handshake > 0:
            self._handshake -= 1
            self.has_delayed = True
            return False
        self._handshake = -1
        return True
