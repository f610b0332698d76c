"""A time server's packet (RFC 4330)."""

import struct

UNIX = 1790000000  # 2026-09-21 14:13:20 UTC


def reply(request, unix=UNIX, first=0x24, stratum=2, code=b"GPS\0"):
    """A server's packet; first: leap indicator, version, mode."""
    seconds = (unix + 2208988800) & 0xFFFFFFFF
    head = bytes((first, stratum, 6, 0xEC)) + bytes(8) + code + bytes(8)
    return head + request[40:48] + struct.pack(">IIII", seconds, 0, seconds, 1 << 31)
