"""A base64 encoder (RFC 2045 6.8) in plain Python. file_part.py has a faster one for lines."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def encode(
    src: "bytes | bytearray | memoryview",
    start: int,
    n: int,
    dst: bytearray,
    off: int,
    column: int,
) -> int:
    """Encode src[start:start + n] to dst[off:]; return the index after it.

    column: that of dst[off] in its line; CR LF follow the 76th byte. -1: no line ends.
    n: a multiple of 3, except at the end of the data. `src` may be `dst`, if `start` is so far
    after `off` that writing four bytes for three does not overtake reading.
    """
    table = _ALPHABET
    end = start + n
    while start < end:
        a = src[start]
        b = src[start + 1] if start + 1 < end else 0
        c = src[start + 2] if start + 2 < end else 0
        dst[off] = table[a >> 2]
        dst[off + 1] = table[(a & 3) << 4 | b >> 4]
        dst[off + 2] = table[(b & 15) << 2 | c >> 6] if start + 1 < end else 61
        dst[off + 3] = table[c & 63] if start + 2 < end else 61
        start += 3
        off += 4
        if column >= 0:
            column += 4
            if column == 76:
                dst[off] = 13
                dst[off + 1] = 10
                off += 2
                column = 0
    return off
