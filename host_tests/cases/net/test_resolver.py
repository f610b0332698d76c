"""The resolver on a scripted network: which server is asked, when, and how long."""

import io
import sys

import hssmtp.net.dns as dns
from dns_messages import AAAA, ASKED, CNAME, GOOD, TRUNCATED, A, four, name, record
from scripted_network import EIO, ENOENT, FINE, FOUND, SERVERS, Network, pieces, says


def resolver(host="mx.example.com", servers=SERVERS):
    return dns.Resolver(host, servers)


def result(work, now=1000, wait=0):
    """Return the result of steps at the same time, or up to `wait` ms later."""
    for later in range(0, wait + 1, 1000):
        for _ in range(100):
            found = work.step(now + later)
            if found is not None:
                return found
    raise AssertionError("no result")


def failure(work, now=1000, wait=0):
    """Return the error of the steps."""
    try:
        result(work, now, wait)
    except OSError as exc:
        return exc
    raise AssertionError("no error")


def waits(work, now=1000):
    """Whether steps at the same time give no result."""
    return all(work.step(now) is None for _ in range(9))


def test_name_is_resolved_in_steps():
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


def test_id_and_port_are_random_for_every_query():
    with Network(ipv6=False) as network:
        for _ in range(8):
            failure(resolver(), wait=30000)
        ports = [sock.port for sock in network.sockets]
        assert len(network.asked) == len(ports) == 48
        assert all(49152 <= port <= 65535 for port in ports)
        assert len(set(ports)) > 40
        assert len({query[:2] for _, query in network.asked}) > 40


def test_trailing_dot_of_the_name_is_dropped():
    with Network(FINE) as network:
        assert result(resolver("mx.example.com.")) == FOUND
        assert network.names() == [(name("mx.example.com"), 1)]


def test_foreign_packets_are_ignored():
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


def test_foreign_packets_do_not_extend_the_timeout():
    with Network([lambda query: b"nonsense"] * 100, FINE) as network:
        work = resolver()
        assert waits(work)
        assert result(work, 3000) == FOUND
        assert network.servers() == ["10.0.0.1", "10.0.0.2"]


def test_servers_are_asked_in_turn_with_longer_timeouts():
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


def test_late_reply_counts_in_the_second_round():
    with Network(None, FINE):
        work = resolver(servers=["10.0.0.1"])
        assert waits(work)
        assert result(work, 3000) == FOUND


def test_server_failure_leads_to_the_next_server_at_once():
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


def test_unreachable_server_leads_to_the_next_at_once():
    with Network(FINE, unreachable=("10.0.0.1", "10.0.0.2")) as network:
        assert result(resolver()) == FOUND
        assert network.servers() == ["2001:db8::53"]


def test_ipv6_name_server_works_on_esp32():
    """ESP32's getaddrinfo() gives None as the address; connect() and bind() take the pair."""

    class Esp32(Network):
        def getaddrinfo(self, host, port):
            family, kind, proto, name, address = Network.getaddrinfo(self, host, port)[0]
            return [(family, kind, proto, name, None if family == 10 else address)]

    with Esp32(FINE) as network:
        assert result(resolver(servers=["2001:db8::53"])) == FOUND
        assert network.asked[0][0] == ("2001:db8::53", 53)
        assert network.sockets[0].port >= 0xC000


def test_query_without_memory_is_sent_again():
    """lwIP holds the memory of a closed connection for 10 s."""
    with Network(FINE) as network:
        network.full = 5
        assert result(resolver()) == FOUND
        assert network.servers() == ["10.0.0.1"]


def test_port_in_use_is_replaced():
    with Network(FINE, taken=(1, 1)):
        assert result(resolver()) == FOUND


def test_step_opens_one_socket_at_most():
    # However many servers fail, a step opens one socket at most.
    with Network(unreachable=("10.0.0.1", "10.0.0.2", "2001:db8::53")) as network:
        work = resolver()
        for count in range(1, 7):
            assert work.step(1000) is None
            assert len(network.sockets) == count
        assert failure(work).errno == EIO


def test_nxdomain_is_final():
    with Network(says(flags=GOOD | 3), FINE) as network:
        exc = failure(resolver())
        assert exc.errno == ENOENT
        assert "no such name" in str(exc)
        assert len(network.asked) == 1
    alias = record(ASKED, CNAME, name("gone.example.com"))
    with Network(says(alias, flags=GOOD | 3), FINE):
        assert failure(resolver()).errno == ENOENT


def test_no_name_server_fails_at_once():
    with Network():
        exc = failure(resolver(servers=()))
        assert exc.errno == EIO
        assert "name servers" in str(exc)


def test_alias_without_an_address_is_queried():
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


def test_aliases_in_the_wrong_order_are_queried():
    shuffled = says(
        record("one.example.net", A, b"\1\2\3\4"), record(ASKED, CNAME, name("one.example.net"))
    )
    with Network(shuffled, FINE) as network:
        assert result(resolver()) == FOUND
        assert network.names()[1] == (name("one.example.net"), 1)


def test_endless_aliases_end():
    here = says(record(ASKED, CNAME, name("there.example.net")))
    there = says(record(ASKED, CNAME, name("mx.example.com")))
    with Network(*[here, there] * 50) as network:
        exc = failure(resolver())
        assert exc.errno == ENOENT
        assert len(network.asked) < 15
    with Network(says(record(ASKED, CNAME, ASKED)), says(record(ASKED, CNAME, ASKED))):
        assert failure(resolver()).errno == ENOENT


def test_ipv6_is_queried_without_ipv4_addresses():
    data = b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"
    with Network(says(), says(record(ASKED, AAAA, data))) as network:
        assert result(resolver()) == ["2001:db8:0:0:0:0:0:1"]
        assert network.names() == [(name("mx.example.com"), 1), (name("mx.example.com"), 28)]
    with Network(says(), says()) as network:
        exc = failure(resolver())
        assert exc.errno == ENOENT
        assert "no address" in str(exc)
        assert len(network.asked) == 2


def test_ipv6_is_not_queried_on_ports_without_ipv6():
    with Network(says(), FINE, ipv6=False) as network:
        assert failure(resolver()).errno == ENOENT
        assert len(network.asked) == 1


def test_complete_addresses_of_a_truncated_reply_are_used():
    with Network(says(four(192, 0, 2, 7), four(192, 0, 2, 8), flags=TRUNCATED)) as network:
        assert result(resolver()) == FOUND
        assert len(network.asked) == 1


def test_truncated_reply_without_an_address_leads_to_tcp():
    for size in (1, 2, 3, 50, 1000):
        for cut in (says(flags=TRUNCATED), lambda query: FINE(query)[:-20]):
            with Network(cut, pieces(size, four(192, 0, 2, 7), four(192, 0, 2, 8))) as network:
                assert result(resolver()) == FOUND
                assert [sock.tcp for sock in network.sockets] == [False, True]
                assert network.sockets[1].port is None  # it would be taken for minutes
                assert network.servers() == ["10.0.0.1"] * 2


def test_failing_tcp_leads_to_the_next_server():
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


def test_tcp_reply_is_read_as_far_as_needed():
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


def test_name_is_cached_for_its_ttl():
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
        assert result(resolver(), 8999) == FOUND  # the ticks have wrapped


def test_name_with_ttl_0_is_not_cached():
    for ttl in (0, 0xFFFF_FFFF):
        with Network(says(record(ASKED, A, b"\1\2\3\4", ttl)), FINE):
            assert result(resolver()) == ["1.2.3.4"]
            assert result(resolver()) == FOUND


def test_name_is_cached_for_an_hour_at_most():
    hour = 3600 * 1000
    for later in (hour, hour + 1, 24 * hour, 7 * 24 * hour, 8 * 24 * hour, 12 * 24 * hour):
        with Network(says(record(ASKED, A, b"\1\2\3\4", 0x7FFF_FFFF)), FINE):
            assert result(resolver(), 1000) == ["1.2.3.4"]
            assert resolver().step(hour) == ["1.2.3.4"]
            assert result(resolver(), 1000 + later) == FOUND, later


def test_alias_is_cached_for_its_own_ttl():
    alias = says(record(ASKED, CNAME, name("one.example.net"), 5))
    with Network(alias, FINE, alias) as network:
        assert result(resolver(), 1000) == FOUND
        assert result(resolver(), 7000) == FOUND
        assert network.names()[2:] == [(name("mx.example.com"), 1)]


def test_cache_is_small():
    hosts = ["mx%d.example.com" % number for number in range(11)]
    with Network(*[FINE] * 11):
        for host in hosts:
            result(resolver(host))
        assert len(dns._cache) == 4
        assert resolver(hosts[-1]).step(1000) == FOUND


# Packets that are lost


def asked_at(work, network, end):
    """Return the times of the queries in ms; the step at `end` must fail."""
    times = []
    for now in range(0, end, 100):
        for _ in range(3):
            assert work.step(1000 + now) is None
        times += [now] * (len(network.asked) - len(times))
    assert failure(work, 1000 + end).errno == EIO
    return times


def test_server_is_asked_again_until_the_timeout():
    """Client's timeout is 20 s: the error must come before, since it names the servers."""
    for servers, times in (
        (["10.0.0.1"], [0, 2000, 6000, 10000, 14000]),
        (["10.0.0.1", "10.0.0.2"], [0, 2000, 4000, 8000, 12000, 16000]),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3"], [0, 2000, 4000, 6000, 10000, 14000]),
    ):
        with Network(ipv6=False) as network:
            end = 19000 if len(servers) == 2 else 18000
            assert asked_at(resolver(servers=servers), network, end) == times
            wanted = (servers * 6)[: len(times)]
            assert network.servers() == wanted


def test_four_lost_packets_are_tolerated():
    with Network(None, None, None, None, FINE) as network:
        assert result(resolver(servers=["10.0.0.1"]), wait=19000) == FOUND
        assert len(network.asked) == 5


def test_silent_server_is_asked_again_beside_a_refusing_one():
    with Network(ipv6=False, unreachable=("10.0.0.2",)) as network:
        work = resolver(servers=["10.0.0.2", "10.0.0.1"])
        assert failure(work, wait=20000).errno == EIO
        assert len(network.asked) == 5
    with Network(None, None, None, FINE, unreachable=("10.0.0.2",)):
        assert result(resolver(servers=["10.0.0.1", "10.0.0.2"]), wait=19000) == FOUND


def test_aliases_share_the_timeout():
    alias = says(record(ASKED, CNAME, name("one.example.net")))
    with Network(None, None, alias) as network:
        assert failure(resolver(servers=["10.0.0.1"]), wait=20000).errno == EIO
        assert len(network.asked) == 6  # the query for the alias is sent at once


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


def test_name_server_of_the_network_is_used():
    for network, server in ((Lwip, "192.0.2.54"), (Esp8266, "192.0.2.53")):
        sys.modules["network"] = network  # type: ignore[assignment]
        try:
            assert dns.name_servers() == [server]
            with Network(FINE) as wire:
                assert result(resolver(servers=None)) == FOUND
                assert wire.servers() == [server]
        finally:
            del sys.modules["network"]


def test_second_name_server_is_added():
    sys.modules["network"] = Lwip  # type: ignore[assignment]
    try:
        for servers, wanted in (
            ([None, "10.0.0.2"], ["192.0.2.54", "10.0.0.2"]),
            (("10.0.0.2", None), ["10.0.0.2", "192.0.2.54"]),
            ((None,), ["192.0.2.54", "192.0.2.54"]),
        ):
            with Network(None, FINE) as wire:
                assert result(resolver(servers=servers), wait=3000) == FOUND
                assert wire.servers() == wanted
    finally:
        del sys.modules["network"]


def test_name_servers_of_a_pc_are_read_from_resolv_conf():
    text = (
        "# nameserver 192.0.2.1\n; nameserver 192.0.2.2\nsearch example.com\nnameserver\n"
        "nameserver 192.0.2.3\nnameserver\t2001:db8::53  # ours\noptions ndots:1"
    )
    dns.open = lambda path: io.StringIO(text)  # type: ignore[attr-defined]
    try:
        assert dns.name_servers() == ["192.0.2.3", "2001:db8::53"]
    finally:
        del dns.open  # type: ignore[attr-defined]
