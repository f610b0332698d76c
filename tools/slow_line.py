"""A slow network: a relay on loopback that lets only so many octets a second through."""

import asyncio
import socket
import sys
from types import TracebackType

_PIECE = 1460  # octets, as many as go into an Ethernet frame


class SlowLine:
    """The line to `to_port`, `async with SlowLine(…) as line`; its near end is `line.port`."""

    def __init__(self, to_port: int, octets_per_second: int) -> None:
        self._far = ("127.0.0.1", to_port)
        self._rate = octets_per_second

    async def __aenter__(self) -> "SlowLine":
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        # Else the kernel would take a whole mail at once, and keep it.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * _PIECE)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _PIECE)
        self._task = asyncio.create_task(self._carry_on())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._socket.close()

    async def _carry_on(self) -> None:
        """One connection after the other."""
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(self._socket)
            with near, socket.socket() as far:
                far.setblocking(False)
                await loop.sock_connect(far, self._far)
                await asyncio.gather(self._carry(near, far), self._carry(far, near))

    async def _carry(self, source: socket.socket, target: socket.socket) -> None:
        # No streams: those read a quarter of a megabyte ahead.
        loop = asyncio.get_running_loop()
        try:
            while piece := await loop.sock_recv(source, _PIECE):
                await asyncio.sleep(len(piece) / self._rate)
                await loop.sock_sendall(target, piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:  # one end is gone: let go of the other
            source.close()
            target.close()
