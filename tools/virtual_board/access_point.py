"""The board's access point: every connection passes here, and can be broken.

The board asks for a host and port, and gets a port of this computer that relays TCP and UDP to
them. So the network can really disappear, and port 53 can lead to a test's name server. Ethernet
works in the same way.
"""

import asyncio
import contextlib
import socket
import struct

Address = tuple[str, int]
_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PIECE = 4096  # bytes in flight, about as on a board
_DATAGRAM = 65536  # bytes; the longest datagram
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


class AccessPoint:
    """All of it runs in one event loop."""

    def __init__(self, networks: dict[str, str], routes: dict[int, Address]) -> None:
        self.networks = networks
        self.routes = routes
        self._reachable = True
        self._ways: dict[Address, _Way] = {}

    def join(self, name: str, password: str | None) -> str:
        """Return whether a board may join a network."""
        if not self._reachable or name not in self.networks:
            return "not found"
        return "joined" if self.networks[name] == (password or "") else "wrong password"

    def scan(self) -> list[str]:
        """Return the networks in reach."""
        return list(self.networks) if self._reachable else []

    async def way(self, host: str, port: int, tcp: bool) -> int:
        """Return the port of this computer that relays to an address; 0 if none does."""
        if not self._reachable:
            return 0
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(
                *self.routes.get(port, (host, port)),
                family=0 if tcp else socket.AF_INET,  # _Way's UDP sockets are IPv4
            )
        except OSError:
            return 0
        targets = [(str(one[4][0]), int(one[4][1])) for one in found]
        target, stream = await _connect(targets) if tcp else (targets[0], None)
        if tcp and stream is None and target in self._ways:
            self._ways.pop(target).close()
        if target not in self._ways:
            self._ways[target] = _Way(target)
        if stream:
            await self._ways[target].listen(stream)
        return self._ways[target].port

    def take_away(self) -> None:
        """Break every connection, and refuse new ones until bring_back()."""
        self._reachable = False
        self.break_all()

    def break_all(self) -> None:
        """Break all connections: the board was reset, or is out of reach."""
        for way in self._ways.values():
            way.close()
        self._ways.clear()

    def bring_back(self) -> None:
        """Let the board connect again."""
        self._reachable = True


class _Way:
    """A port of this computer that relays to another address."""

    def __init__(self, target: Address) -> None:
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._tcp, self._udp = _same_port()
        self.port = self._udp.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._ahead: list[_Stream] = []  # connections for which the board's is awaited
        self._connections: set[asyncio.Task[None]] = set()
        self._sockets: dict[Address, socket.socket] = {}  # for UDP, by the board's address
        self._loop.add_reader(self._udp, self._from_board)

    def close(self) -> None:
        """Break all connections of this relay."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        for _, writer in self._ahead:
            writer.transport.abort()
        for sock in (self._udp, *self._sockets.values()):
            self._loop.remove_reader(sock)
            sock.close()
        self._tcp.close()

    # TCP

    async def listen(self, stream: _Stream) -> None:
        """Join the next connection of the board with this one, which is open already."""
        self._ahead.append(stream)
        if not self._server:
            self._server = await asyncio.start_server(self._connection, sock=self._tcp)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        writers = [writer]
        try:
            far_reader, far_writer = (
                self._ahead.pop() if self._ahead else await asyncio.open_connection(*self._target)
            )
            writers.append(far_writer)
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        except (OSError, asyncio.CancelledError):  # one end has closed, or the network is gone
            for broken in writers:
                with contextlib.suppress(OSError):  # already closed
                    sock = broken.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                broken.transport.abort()
        finally:
            for finished in writers:
                finished.close()
            self._connections.discard(task)

    # UDP: a socket for each of the board's, so that replies reach it

    def _from_board(self) -> None:
        data, address = self._udp.recvfrom(_DATAGRAM)
        if address not in self._sockets:
            self._sockets[address] = sock = socket.socket(type=socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(self._target)
            self._loop.add_reader(sock, self._to_board, sock, address)
        with contextlib.suppress(OSError):  # UDP does not report errors
            self._sockets[address].send(data)

    def _to_board(self, sock: socket.socket, address: Address) -> None:
        with contextlib.suppress(OSError):
            self._udp.sendto(sock.recv(_DATAGRAM), address)


async def _connect(targets: list[Address]) -> tuple[Address, _Stream | None]:
    """Connect to the first address that accepts: localhost may be ::1 and 127.0.0.1.

    If none does, return the first one and None. This happens before the board connects:
    it is refused too.
    """
    for target in targets:
        with contextlib.suppress(OSError):
            return target, await asyncio.open_connection(*target)
    return targets[0], None


def _same_port() -> tuple[socket.socket, socket.socket]:
    """A TCP and a UDP socket, bound to the same port."""
    while True:
        tcp = socket.socket()
        udp = socket.socket(type=socket.SOCK_DGRAM)
        tcp.bind(("127.0.0.1", 0))
        try:
            udp.bind(tcp.getsockname())
        except OSError:  # in use
            tcp.close()
            udp.close()
            continue
        udp.setblocking(False)
        return tcp, udp


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    writer.write_eof()
