"""Feed bytes to a Reply, and return the kind of each line."""

from hssmtp.reply import Reply

PARTIAL, CONTINUED, COMPLETE, MALFORMED = range(4)


def feed(octets, size=256, cuts=(), reply=None):
    """Return (line, code, text) for each line, up to the first malformed one."""
    reply = reply or Reply(size)
    found = []
    buf = bytearray(octets)
    start = 0
    for end in list(cuts) + [len(buf)]:
        at = start
        while at < end:
            before = at
            at = reply.feed(buf, at, end)
            if not before < at <= end:
                raise AssertionError("feed() went from %d to %d of %d" % (before, at, end))
            if len(reply.text) != size + 1 or not 0 <= reply.length <= size:
                raise AssertionError("it grew: %d" % reply.length)
            if reply.line != PARTIAL:
                found.append((reply.line, reply.code, bytes(reply.text[: reply.length])))
            if reply.line == MALFORMED:
                return found
        start = end
    return found
