"""A scripted link: all failures of a network on the way to a scripted Server."""

RESET = 104  # ECONNRESET

# Modes of a link: different ways to deliver the same bytes.
MANNERS = (
    ("whole", {}),
    ("one octet at a time", {"most_in": 1}),
    ("would-block before every read and write", {"block": True}),
    ("one octet written at a time", {"most_out": 1}),
    ("all but one octet written", {"most_out": -1}),
    ("all of these", {"most_in": 1, "most_out": 1, "block": True}),
)
# Modes that count waits.
FAR = (
    ("far away", {"far": True}),
    ("far away, one octet at a time", {"far": True, "most_in": 1, "most_out": 1}),
    ("a server that stops reading", {"most_unread": 40}),
)
# Fewer modes, for slow cases.
FEW = MANNERS[:1] + FAR[:1]


class ScriptedLink:
    """A link to a Server.

    block: a would-block before every read and write. most_in, most_out: bytes at once; -1: one
    less than offered. cut: (direction "in" or "out", byte, "reset", "fin" or "silence"): what
    happens to the first connection when so many bytes have gone that way.
    far: the way is so long that nothing of what the server says comes back before the client has
    said all that it can without it, and waits. most_unread: a server that stops reading when more
    of what it said lies unread.

    waits: what the server had got last, a line of its `commands`, each time that a client waited
    for one that is far away; "<open>" is the greeting.
    """

    def __init__(
        self, server, block=False, most_in=0, most_out=0, cut=None, far=False, most_unread=0
    ):
        self.server = server
        self.block = block
        self.most_in = most_in
        self.most_out = most_out
        self.cut = cut
        self.far = far
        self.most_unread = most_unread
        self.waits = []
        self.is_open = False
        self.opened = []  # (host, port) of each
        self.secured_by = []  # (context, host) of each
        self.given = self.taken = 0  # bytes, of the last connection

    def open(self, host, port):
        if self.is_open:
            raise AssertionError("open: open already")
        if self.opened:
            self.cut = None
        self.opened.append((host, port))
        if len(self.opened) > 20:
            raise AssertionError("opened again and again")
        self.is_open = True
        self.given = self.taken = 0
        self._phase = 1
        self._waited = not self.block
        self._offered = None  # bytes that must be offered again, as TLS libraries require
        self._read_ready = self._write_ready = not self.block
        self._looks = 0  # reads since the last write
        self._arrived = 0  # bytes that have arrived and can be read

    def step(self, now):
        self._must_be_open()
        if not self._waited:
            self._waited = True
            return self._phase
        self._waited = not self.block
        self._phase += 1
        if self._phase == 3:
            self.server.connect()
        return self._phase

    def skip(self):
        return False

    def secure(self, context, host):
        self._must_be_open()
        self.secured_by.append((context, host))
        self.server.secure()

    def write(self, buf, off, n):
        self._must_be_open()
        if n <= 0 or off + n > len(buf):
            raise AssertionError("write: of %d octets" % n)
        offered = bytes(memoryview(buf)[off : off + n])
        if self._offered is not None and offered != self._offered:
            raise AssertionError("write: after a would-block other octets than before")
        happened = self._cut("out")
        if happened == "reset":
            raise OSError(RESET)
        full = self.most_unread and self.server.unread() > self.most_unread
        if happened == "silence" or full or not self._write_ready:
            self._write_ready = True
            self._offered = offered
            return None
        self._write_ready = not self.block
        self._offered = None
        if self.most_out:
            n = min(n, self.most_out) if self.most_out > 0 else max(1, n - 1)
        n = self._up_to("out", self.taken, n)
        self.taken += n
        self._looks = 0
        if happened != "fin":  # else they are lost on their way
            self.server.receive(offered[:n])
        return n

    def readinto(self, buf, n):
        self._must_be_open()
        happened = self._cut("in")
        if happened == "reset":
            raise OSError(RESET)
        if not self._read_ready:
            self._read_ready = True
            return None
        self._read_ready = not self.block
        n = min(n, self.most_in or n)
        if self.far:
            n = min(n, self._come())
            if not n and self.server.unread():
                return None
        said = self.server.take_out(self._up_to("in", self.given, n))
        self._arrived -= len(said)
        if said:
            self.given += len(said)
            buf[: len(said)] = said
            return len(said)
        if happened == "silence":
            return None
        return 0 if happened == "fin" or self.server.gone else None

    def close(self):
        self.is_open = False

    def has_input(self):
        """Whether a read would not wait, as poll() reports it."""
        happened = self._cut("in")
        if happened == "silence":
            return False
        return bool(happened or self.server.unread() or self.server.gone)

    def is_reset(self):
        """Whether the connection was reset, as poll() reports it."""
        return self._cut("in") == "reset" or self._cut("out") == "reset"

    def _come(self):
        """How many bytes have come from far away: none before the client waits for them.

        It does if it looks three times and writes nothing; twice it may, to see whether what goes
        next is still wanted.
        """
        self._looks += 1
        if not self._arrived and self._looks > 2 and self.server.unread():
            self.waits.append(self.server.commands[-1])
            self._arrived = self.server.unread()
        return self._arrived

    def _must_be_open(self):
        if not self.is_open:
            raise AssertionError("a closed link is used")

    def _cut(self, asked):
        """What has happened to the connection, as seen by a read ("in") or a write ("out")."""
        if not self.cut:
            return None
        direction, octet, how = self.cut
        if (self.given if direction == "in" else self.taken) < octet:
            return None
        # Silence is one way's; what the server has said already can still be read.
        return None if how == "silence" and direction != asked else how

    def _up_to(self, direction, gone, n):
        if self.cut and self.cut[0] == direction and gone < self.cut[1]:
            return min(n, self.cut[1] - gone)
        if self.cut and self.cut[0] == direction == "in" and self._cut("in"):
            return 0
        return n
