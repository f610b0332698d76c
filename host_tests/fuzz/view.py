"""What a client can know of a connection: its own items, the replies it has read, in their order.

The n-th reply on a connection answers the n-th item that the client says on it; the first item is
the connection itself, answered by the greeting.
"""

import re
from bisect import bisect_left

from .link import Wire

_LINE = re.compile(rb"([2-5]\d\d)(-|[ \r]|$)")
_BEGINNING = re.compile(rb"\d{0,3}$|\d\d\d[- \r]")
_BDAT = re.compile(rb"BDAT (\d+)( LAST)?\r\n$")
_LINE_KINDS = ("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT")

# What can be said before the replies to what was said before (RFC 2920 3.1, RFC 3030 2).
MAY_BE_FOLLOWED = ("MAIL", "RCPT", "TEXT", "BDAT", "RSET")


class Reply:
    """A reply as it was read: lines without their ends.

    begins, end: how many bytes had been given when its first line was whole, and when all of it
    was. code 0: it is no reply, and nothing that follows means anything.
    """

    __slots__ = ("begins", "code", "end", "lines")

    def __init__(self, code: int, lines: list[bytes], begins: int, end: int):
        self.code = code
        self.lines = lines
        self.begins = begins
        self.end = end

    def text(self) -> bytes:
        """Its text: the lines, joined by a space."""
        return b" ".join(line[4:].replace(b"\r", b"") for line in self.lines)


class Item:
    """What the client has said and is owed a reply for.

    kind: a verb, GREETING, RESPONSE of a login, or TEXT for the mail after DATA; "" for nothing
    whole enough to tell. start, end: in the bytes taken; end is -1 while some of it is missing.
    line: a command's, without its end. reply: None if it has not been read. is_early: its first
    line was read before the item had gone completely.
    """

    __slots__ = ("end", "is_early", "kind", "line", "reply", "size", "start", "taken_at")

    def __init__(self, kind: str, start: int, end: int, line: bytes = b"", size: int = 0):
        self.kind = kind
        self.start = start
        self.end = end
        self.line = line
        self.size = size
        self.reply: Reply | None = None
        self.is_early = False
        self.taken_at = 0  # how many bytes had been taken when its reply was whole

    def code(self) -> int:
        """The reply's code; -1 for none."""
        return self.reply.code if self.reply else -1


def replies_of(given: bytes, limit: int) -> list[Reply]:
    """The replies in the first `limit` bytes that a client has read.

    The last is one of code 0 if what follows is no reply.
    """
    replies = []
    start = begins = code = 0
    lines: list[bytes] = []
    while start < limit:
        end = given.find(b"\n", start, limit) + 1
        line = given[start : end - 1 if end else limit]
        if not lines:
            line = line.lstrip(b"\r")  # an empty line before a reply is passed over
        if not end and _BEGINNING.match(line):
            break
        start = end or limit
        if not line and not lines:
            continue
        begins = begins or start
        match = _LINE.match(line) if end else None
        lines.append(line)
        if not match or code and code != int(match[1]):
            replies.append(Reply(0, lines, begins, start))
            break
        code = int(match[1])
        if match[2] != b"-":
            replies.append(Reply(code, lines, begins, end))
            lines = []
            begins = code = 0
    return replies


class View:
    """A connection's items with their replies; surplus: replies to nothing, read last."""

    def __init__(self, wire: Wire, limit: int | None = None):
        self.wire = wire
        self.items: list[Item] = []
        self.surplus: list[Reply] = []
        given = bytes(wire.given)
        replies = replies_of(given, len(given) if limit is None else limit)
        taken = bytes(wire.taken)
        offsets = [given for given, _ in wire.reads]
        start = 0
        kind = "GREETING"
        while True:
            item = _item(kind, taken, start)
            number = len(self.items)
            if number < len(replies):
                item.reply = reply = replies[number]
                first = wire.reads[bisect_left(offsets, reply.begins)][1]
                item.is_early = item.end < 0 or item.end > first
                item.taken_at = wire.reads[bisect_left(offsets, reply.end)][1]
            if start == len(taken) and kind == "":  # nothing more was said
                if item.reply:
                    self.surplus = replies[number:]
                return
            self.items.append(item)
            if item.end < 0:
                self.surplus = replies[number + 1 :]
                return
            start = item.end
            kind = ""
            if item.kind == "DATA" and item.code() == 354:
                kind = "TEXT"
            elif item.kind in ("AUTH", "RESPONSE") and item.code() == 334:
                kind = "RESPONSE"
            if kind and start == len(taken):
                kind = ""  # it has not begun


def _item(kind, taken, start):
    """The item that begins at a place of what was taken."""
    if kind == "GREETING":
        return Item(kind, 0, 0)
    if kind == "TEXT":
        if taken.startswith(b".\r\n", start):
            return Item(kind, start, start + 3)
        end = taken.find(b"\r\n.\r\n", start)
        return Item(kind, start, end + 5 if end >= 0 else -1)
    end = taken.find(b"\n", start) + 1
    line = taken[start : end or len(taken)]
    if kind == "RESPONSE":
        return Item(kind, start, end or -1, line)
    if line.startswith(b"BDAT "):
        match = _BDAT.match(line)
        size = int(match[1]) if match else 0
        is_whole = end > 0 and end + size <= len(taken)
        return Item("BDAT", start, end + size if is_whole else -1, line, size)
    verb = line.split(b" ")[0].rstrip(b"\r\n").decode("ascii", "replace")
    return Item(verb if verb in _LINE_KINDS else "?", start, end or -1, line)
