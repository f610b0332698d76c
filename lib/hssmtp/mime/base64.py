"""The base64 encoder (RFC 2045 6.8) in plain Python; file_part.py has a faster one for lines."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def encode(
    src: "bytes | bytearray | memoryview",
    start: int,
    n: int,
    dst: bytearray,
    off: int,
    column: int,
) -> int:
    """Encode src[start:start + n] into dst[off:] and return the end there.

    column: where in its line dst[off] stands; CR LF follow the 76th byte. -1: no line ends.
    Only at the end of the data may n be no multiple of 3. `src` may be `dst` itself, if it lies so
    far behind `off` that four bytes for three do not reach it.
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
