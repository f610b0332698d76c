"""IP addresses as text, checked (RFC 5321 4.1.3): in a mail address, or as a host."""

TEMPORARY = True  # freed after the call that needed it


def is_literal(text: bytes) -> bool:
    """Return whether `text` may stand in the brackets of a mail address.

    Tags other than "IPv6:" would have to be registered, and none is.
    """
    if text[:5].lower() == b"ipv6:":
        return is_ipv6(text[5:], 6)
    return is_ipv4(text)


def is_ipv4(text: bytes) -> bool:
    """Return whether `text` is four numbers up to 255, of one to three digits."""
    numbers = text.split(b".")
    for number in numbers:
        if not 0 < len(number) < 4 or number.strip(b"0123456789") or int(number) > 255:
            return False
    return len(numbers) == 4


def is_ipv6(text: bytes, most: int = 7) -> bool:
    """Return whether `text` is an IPv6 address without a zone.

    most: how many groups may stand beside a "::": 6 in a mail address, 7 elsewhere (RFC 4291 2.2).
    """
    head, gap, tail = text.partition(b"::")
    groups = head.split(b":") if head else []
    if tail:
        groups += tail.split(b":")
    count = len(groups)
    if groups and b"." in groups[-1] and text.endswith(groups[-1]):
        if not is_ipv4(groups.pop()):
            return False
        count += 1  # it takes the place of two groups
    for group in groups:
        if not 0 < len(group) < 5 or group.strip(b"0123456789abcdefABCDEF"):
            return False
    return count <= most if gap else count == 8
