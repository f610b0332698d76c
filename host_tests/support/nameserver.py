"""A name server on loopback that does as it is told, wrong things too (RFC 1035)."""

import selectors
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

MX = "mx.example.com."


@dataclass(frozen=True)
class Query:
    """What a resolver asked."""

    packet: bytes
    tcp: bool
    source: tuple[str, int]

    @property
    def message(self) -> dns.message.Message:
        return dns.message.from_wire(self.packet)

    @property
    def asked(self) -> tuple[str, str]:
        """The question: ("mx.example.com.", "A")."""
        question = self.message.question[0]
        return str(question.name), question.rdtype.name


# What one query is answered with, packet by packet.
Answer = Callable[[Query], list[bytes]]


def good(*records: str, rcode: str = "NOERROR", truncated: bool = False) -> Answer:
    """A reply of records as a zone file has them: "mx.example.com. 300 A 192.0.2.7"."""

    def answer(query: Query) -> list[bytes]:
        reply = dns.message.make_response(query.message, recursion_available=True)
        reply.set_rcode(dns.rcode.from_text(rcode))
        if truncated:
            reply.flags |= dns.flags.TC
        for record in records:
            name, ttl, kind, data = record.split()
            # Each by itself: what is said twice is sent twice.
            reply.answer.append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
        return [reply.to_wire()]

    return answer


def addresses(*octets: str) -> Answer:
    """A reply with the name's IPv4 addresses."""
    return good(*(f"{MX} 300 A {address}" for address in octets))


def chain(*names: str, end: str | None = None) -> Answer:
    """A reply that leads from alias to alias, to the address `end` if there is one."""
    links = [f"{one} 300 CNAME {two}" for one, two in zip((MX, *names), names, strict=False)]
    return good(*links, *([f"{names[-1]} 300 A {end}"] if end else []))


def changed(change: Callable[[bytearray], object], then: Answer) -> Answer:
    """The packets of another answer, each with something wrong about it."""

    def answer(query: Query) -> list[bytes]:
        packets = [bytearray(packet) for packet in then(query)]
        for packet in packets:
            change(packet)
        return [bytes(packet) for packet in packets]

    return answer


def wrong_ident(packet: bytearray) -> None:
    packet[1] ^= 1


def wrong_question(packet: bytearray) -> None:
    packet[13] ^= 1


def no_response(packet: bytearray) -> None:
    packet[2] &= 0x7F


def pointer_loop(packet: bytearray) -> None:
    """The owner of the first record becomes a pointer to itself."""
    at = packet.index(b"\xc0\x0c", 12)
    packet[at : at + 2] = struct.pack(">H", 0xC000 | at)


def raw(*packets: bytes) -> Answer:
    """These very bytes."""
    return lambda query: list(packets)


def several(*answers: Answer) -> Answer:
    """One after the other, to the same query."""
    return lambda query: [packet for answer in answers for packet in answer(query)]


def silence(query: Query) -> list[bytes]:
    """No reply at all."""
    return []


def foreign(then: Answer) -> Answer:
    """The packets of another answer, from a port that nobody asked."""

    def answer(query: Query) -> list[bytes]:
        family = socket.AF_INET6 if ":" in query.source[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as stranger:
            for packet in then(query):
                stranger.sendto(packet, query.source)
        return []

    return answer


class NameServer:
    """Listens on `address` (host, port), UDP and TCP. Each query takes the script's next answer.

    What comes behind the last one is met with silence.
    """

    def __init__(self, *script: Answer, host: str = "127.0.0.1") -> None:
        self.queries: list[Query] = []  # as they came
        self._script = list(script)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        while True:
            self._udp = socket.socket(family, socket.SOCK_DGRAM)
            self._udp.bind((host, 0))
            self.address: tuple[str, int] = self._udp.getsockname()[:2]
            try:
                self._tcp = socket.create_server(self.address, family=family)
                break
            except OSError:  # over TCP that port is somebody else's
                self._udp.close()
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "NameServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wake.close()
        self._thread.join()

    def _answers(self, query: Query) -> list[bytes]:
        answer = self._script.pop(0) if self._script else silence
        self.queries.append(query)
        return answer(query)

    def _serve(self) -> None:
        received: dict[socket.socket, bytes] = {}  # what came over a TCP connection so far
        with selectors.DefaultSelector() as selector:
            for sock in (self._udp, self._tcp, self._woken):
                selector.register(sock, selectors.EVENT_READ)
            ready: list[socket.socket] = []
            while self._woken not in ready:
                ready = [key.fileobj for key, _ in selector.select()]  # type: ignore[misc]
                for sock in ready:
                    if sock is self._udp:
                        packet, source = sock.recvfrom(65535)
                        for each in self._answers(Query(packet, False, source[:2])):
                            sock.sendto(each, source)
                    elif sock is self._tcp:
                        connection = sock.accept()[0]
                        received[connection] = b""
                        selector.register(connection, selectors.EVENT_READ)
                    elif sock is not self._woken and not self._stream(sock, received):
                        selector.unregister(sock)
                        received.pop(sock)
                        sock.close()
        for sock in (self._udp, self._tcp, self._woken, *received):
            sock.close()

    def _stream(self, sock: socket.socket, received: dict[socket.socket, bytes]) -> bool:
        """Take what came; False at the end of the connection."""
        try:
            piece = sock.recv(65535)
        except ConnectionError:
            return False
        octets = received[sock] + piece
        length = 2 + int.from_bytes(octets[:2], "big")
        if piece and 2 < length <= len(octets):
            source = sock.getpeername()[:2]
            for each in self._answers(Query(octets[2:length], True, source)):
                message = struct.pack(">H", len(each)) + each
                for octet in message[:9]:  # in pieces, as a network may do it
                    sock.sendall(bytes([octet]))
                sock.sendall(message[9:])
            octets = octets[length:]
        received[sock] = octets
        return bool(piece)


def closed_port(host: str = "127.0.0.1") -> tuple[str, int]:
    """An address that refuses: the system says so by ICMP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return sock.getsockname()[:2]
