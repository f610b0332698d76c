"""Transparency (RFC 5321 4.5.2): a line of the text that begins with a dot gets another one."""


def stuff(buf: bytearray, n: int, line_begins: bool) -> int:
    """Double the dots of buf[:n] in place; return the new end, 4/3 of n at the most.

    line_begins: buf[0] is the first octet of a line.
    """
    first = n > 0 and line_begins and buf[0] == 46
    dots = 1 if first else 0
    at = buf.find(b"\n.", 0, n)
    while at >= 0:
        dots += 1
        at = buf.find(b"\n.", at + 2, n)
    end = at = n + dots
    while at > n:  # from the end, so that nothing is overwritten that has still to move
        n -= 1
        at -= 1
        buf[at] = buf[n]
        if buf[n] == 46 and (buf[n - 1] == 10 if n else first):
            at -= 1
            buf[at] = 46
    return end
