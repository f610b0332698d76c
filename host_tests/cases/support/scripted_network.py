"""A scripted network, in place of the socket module of hssmtp.net.dns."""

from errno import EAGAIN, ENOMEM

import hssmtp.net.dns as dns
from dns_messages import GOOD, A, four, name, number, reply

ENOENT = 2
EIO = 5


class Network:
    """A stand-in of the socket module. Each entry of the script answers one query.

    None: silence. An OSError: refused. Else functions of the query, which return packets, over TCP
    pieces of the stream. After the last entry there is silence.
    """

    SOCK_STREAM = 1
    SOCK_DGRAM = 2

    def __init__(self, *script, ipv6=True, unreachable=(), taken=()):
        self.script = list(script)
        self.unreachable = unreachable
        self.taken = list(taken)  # number of binds that fail
        self.asked = []  # (server, query), over TCP with a length before it
        self.sockets = []
        self.full = 0  # queries for which lwIP has no memory
        if ipv6:
            self.AF_INET6 = 10

    def __enter__(self):
        self.saved = dns.socket
        dns.socket = self
        dns._cache.clear()
        return self

    def __exit__(self, *exc):
        dns.socket = self.saved
        dns._cache.clear()
        assert not [sock for sock in self.sockets if sock.open], "a socket was left open"

    def getaddrinfo(self, host, port):
        return [(10 if ":" in host else 2, 1, 0, "", (host, port))]

    def socket(self, family, kind):
        self.sockets.append(Socket(self, family, kind))
        return self.sockets[-1]

    def names(self):
        return [(query[12:-4], query[-3]) for _, query in self.asked]

    def servers(self):
        return [server[0] for server, _ in self.asked]


class Socket:
    def __init__(self, network, family, kind):
        self.network = network
        self.family = family
        self.tcp = kind == network.SOCK_STREAM
        self.open = True
        self.blocking = True
        self.packets = []
        self.port = None

    def setblocking(self, flag):
        self.blocking = flag

    def bind(self, address):
        if self.network.taken:
            self.network.taken.pop()
            raise OSError(98)
        assert address[0] == ("::" if self.family == 10 else "0.0.0.0")
        self.port = address[1]

    def connect(self, address):
        assert not self.blocking
        self.server = address
        if address[0] in self.network.unreachable:
            raise OSError(113)
        if self.tcp:
            self.waits = 2
            raise OSError(115)  # EINPROGRESS

    def send(self, query):
        if self.network.full:
            self.network.full -= 1
            raise OSError(ENOMEM, "")
        if self.tcp and self.waits:
            self.waits -= 1
            raise OSError(EAGAIN, "")
        size = len(query)
        self.network.asked.append((self.server, query))
        script = self.network.script
        entry = script.pop(0) if script else None
        if self.tcp:
            assert query[:2] == number(size - 2, 2)
            query = query[2:]
        if entry is None:
            entry = ()
        if not isinstance(entry, (list, tuple)):
            entry = (entry,)
        self.packets = [each if isinstance(each, OSError) else each(query) for each in entry]
        return size

    def recv(self, n):
        if not self.packets:
            raise OSError(EAGAIN, "")
        packet = self.packets.pop(0)
        if isinstance(packet, OSError):
            raise packet
        if self.tcp and n < len(packet):
            self.packets.insert(0, packet[n:])
        return bytes(packet[:n])

    def close(self):
        assert self.open
        self.open = False


def says(*records, flags=GOOD):
    return lambda query: reply(query, *records, flags=flags)


def pieces(size, *records, flags=GOOD):
    """The same over TCP, `size` bytes at a time."""
    made = []

    def piece(query, at):
        if not at:
            packet = reply(query, *records, flags=flags)
            made.append(number(len(packet), 2) + packet)
        return made[0][at : at + size]

    total = 2 + len(reply(dns.query(name("mx.example.com"), A)[2:], *records))
    return [lambda query, at=at: piece(query, at) for at in range(0, total, size)]


FINE = says(four(192, 0, 2, 7), four(192, 0, 2, 8))
FOUND = ["192.0.2.7", "192.0.2.8"]
SERVERS = ("10.0.0.1", ("10.0.0.2", 5353), "2001:db8::53")
