"""What CPython lacks of MicroPython's streams, and a fast encoder of base64 lines."""

import binascii
import io


def lines(src, start: int, n: int, dst) -> int:
    """Encode lines with binascii, because a loop in Python is too slow."""
    encoded = binascii.b2a_base64(memoryview(src)[start : start + n], newline=False)
    whole = b"".join([encoded[at : at + 76] + b"\r\n" for at in range(0, len(encoded), 76)])
    dst[: len(whole)] = whole
    return len(whole)


class BytesIO(io.BytesIO):
    """Bytes as a stream, with MicroPython's readinto()."""

    def readinto(self, buf, n: int) -> int:  # type: ignore[override]
        return super().readinto(memoryview(buf)[:n])
