"""dns.py: names, queries and replies octet by octet, and the resolver on a scripted network."""

import io
import sys
from errno import EAGAIN, ENOMEM

import hssmtp.net.dns as dns

A = 0x1_0001
CNAME = 0x5_0001
AAAA = 0x1C_0001
ASKED = b"\xc0\x0c"  # a pointer to the name in the question
ENOENT = 2
EIO = 5
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


def is_refused(text):
    try:
        dns.Resolver(text)
    except ValueError:
        return True
    return False


# Names


def test_a_name_is_encoded_label_by_label():
    assert dns.encode("mx.example.com") == b"\x02mx\x07example\x03com\0"
    assert dns.encode("mx.example.com.") == b"\x02mx\x07example\x03com\0"
    assert dns.encode("MX.Example.COM") == b"\x02mx\x07example\x03com\0"
    assert dns.encode("a_b-c.0") == b"\x05a_b-c\x010\0"


def test_a_name_may_be_as_long_as_rfc_1035_has_it():
    label = "a" * 63
    longest = ".".join((label, label, label, "a" * 61))
    assert len(longest) == 253
    assert len(dns.encode(longest)) == 255
    assert dns.encode(longest + ".") == dns.encode(longest)
    for text in (longest + "a", "a" * 64, "a" * 64 + ".com", "a." * 127 + "a"):
        assert is_refused(text), text


def test_what_is_no_name_is_refused_at_once():
    for text in (
        "",
        ".",
        "..",
        ".com",
        "a..b",
        "m\u00fcller.example",
        "\u4f8b.example",
        "a" * 300,
    ):
        assert is_refused(text), text


def test_a_query_asks_one_question():
    query = dns.query(name("mx.example.com"), A)
    assert query[:2] == number(len(query) - 2, 2)  # for TCP
    assert query[4:] == b"\1\0\0\1\0\0\0\0\0\0\x02mx\x07example\x03com\0\0\1\0\1"
    assert dns.query(name("a.example"), AAAA)[-5:] == b"\0\0\x1c\0\1"
    assert len({dns.query(b"\0", A)[2:4] for _ in range(50)}) > 10


# Replies


QUERY = dns.query(name("mx.example.com"), A)


def read(packet, query=QUERY):
    found = dns.answer(packet, query)
    assert found is not None
    return found


def answer(*records, flags=GOOD, query=QUERY):
    return read(reply(query[2:], *records, flags=flags), query)


def test_addresses_are_told_in_order():
    addresses, code, last, ttl = answer(four(192, 0, 2, 7), four(10, 0, 0, 255), four(0, 0, 0, 0))
    assert addresses == ["192.0.2.7", "10.0.0.255", "0.0.0.0"]
    assert code == 0
    assert last == name("mx.example.com")
    assert ttl == 300


def test_an_ipv6_address_is_told_group_by_group():
    query = dns.query(name("mx.example.com"), AAAA)
    data = b"\x20\x01\x0d\xb8" + bytes(10) + b"\x01\xff"
    assert answer(record(ASKED, AAAA, data), query=query)[0] == ["2001:db8:0:0:0:0:0:1ff"]


def test_a_name_may_be_written_out_and_in_any_case():
    assert answer(record("MX.eXample.com", A, b"\1\2\3\4"))[0] == ["1.2.3.4"]


def test_aliases_are_followed_within_a_reply():
    chain = (
        record(ASKED, CNAME, name("one.example.net"), 60),
        record("one.example.net", CNAME, b"\x03two" + b"\xc0\x0f", 20),  # two.example.com
        record("Two.example.com", A, b"\1\2\3\4", 600),
        record("two.example.com", A, b"\1\2\3\5", 600),
    )
    assert answer(*chain) == (["1.2.3.4", "1.2.3.5"], 0, name("two.example.com"), 20)
    assert answer(*chain[:2]) == ([], 0, name("two.example.com"), 20)


def test_only_addresses_of_the_name_asked_for_count():
    assert answer(
        record("other.example.com", A, b"\1\2\3\4"),
        record("example.com", A, b"\1\2\3\4"),
        record("a.mx.example.com", A, b"\1\2\3\4"),
        record(b"\0", A, b"\1\2\3\4"),
        record(ASKED, 0x1_0003, b"\1\2\3\4"),  # CHAOS
        record(ASKED, 0x10_0001, b"\3txt"),
        record(ASKED, A, b"\1\2\3"),
        record(ASKED, A, b"\1\2\3\4\5"),
        record(ASKED, AAAA, b"\1\2\3\4"),
        record("other.example.com", CNAME, name("bad.example.com")),
        record("bad.example.com", A, b"\1\2\3\4"),
    ) == ([], 0, name("mx.example.com"), 300)


def test_what_is_no_reply_to_the_query_is_none():
    good = reply(QUERY[2:], four(1, 2, 3, 4))
    assert read(good)[0] == ["1.2.3.4"]
    end = len(QUERY) - 2
    for place in [0, 1] + list(range(12, end)):  # ident, question
        bad = bytearray(good)
        bad[place] ^= 1
        assert dns.answer(bytes(bad), QUERY) is None, place
    for length in range(end):
        assert dns.answer(good[:length], QUERY) is None, length
    assert dns.answer(reply(QUERY[2:], four(1, 2, 3, 4), flags=0x0180), QUERY) is None  # a query


def test_the_response_code_is_told():
    for code in range(16):
        assert answer(flags=GOOD | code)[1] == code


def test_a_cut_reply_is_told_by_its_flag_or_by_its_end():
    cut = read(reply(QUERY[2:], flags=TRUNCATED))[1]
    assert cut > 15
    whole = (four(1, 2, 3, 4), record(ASKED, 0x10_0001, b"\3txt"), four(5, 6, 7, 8))
    packet = reply(QUERY[2:], *whole)
    head = len(QUERY) - 2
    first = head + len(whole[0])
    for length in range(head, len(packet)):
        addresses, code, _, _ = read(packet[:length])
        assert code == cut, length
        assert addresses == (["1.2.3.4"] if length >= first else []), length
    # A cut doesn't hide what the server said.
    assert answer(flags=TRUNCATED | 3)[1] == 3
    assert answer(b"\xff", flags=GOOD | 3)[1] == 3


def test_a_pointer_can_not_lead_in_circles():
    here = len(QUERY) - 2
    for owner in (
        b"\xc0" + bytes([here]),  # to itself
        b"\xc0" + bytes([here + 2]),  # forward
        b"\xff\xff",  # beyond the end
        b"\x03abc\xc0" + bytes([here]),  # to its own start: never an end
        b"\x40",  # RFC 1035 4.1.4: reserved
        b"\x80\x0c",
        b"\x3fa",
    ):
        assert answer(record(owner, A, b"\1\2\3\4"), four(1, 2, 3, 4))[0] == [], owner
    # Two pointers to each other, and a name that begins with the first.
    pair = record(b"\0", 0x10_0001, b"\xc0" + bytes([here + 13]) + b"\xc0" + bytes([here + 11]))
    assert answer(pair, record(b"\xc0" + bytes([here + 11]), A, b"\1\2\3\4"))[0] == []


def test_a_pointer_may_lead_to_a_pointer():
    here = len(QUERY) - 2
    to_asked = record(b"\0", 0x10_0001, ASKED)
    over_it = record(b"\xc0" + bytes([here + 11]), A, b"\1\2\3\4")
    assert answer(to_asked, over_it, four(5, 6, 7, 8))[0] == ["1.2.3.4", "5.6.7.8"]


def test_a_reply_may_have_many_records_and_long_ones():
    many = [four(10, 0, number >> 8, number & 255) for number in range(300)]
    long = record(ASKED, 0x10_0001, bytes(300))
    assert len(answer(long, *many)[0]) == 300


def test_a_name_can_not_grow_beyond_its_limit():
    label = b"\x3f" + b"a" * 63
    for count, code in ((3, 0), (4, 16), (7, 16)):
        assert answer(record(label * count + b"\0", A, b"\1\2\3\4"))[1] == code


def test_no_damage_is_too_much():
    # The same on every run, and on MicroPython too, whose struct has errors of its own.
    records = (
        record(ASKED, CNAME, b"\3one\xc0\x0f"),
        record("one.example.com", A, b"\1\2\3\4"),
        record("one.example.com", AAAA, bytes(16)),
    )
    good = reply(QUERY[2:], *records)
    head = len(QUERY) - 2
    seed = 1
    kept = 0
    for _ in range(3000):
        bad = bytearray(good)
        for _ in range(3):
            seed = (seed * 1103 + 12345) & 0xFFFFFF
            bad[head + seed % (len(bad) - head)] = (seed >> 9) & 255
        found = read(bytes(bad[: head + seed % 256]))[0]
        kept += "1.2.3.4" in found
    assert 0 < kept < 3000


def test_the_ttl_is_the_lowest_and_at_most_an_hour():
    for ttl, told in ((0, 0), (1, 1), (3600, 3600), (3601, 3600), (0x7FFF_FFFF, 3600)):
        assert answer(record(ASKED, A, b"\1\2\3\4", ttl))[3] == told
    for ttl in (0x8000_0000, 0xFFFF_FFFF):  # RFC 2181 8: to be taken as zero
        assert answer(record(ASKED, A, b"\1\2\3\4", ttl))[3] <= 0
    many = (record(ASKED, A, b"\1\2\3\4", 500), record(ASKED, A, b"\1\2\3\5", 40))
    assert answer(*many, record("other.example", A, b"\1\2\3\6", 1))[3] == 40


# The resolver


class Network:
    """Stands in for the socket module. One entry of the script answers one query.

    None: silence; an OSError: refused; else functions of the query, which give packets, over TCP
    pieces of the stream. What comes behind the last one is silence.
    """

    SOCK_STREAM = 1
    SOCK_DGRAM = 2

    def __init__(self, *script, ipv6=True, unreachable=(), taken=()):
        self.script = list(script)
        self.unreachable = unreachable
        self.taken = list(taken)  # as many binds fail
        self.asked = []  # (server, query), over TCP with a length before it
        self.sockets = []
        self.full = 0  # times that lwIP has no memory for a query
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
    """The same over TCP, `size` octets at a time."""
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


def resolver(host="mx.example.com", servers=SERVERS):
    return dns.Resolver(host, servers)


def waiting(work, now=1000):
    """Whether steps at one and the same time come to nothing."""
    return all(work.step(now) is None for _ in range(20))


def result(work, now=1000, wait=0):
    """What steps come to, at one and the same time or up to `wait` ms later."""
    for later in range(0, wait + 1, 1000):
        for _ in range(100):
            found = work.step(now + later)
            if found is not None:
                return found
    raise AssertionError("no result")


def failure(work, now=1000, wait=0):
    """The error that they end in."""
    try:
        result(work, now, wait)
    except OSError as exc:
        return exc
    raise AssertionError("no error")


def waits(work, now=1000):
    """Whether steps at one and the same time come to nothing."""
    return all(work.step(now) is None for _ in range(9))


def test_a_name_is_resolved_a_step_at_a_time():
    with Network(FINE) as network:
        work = resolver()
        steps = 1
        while True:
            found = work.step(1000)
            if found is not None:
                break
            steps += 1
        assert found == FOUND
        assert 2 <= steps <= 4
        assert network.asked[0][0] == ("10.0.0.1", 53)
        assert network.names() == [(name("mx.example.com"), 1)]
        assert not network.sockets[0].open
        work.close()


def test_ident_and_port_are_new_for_every_query():
    with Network(ipv6=False) as network:
        for _ in range(8):
            failure(resolver(), wait=30000)
        ports = [sock.port for sock in network.sockets]
        assert len(network.asked) == len(ports) == 48
        assert all(49152 <= port <= 65535 for port in ports)
        assert len(set(ports)) > 40
        assert len({query[:2] for _, query in network.asked}) > 40


def test_the_name_is_asked_without_its_trailing_dot():
    with Network(FINE) as network:
        assert result(resolver("mx.example.com.")) == FOUND
        assert network.names() == [(name("mx.example.com"), 1)]


def test_foreign_packets_are_passed_over():
    def wrong_ident(query):
        packet = bytearray(FINE(query))
        packet[0] ^= 255
        return packet

    def wrong_name(query):
        return FINE(query[:12] + name("mx.example.org") + query[-4:])

    def empty(query):
        return b""

    def echo(query):
        return query

    def garbage(query):
        return b"\xff" * 600

    wrong = [wrong_ident, wrong_name, empty, echo, garbage] * 3
    with Network(wrong + [FINE]) as network:
        assert result(resolver()) == FOUND
        assert len(network.asked) == 1


def test_foreign_packets_do_not_prolong_the_wait():
    with Network([lambda query: b"nonsense"] * 100, FINE) as network:
        work = resolver()
        assert waits(work)
        assert result(work, 3000) == FOUND
        assert network.servers() == ["10.0.0.1", "10.0.0.2"]


def test_servers_are_asked_in_turn_and_the_second_time_waited_for_longer():
    with Network() as network:
        work = resolver()
        now = 5000
        for wait in (2000, 2000, 2000, 4000, 4000, 4000):
            asked = len(network.asked) + 1
            assert waits(work, now)
            assert len(network.asked) == asked
            now += wait
            assert waits(work, now - 1)
            assert len(network.asked) == asked
        exc = failure(work, now)
        assert exc.errno == EIO
        assert "10.0.0.1" in str(exc)
        assert network.servers() == ["10.0.0.1", "10.0.0.2", "2001:db8::53"] * 2
        assert network.asked[1][0] == ("10.0.0.2", 5353)
        assert [sock.family for sock in network.sockets] == [2, 2, 10] * 2


def test_a_late_server_is_heard_in_the_second_round():
    with Network(None, FINE):
        work = resolver(servers=["10.0.0.1"])
        assert waits(work)
        assert result(work, 3000) == FOUND


def test_a_server_that_is_no_help_is_left_at_once():
    for bad in (
        OSError(111),
        says(flags=GOOD | 2),  # SERVFAIL
        says(flags=GOOD | 5),  # REFUSED
        says(four(6, 6, 6, 6), flags=GOOD | 2),
        says(flags=GOOD | 1),
        says(flags=GOOD | 4),
    ):
        with Network(bad, FINE) as network:
            assert result(resolver()) == FOUND
            assert network.servers() == ["10.0.0.1", "10.0.0.2"]
        with Network(bad, bad, bad, bad, bad, bad, FINE) as network:
            assert failure(resolver()).errno == EIO
            assert len(network.asked) == 6


def test_a_server_out_of_reach_is_left_at_once():
    with Network(FINE, unreachable=("10.0.0.1", "10.0.0.2")) as network:
        assert result(resolver()) == FOUND
        assert network.servers() == ["2001:db8::53"]


def test_a_name_server_with_an_ipv6_address_on_esp32():
    """Its getaddrinfo() gives None as the address; connect() and bind() take the pair itself."""

    class Esp32(Network):
        def getaddrinfo(self, host, port):
            family, kind, proto, name, address = Network.getaddrinfo(self, host, port)[0]
            return [(family, kind, proto, name, None if family == 10 else address)]

    with Esp32(FINE) as network:
        assert result(resolver(servers=["2001:db8::53"])) == FOUND
        assert network.asked[0][0] == ("2001:db8::53", 53)
        assert network.sockets[0].port >= 0xC000


def test_a_query_for_which_there_is_no_memory_now_is_sent_again():
    """lwIP holds that of a closed connection for 10 s."""
    with Network(FINE) as network:
        network.full = 5
        assert result(resolver()) == FOUND
        assert network.servers() == ["10.0.0.1"]


def test_a_taken_port_is_changed_for_another():
    with Network(FINE, taken=(1, 1)):
        assert result(resolver()) == FOUND


def test_one_server_is_a_bounded_piece_of_work():
    # However many servers fail, a step opens one socket at most.
    with Network(unreachable=("10.0.0.1", "10.0.0.2", "2001:db8::53")) as network:
        work = resolver()
        for count in range(1, 7):
            assert work.step(1000) is None
            assert len(network.sockets) == count
        assert failure(work).errno == EIO


def test_no_such_name_is_final():
    with Network(says(flags=GOOD | 3), FINE) as network:
        exc = failure(resolver())
        assert exc.errno == ENOENT
        assert "no such name" in str(exc)
        assert len(network.asked) == 1
    alias = record(ASKED, CNAME, name("gone.example.com"))
    with Network(says(alias, flags=GOOD | 3), FINE):
        assert failure(resolver()).errno == ENOENT


def test_without_a_name_server_there_is_no_waiting():
    with Network():
        exc = failure(resolver(servers=()))
        assert exc.errno == EIO
        assert "name servers" in str(exc)


def test_an_alias_alone_is_asked_for():
    first = says(record(ASKED, CNAME, name("one.example.net")))
    second = says(record(ASKED, CNAME, name("two.example.net")))
    with Network(first, second, FINE) as network:
        assert result(resolver()) == FOUND
        assert network.names() == [
            (name("mx.example.com"), 1),
            (name("one.example.net"), 1),
            (name("two.example.net"), 1),
        ]
        assert network.servers() == ["10.0.0.1"] * 3


def test_aliases_in_the_wrong_order_are_asked_for():
    shuffled = says(
        record("one.example.net", A, b"\1\2\3\4"), record(ASKED, CNAME, name("one.example.net"))
    )
    with Network(shuffled, FINE) as network:
        assert result(resolver()) == FOUND
        assert network.names()[1] == (name("one.example.net"), 1)


def test_aliases_without_an_end_come_to_one():
    here = says(record(ASKED, CNAME, name("there.example.net")))
    there = says(record(ASKED, CNAME, name("mx.example.com")))
    with Network(*[here, there] * 50) as network:
        exc = failure(resolver())
        assert exc.errno == ENOENT
        assert len(network.asked) < 15
    with Network(says(record(ASKED, CNAME, ASKED)), says(record(ASKED, CNAME, ASKED))):
        assert failure(resolver()).errno == ENOENT


def test_ipv6_is_asked_for_where_there_is_no_ipv4():
    data = b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"
    with Network(says(), says(record(ASKED, AAAA, data))) as network:
        assert result(resolver()) == ["2001:db8:0:0:0:0:0:1"]
        assert network.names() == [(name("mx.example.com"), 1), (name("mx.example.com"), 28)]
    with Network(says(), says()) as network:
        exc = failure(resolver())
        assert exc.errno == ENOENT
        assert "no address" in str(exc)
        assert len(network.asked) == 2


def test_ipv6_is_not_asked_for_where_the_port_has_none():
    with Network(says(), FINE, ipv6=False) as network:
        assert failure(resolver()).errno == ENOENT
        assert len(network.asked) == 1


def test_a_truncated_reply_is_used_as_far_as_it_goes():
    with Network(says(four(192, 0, 2, 7), four(192, 0, 2, 8), flags=TRUNCATED)) as network:
        assert result(resolver()) == FOUND
        assert len(network.asked) == 1


def test_a_reply_without_a_whole_address_is_asked_for_over_tcp():
    for size in (1, 2, 3, 50, 1000):
        for cut in (says(flags=TRUNCATED), lambda query: FINE(query)[:-20]):
            with Network(cut, pieces(size, four(192, 0, 2, 7), four(192, 0, 2, 8))) as network:
                assert result(resolver()) == FOUND
                assert [sock.tcp for sock in network.sockets] == [False, True]
                assert network.sockets[1].port is None  # it would be taken for minutes
                assert network.servers() == ["10.0.0.1"] * 2


def test_where_tcp_is_no_help_the_next_server_is_asked():
    for bad in (
        OSError(104),
        pieces(9, flags=GOOD | 2),
        pieces(30, four(1, 2, 3, 4))[:1],
        pieces(40, four(1, 2, 3, 4))[:1],
        lambda query: b"\0\5short",
    ):
        with Network(says(flags=TRUNCATED), bad, FINE) as network:
            assert result(resolver(), wait=9000) == FOUND
            assert [sock.tcp for sock in network.sockets] == [False, True, False]
            assert network.servers() == ["10.0.0.1", "10.0.0.1", "10.0.0.2"]


def test_over_tcp_as_much_of_a_reply_is_read_as_is_enough():
    many = [four(10, 0, 0, number) for number in range(200)]
    with Network(says(flags=TRUNCATED), pieces(100, *many)):
        found = result(resolver())
        assert 50 < len(found) < 80
        assert found == ["10.0.0." + str(number) for number in range(len(found))]


def test_close_frees_the_socket_at_any_time():
    for steps in range(4):
        with Network() as network:
            work = resolver()
            for _ in range(steps):
                work.step(1000)
            work.close()
            work.close()
            assert len(network.sockets) == min(steps, 1)
    for flags in (GOOD, GOOD | 3):
        with Network(says(four(1, 2, 3, 4), flags=flags)):
            work = resolver()
            try:
                result(work)
            except OSError:
                pass
            work.close()
            work.close()


def test_a_name_is_kept_as_long_as_its_ttl_says():
    with Network(says(record(ASKED, A, b"\1\2\3\4", 30)), FINE) as network:
        found = result(resolver(), 1000)
        assert found == ["1.2.3.4"]
        found.clear()
        for now in (1000, 2000, 30999):
            found = result(resolver("MX.example.com."), now)
            assert found == ["1.2.3.4"]
            found.clear()
        assert len(network.asked) == 1
        assert result(resolver(), 31000) == FOUND
        assert len(network.asked) == 2
    with Network(says(record(ASKED, A, b"\1\2\3\4", 30)), FINE):
        result(resolver(), 9000)
        assert result(resolver(), 8999) == FOUND  # the ticks have come round


def test_a_name_is_not_kept_without_a_ttl():
    for ttl in (0, 0xFFFF_FFFF):
        with Network(says(record(ASKED, A, b"\1\2\3\4", ttl)), FINE):
            assert result(resolver()) == ["1.2.3.4"]
            assert result(resolver()) == FOUND


def test_a_name_is_kept_for_an_hour_at_most():
    hour = 3600 * 1000
    for later in (hour, hour + 1, 24 * hour, 7 * 24 * hour, 8 * 24 * hour, 12 * 24 * hour):
        with Network(says(record(ASKED, A, b"\1\2\3\4", 0x7FFF_FFFF)), FINE):
            assert result(resolver(), 1000) == ["1.2.3.4"]
            assert resolver().step(hour) == ["1.2.3.4"]
            assert result(resolver(), 1000 + later) == FOUND, later


def test_an_alias_is_kept_by_its_own_ttl():
    alias = says(record(ASKED, CNAME, name("one.example.net"), 5))
    with Network(alias, FINE, alias) as network:
        assert result(resolver(), 1000) == FOUND
        assert result(resolver(), 7000) == FOUND
        assert network.names()[2:] == [(name("mx.example.com"), 1)]


def test_few_names_are_kept():
    hosts = ["mx%d.example.com" % number for number in range(11)]
    with Network(*[FINE] * 11):
        for host in hosts:
            result(resolver(host))
        assert len(dns._cache) == 4
        assert resolver(hosts[-1]).step(1000) == FOUND


# Where the name servers are


class Interface:
    def ifconfig(self):
        return ("192.0.2.2", "255.255.255.0", "192.0.2.1", "192.0.2.53")


class Lwip:
    @staticmethod
    def ipconfig(what):
        assert what == "dns"
        return "192.0.2.54"


class Esp8266:
    WLAN = Interface


def test_the_network_tells_the_name_server():
    for network, server in ((Lwip, "192.0.2.54"), (Esp8266, "192.0.2.53")):
        sys.modules["network"] = network  # type: ignore[assignment]
        try:
            assert dns.name_servers() == [server]
            with Network(FINE) as wire:
                assert result(resolver(servers=None)) == FOUND
                assert wire.servers() == [server]
        finally:
            del sys.modules["network"]


def test_a_pc_has_its_name_servers_in_a_file():
    text = (
        "# nameserver 192.0.2.1\n; nameserver 192.0.2.2\nsearch example.com\nnameserver\n"
        "nameserver 192.0.2.3\nnameserver\t2001:db8::53  # ours\noptions ndots:1"
    )
    dns.open = lambda path: io.StringIO(text)  # type: ignore[attr-defined]
    try:
        assert dns.name_servers() == ["192.0.2.3", "2001:db8::53"]
    finally:
        del dns.open  # type: ignore[attr-defined]
