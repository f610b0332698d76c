"""Names, records and replies of DNS, as bytes (RFC 1035)."""

A = 0x1_0001
CNAME = 0x5_0001
AAAA = 0x1C_0001
ASKED = b"\xc0\x0c"  # a pointer to the name in the question
GOOD = 0x8180
TRUNCATED = 0x8380


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def number(value, size):
    return bytes((value >> shift) & 255 for shift in range(size * 8 - 8, -1, -8))


def record(owner, kind, data, ttl=300):
    if isinstance(owner, str):
        owner = name(owner)
    return owner + number(kind, 4) + number(ttl, 4) + number(len(data), 2) + data


def reply(query, *records, flags=GOOD):
    """The reply to a query (without TCP's length)."""
    counts = number(1, 2) + number(len(records), 2) + bytes(4)
    return query[:2] + number(flags, 2) + counts + query[12:] + b"".join(records)


def four(*octets):
    return record(ASKED, A, bytes(octets))
