"""The mail server for measurements, and a name server, in another process."""

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import dns.message
import dns.rrset
import trustme

from tools.bench import compiled
from tools.bench.on_device.session import Session

NAME = "mail.example.com"
KEYWORDS = ("PIPELINING", "SIZE 200000000", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN")
_PIECE = 1 << 18  # bytes per read


class Server:
    """`with Server() as server`: `plain`, `starttls` and `tls` are its ports, `names` that of the
    name server, `ca` the file that a client trusts.
    """

    def __init__(self, *more_keywords: str) -> None:
        self._keywords = more_keywords

    def __enter__(self) -> "Server":
        folder = compiled.FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(authority.cert_pem.bytes())
        certificate = folder / "server.pem"
        leaf = authority.issue_cert(NAME, "localhost", "127.0.0.1")
        certificate.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.bench.server", str(certificate), *self._keywords],
            cwd=compiled.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        ports: dict[str, int] = json.loads(self._process.stdout.readline())
        self.plain, self.starttls, self.tls = ports["plain"], ports["starttls"], ports["tls"]
        self.names = ports["names"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # ends when its input ends


def main(certificate: str, *more_keywords: str) -> None:
    """Serve until the standard input ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(certificate))
    keywords = KEYWORDS + more_keywords
    ports = {
        "plain": _listen(lambda sock: serve(sock, Session(keywords), context)),
        "starttls": _listen(lambda sock: serve(sock, Session(keywords, True), context)),
        "tls": _listen(lambda sock: serve(_secured(sock, context), Session(keywords), context)),
        "names": _answer_names(),
    }
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


def serve(sock: socket.socket, session: Session, context: ssl.SSLContext) -> None:
    """Serve a connection until one side closes it."""
    sock.sendall(session.greeting)
    room = bytearray(_PIECE)
    while not session.over and (got := sock.recv_into(room)):
        said = session.receive(bytes(memoryview(room)[:got]))
        if said:
            sock.sendall(said)
        if session.wants_tls:
            sock = _secured(sock, context)
            session.secured()
    sock.close()


def _secured(sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(sock, server_side=True)


def _listen(talk: Callable[[socket.socket], None]) -> int:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def take(sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):  # clients may close the connection
            talk(sock)
        sock.close()

    def accept() -> None:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=take, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def _answer_names() -> int:
    """Answer every name with this computer's address."""
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            packet, who = sock.recvfrom(512)
            query = dns.message.from_wire(packet)
            reply = dns.message.make_response(query, recursion_available=True)
            name = query.question[0].name
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", "A", "127.0.0.1"))
            sock.sendto(reply.to_wire(), who)

    threading.Thread(target=answer, daemon=True).start()
    return sock.getsockname()[1]


if __name__ == "__main__":
    main(*sys.argv[1:])
