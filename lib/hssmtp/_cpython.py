"""What CPython lacks of MicroPython: ticks, streams' methods, a quick base64."""

import binascii
import io
import time


def lines(src, start: int, n: int, dst) -> int:
    """base64.lines by binascii: a step of it in Python takes as long as a line there."""
    encoded = binascii.b2a_base64(memoryview(src)[start : start + n], newline=False)
    octets = b"".join([encoded[at : at + 76] + b"\r\n" for at in range(0, len(encoded), 76)])
    dst[: len(octets)] = octets
    return len(octets)


def ticks_ms() -> int:
    """Milliseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


def ticks_add(ticks: int, delta: int) -> int:
    return ticks + delta


def ticks_diff(later: int, earlier: int) -> int:
    return later - earlier


class BytesIO(io.BytesIO):
    """Octets as a stream, with MicroPython's readinto()."""

    def readinto(self, buf, n: int) -> int:  # type: ignore[override]
        return super().readinto(memoryview(buf)[:n])
