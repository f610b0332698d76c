"""A connection to a server: names to addresses, sockets, TLS. It knows nothing of SMTP."""

# Of dns.py, which does not stay in memory: {encoded name: (ticks, addresses, TTL in s)}.
cache: "dict[bytes, tuple[int, tuple[str, ...], int]]" = {}


def sockaddr(sockets, address: str, port: int) -> "tuple[int, object]":
    """The family and the socket address of a numeric address; no name server is asked.

    sockets: the module `socket`.
    """
    info = sockets.getaddrinfo(address, port)[0]
    # ESP32 gives no socket address for IPv6; its connect() and bind() take the pair itself.
    return info[0], info[-1] or (address, port)
