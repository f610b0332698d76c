"""The encoder of base64 lines as machine code. In its own file: not every runtime can parse it."""

import micropython

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@micropython.viper
def lines(src: ptr8, start: int, n: int, dst: ptr8) -> int:  # noqa: F821
    table = ptr8(_ALPHABET)  # noqa: F821
    end = start + n
    off = 0
    line = start + 57
    while start < end:
        a = src[start]
        b = src[start + 1]
        c = src[start + 2]
        start += 3
        dst[off] = table[a >> 2]
        dst[off + 1] = table[(a & 3) << 4 | b >> 4]
        dst[off + 2] = table[(b & 15) << 2 | c >> 6]
        dst[off + 3] = table[c & 63]
        off += 4
        if start == line:
            dst[off] = 13
            dst[off + 1] = 10
            off += 2
            line += 57
    return off
