"""Check IP addresses as text (RFC 5321 4.1.3), in a mail address or as a host."""

TEMPORARY = True  # freed after the call that needed it


def is_literal(text: bytes) -> bool:
    """Return whether `text` is allowed in the brackets of a mail address's domain.

    Apart from an IPv4 address, only the tag "IPv6:" is: no other one is registered.
    """
    if text[:5].lower() == b"ipv6:":
        return is_ipv6(text[5:], 6)
    return is_ipv4(text)


def is_ipv4(text: bytes) -> bool:
    """Return whether `text` is four numbers from 0 to 255, of one to three digits each."""
    numbers = text.split(b".")
    for number in numbers:
        if not 0 < len(number) < 4 or number.strip(b"0123456789") or int(number) > 255:
            return False
    return len(numbers) == 4


def is_ipv6(text: bytes, most: int = 7) -> bool:
    """Return whether `text` is an IPv6 address without a zone.

    most: the maximum number of groups with "::": 6 in a mail address, 7 elsewhere (RFC 4291 2.2).
    """
    head, gap, tail = text.partition(b"::")
    groups = head.split(b":") if head else []
    if tail:
        groups += tail.split(b":")
    count = len(groups)
    if groups and b"." in groups[-1] and text.endswith(groups[-1]):
        if not is_ipv4(groups.pop()):
            return False
        count += 1  # it stands for two groups
    for group in groups:
        if not 0 < len(group) < 5 or group.strip(b"0123456789abcdefABCDEF"):
            return False
    return count <= most if gap else count == 8
