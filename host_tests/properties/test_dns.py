"""dns.py compared with dnspython, on any bytes, and on real sockets with a name server."""

import ast
import contextlib
import ipaddress
import os
import socket
import subprocess
import time
from collections.abc import Iterator

import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
import dns.rrset
import hssmtp.net.dns as resolving
import pytest
from dns_messages import AAAA, A
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scripted_network import SERVERS, Network

from host_tests.support.nameserver import (
    MX,
    Answer,
    NameServer,
    Query,
    addresses,
    chain,
    changed,
    closed_port,
    foreign,
    good,
    no_response,
    pointer_loop,
    raw,
    several,
    silence,
    wrong_ident,
    wrong_question,
)
from host_tests.support.runtimes import PATH, RUNTIMES

KINDS = {"A": A, "AAAA": AAAA}


def answer(packet: bytes, query: bytes) -> tuple[list[str], int, bytes, int]:
    found = resolving.answer(packet, query)
    assert found is not None
    return found


# Compared with dnspython

labels = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1)
names = st.lists(labels, min_size=1, max_size=40).map(".".join)


@given(names, st.booleans())
@example("a" * 63 + ".b", False)
@example(".".join(["a" * 63] * 3 + ["b" * 61]), True)
def test_names_are_encoded_as_by_dnspython(text, dot):
    try:
        wire = encoded(dns.name.from_text(text)).lower()
    except dns.exception.DNSException:
        with pytest.raises(ValueError, match="not a host name"):
            resolving.encode(text)
    else:
        assert resolving.encode(text + "." * dot) == wire


@given(names.filter(lambda text: len(text) < 254), st.sampled_from(list(KINDS)))
def test_queries_equal_those_of_dnspython(text, kind):
    assume(max(map(len, text.split("."))) < 64)
    query = resolving.query(resolving.encode(text), KINDS[kind])
    ident = int.from_bytes(query[2:4], "big")
    expected = dns.message.make_query(text.lower(), kind, id=ident).to_wire(prepend_length=True)
    assert query == expected


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_is_refused(text):
    with contextlib.suppress(ValueError):
        assert 3 <= len(resolving.encode(text)) <= 255


hosts = st.sampled_from([MX, "a.example.com.", "b.example.com.", "MX.Example.net.", "c.", "."])
ttls = st.integers(0, 2**31 - 1)
records = st.one_of(
    st.builds(lambda name, ttl, data: f"{name} {ttl} A {data}", hosts, ttls, st.ip_addresses(v=4)),
    st.builds(
        lambda name, ttl, data: f"{name} {ttl} AAAA {data}", hosts, ttls, st.ip_addresses(v=6)
    ),
    st.builds(lambda name, ttl, data: f"{name} {ttl} CNAME {data}", hosts, ttls, hosts),
    st.builds(lambda name, ttl: f"{name} {ttl} TXT text", hosts, ttls),
)


@st.composite
def queries(draw):
    return resolving.query(resolving.encode(MX), KINDS[draw(st.sampled_from(list(KINDS)))])


def wire(query: bytes, made: Answer) -> bytes:
    return made(Query(query[2:], False, ("127.0.0.1", 0)))[0]


def told(packet: bytes) -> set[str]:
    """All addresses that a reply can be read to give for MX."""
    reply = dns.message.from_wire(packet, one_rr_per_rrset=True, ignore_trailing=True)
    ours = {reply.question[0].name}
    while True:
        more = {
            dns.name.from_text(str(record[0]))
            for record in reply.answer
            if record.name in ours and record.rdtype == dns.rdatatype.CNAME
        }
        if more <= ours:
            break
        ours |= more
    return {
        ipaddress.ip_address(str(record[0])).exploded
        for record in reply.answer
        if record.name in ours
        and record.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)
        and record.rdclass == 1
    }


def exploded(texts: list[str]) -> set[str]:
    return {ipaddress.ip_address(text).exploded for text in texts}


@given(queries(), st.lists(records, max_size=12))
def test_addresses_are_those_of_the_queried_name(query, texts):
    packet = wire(query, good(*texts))
    found, code, _, ttl = answer(packet, query)
    assert exploded(found) <= told(packet)
    assert code == 0
    assert 0 <= ttl <= 3600


@given(
    queries(),
    st.lists(labels.filter(lambda text: len(text) < 64), max_size=6, unique_by=str.lower),
    st.lists(st.ip_addresses(v=4), max_size=8),
    st.lists(st.ip_addresses(v=6), max_size=8),
    st.lists(ttls, min_size=7, max_size=7),
    st.booleans(),
)
def test_alias_chains_end_as_in_dnspython(query, links, fours, sixes, ages, compress):
    message = dns.message.from_wire(query[2:])
    reply = dns.message.make_response(message)
    path = [MX, *(link + ".example.net." for link in links)]
    for one, two, age in zip(path, path[1:], ages, strict=False):
        reply.answer.append(dns.rrset.from_text(one, age, "IN", "CNAME", two))
    for kind, data in (("A", fours), ("AAAA", sixes)):
        if data and KINDS[kind] == KINDS[message.question[0].rdtype.name]:
            reply.answer.append(
                dns.rrset.from_text(path[-1], ages[-1], "IN", kind, *map(str, data))
            )
    packet = reply.to_wire(max_size=65535) if compress else _uncompressed(reply)
    read = dns.message.from_wire(packet)
    assert isinstance(read, dns.message.QueryMessage)
    expected = read.resolve_chaining()
    found, code, last, ttl = answer(packet, query)
    assert code == 0
    assert last == resolving.encode(str(expected.canonical_name))
    assert exploded(found) == exploded([str(data) for data in expected.answer or ()])
    assert ttl == min([3600, *(each.ttl for each in read.answer)])


def _uncompressed(reply: dns.message.Message) -> bytes:
    question = reply.question[0]
    packet = reply.to_wire(max_size=65535)[:12]
    packet += encoded(question.name) + question.rdtype.to_bytes(2, "big") + b"\0\1"
    for rrset in reply.answer:
        for data in rrset:
            octets = data.to_wire() or b""
            packet += encoded(rrset.name) + rrset.rdtype.to_bytes(2, "big") + b"\0\1"
            packet += rrset.ttl.to_bytes(4, "big") + len(octets).to_bytes(2, "big") + octets
    return packet


def encoded(name: dns.name.Name) -> bytes:
    return name.to_wire() or b""


# Bytes of any kind


@given(queries(), st.binary(max_size=600), st.integers(0, 40))
def test_any_bytes_are_parsed(query, octets, kept):
    # With a valid header and question the rest is parsed too.
    head = wire(query, good(f"{MX} 300 A 192.0.2.7"))[: len(query) - 2]
    for packet in (octets, head[:kept] + octets, head + octets):
        reply = resolving.answer(packet, query)
        assert reply is None or exploded(reply[0]) is not None


@st.composite
def mutated(draw):
    """A good reply, a few of its bytes changed, left out or put in."""
    query = draw(queries())
    packet = bytearray(wire(query, good(*draw(st.lists(records, min_size=1, max_size=6)))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(packet) - 1))
        packet[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return query, bytes(packet)


@given(mutated())
def test_damaged_reply_gives_no_invented_address(damaged):
    query, packet = damaged
    reply = resolving.answer(packet, query)
    if reply is not None:
        for address in reply[0]:
            assert ipaddress.ip_address(address).packed in packet
        try:
            expected = told(packet)
        except (dns.exception.DNSException, ValueError):
            return  # dnspython parses all or nothing
        assert exploded(reply[0]) <= expected


@given(
    st.lists(st.one_of(st.none(), mutated(), st.binary(max_size=80)), max_size=30),
    st.lists(st.sampled_from([0, 1, 500, 5000]), max_size=50),
)
def test_resolver_ends_whatever_arrives(entries, waits):
    def reply(entry):
        if entry is None:
            return None
        if isinstance(entry, bytes):
            return lambda query: entry
        return lambda query: query[:2] + entry[1][2:]

    with Network(*map(reply, entries)) as network:
        work = resolving.Resolver("mx.example.com", SERVERS)
        now = 0
        for _ in range(200):
            try:
                found = work.step(now)
            except OSError as exc:
                assert exc.errno in (2, 5)
                break
            if found is not None:
                assert exploded(found)
                break
            now += waits.pop() if waits else 1000
        else:
            pytest.fail("no end")
        work.close()
        # Six silent servers take all the time, with at most five that refuse before each; eight
        # aliases one by one, and IPv6; each perhaps over TCP too.
        assert len(network.asked) <= 2 * (7 * 6 + 8 + 1)


# On real sockets, each runtime in its own process; the tests control the clock.

DRIVER = """
import sys
import hssmtp.net.dns as dns

work = None
while True:
    words = sys.stdin.readline().split()
    if not words:
        break
    result = None
    try:
        if words[0] == "new":
            servers = [(words[i], int(words[i + 1])) for i in range(2, len(words), 2)]
            work = dns.Resolver(words[1], servers)
        elif words[0] == "step":
            result = work.step(int(words[1]))
        elif words[0] == "close":
            work.close()
        elif words[0] == "servers":
            result = dns.name_servers()
    except OSError as exc:
        result = exc.args
    print(repr(result))
"""


class Driver:
    """dns.py in another process."""

    def __init__(self, runtime: str) -> None:
        command = RUNTIMES[runtime].command()
        assert command is not None
        key = "MICROPYPATH" if RUNTIMES[runtime].implementation == "micropython" else "PYTHONPATH"
        self._process = subprocess.Popen(
            [*command, "-c", DRIVER],
            env={**os.environ, key: os.pathsep.join(PATH), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *words: object):
        assert self._process.stdin and self._process.stdout
        print(*words, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        try:
            return ast.literal_eval(line)
        except SyntaxError:
            raise AssertionError(line + self._process.stdout.read()) from None

    def end(self) -> None:
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()
            assert self._process.wait(30) == 0

    def resolve(
        self, *servers: NameServer | tuple[str, int], name: str = "mx.example.com"
    ) -> None:
        places = [each.address if isinstance(each, NameServer) else each for each in servers]
        self("new", name, *(word for place in places for word in place))

    def result(self, now: int = 1000, until=lambda: False):
        """Step at the same time until there is a result, or a condition holds."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            result = self("step", now)
            if result is not None or until():
                return result
        raise AssertionError("no result within 30 s")


@pytest.fixture
def driver(runtime: str) -> Iterator[Driver]:
    process = Driver(runtime)
    yield process
    process.end()


FINE = addresses("192.0.2.7", "192.0.2.8")
FOUND = ["192.0.2.7", "192.0.2.8"]
EVIL = addresses("192.0.2.66")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([FINE], id="addresses"),
        pytest.param([chain("one.example.net.", "a.b.", end=FOUND[0])], id="aliases"),
        pytest.param([several(changed(wrong_ident, EVIL), FINE)], id="wrong ident"),
        pytest.param([several(changed(wrong_question, EVIL), FINE)], id="wrong question"),
        pytest.param([several(changed(no_response, EVIL), FINE)], id="no response"),
        pytest.param([several(raw(b"", b"\0", b"\xff" * 900), FINE)], id="garbage"),
        pytest.param([several(foreign(EVIL), FINE)], id="from a foreign port"),
        pytest.param([good(f"{MX} 300 A {FOUND[0]}", truncated=True)], id="truncated behind"),
        pytest.param([good(truncated=True), FINE], id="truncated, then over TCP"),
        pytest.param([changed(pointer_loop, EVIL), FINE], id="pointer loop, then over TCP"),
        pytest.param(
            [chain("one.example.net.", "a.b."), good("a.b. 9 A " + FOUND[0])], id="chain"
        ),
    ],
)
def test_real_server_gives_the_addresses(driver, script):
    with NameServer(*script) as server:
        driver.resolve(server)
        assert driver.result() in (FOUND, FOUND[:1])
        assert len(server.queries) == len(script)


def test_repeated_replies_are_ignored(driver):
    with NameServer(addresses(*FOUND, *FOUND, *FOUND)) as server:
        driver.resolve(server)
        assert set(driver.result()) == set(FOUND)


def test_tcp_reply_may_be_long(driver):
    many = [f"10.0.0.{number}" for number in range(200)]
    with NameServer(good(truncated=True), addresses(*many)) as server:
        driver.resolve(server)
        found = driver.result()
        assert found == many[: len(found)]
        assert len(found) > 50


def test_ipv6_is_queried_next(driver):
    with NameServer(good(), good(f"{MX} 300 AAAA 2001:db8::7")) as server:
        driver.resolve(server)
        assert driver.result() == ["2001:db8:0:0:0:0:0:7"]
        assert [query.asked for query in server.queries] == [(MX, "A"), (MX, "AAAA")]


def test_nxdomain_is_final(driver):
    with NameServer(good(rcode="NXDOMAIN")) as server, NameServer(FINE) as other:
        driver.resolve(server, other)
        assert driver.result() == (2, "no such name")
        assert not other.queries


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"])
def test_failing_server_leads_to_the_next(driver, rcode):
    with NameServer(good(rcode=rcode)) as server, NameServer(FINE) as other:
        driver.resolve(server, other)
        assert driver.result() == FOUND


def test_refusing_server_leads_to_the_next_at_once(driver):
    with NameServer(FINE) as server:
        driver.resolve(closed_port(), closed_port(), server)
        assert driver.result() == FOUND


def test_all_servers_refusing_fails_at_once(driver):
    driver.resolve(closed_port(), closed_port())
    number, text = driver.result()
    assert number == 5
    assert "no answer" in text


def test_silent_server_leads_to_the_next_after_its_timeout(driver):
    with NameServer(silence) as server, NameServer(FINE) as other:
        driver.resolve(server, other)
        assert driver.result(1000, until=lambda: server.queries) is None
        assert driver.result(2999, until=lambda: True) is None
        assert driver("step", 2999) is None
        assert not other.queries
        assert driver.result(3000) == FOUND


def test_queries_differ_in_id_and_port(driver):
    with NameServer(*[good(f"{MX} 0 A 192.0.2.7")] * 12) as server:
        for _ in range(12):
            driver.resolve(server)
            assert driver.result() == ["192.0.2.7"]
        assert len({query.packet[:2] for query in server.queries}) > 8
        ports = {query.source[1] for query in server.queries}
        assert len(ports) > 8
        assert all(port >= 49152 for port in ports)


def test_name_is_cached_for_its_ttl(driver):
    with NameServer(FINE, addresses("192.0.2.9")) as server:
        for now in (1000, 200_000, 300_999):
            driver.resolve(server)
            assert driver.result(now) == FOUND
        assert len(server.queries) == 1
        driver.resolve(server)
        assert driver.result(301_000) == ["192.0.2.9"]


def test_resolver_can_be_closed_at_any_time(driver):
    with NameServer(silence) as server:
        driver.resolve(server)
        driver.result(until=lambda: server.queries)
        driver("close")
        driver("close")


def test_name_server_may_have_an_ipv6_address(driver):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with NameServer(FINE, host="::1") as server:
        driver.resolve(closed_port("::1"), server)
        assert driver.result() == FOUND


def test_name_servers_of_this_computer_are_found(driver):
    try:
        expected = dns.resolver.Resolver("/etc/resolv.conf").nameservers
    except (OSError, dns.resolver.NoResolverConfiguration):
        pytest.skip("this machine has no name servers in /etc/resolv.conf")
    assert driver("servers") == expected
