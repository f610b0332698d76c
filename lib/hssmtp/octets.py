"""Words and numbers in a buffer: written and read there, for a string would allocate."""


def word(buf: bytearray, at: int, octets: bytes) -> int:
    """Write octets to buf[at:]; return the index behind them."""
    for octet in octets:  # buf[a:b] = octets would move all that is behind b, if to where it is
        buf[at] = octet
        at += 1
    return at


def decimal(buf: bytearray, at: int, n: int) -> int:
    """Write a number to buf[at:]; return the index behind it."""
    digits = 1
    while 10**digits <= n:
        digits += 1
    end = at + digits
    for i in range(end - 1, at - 1, -1):
        buf[i] = 48 + n % 10
        n //= 10
    return end


def number(text: bytearray, at: int, end: int) -> int:
    """The decimal number at text[at:end]; 0 for none, or one that is larger than any mail here."""
    n = 0
    while at < end and 48 <= text[at] <= 57 and n < 100000000:
        n = n * 10 + text[at] - 48
        at += 1
    return 0 if at < end and text[at] != 32 else n
