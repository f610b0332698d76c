"""A slow network: a relay on loopback with a limited rate and a delay."""

import asyncio
import socket
import sys
from types import TracebackType

_PIECE = 1460  # bytes, as in an Ethernet frame


class SlowLine:
    """The line to `to_port`, `async with SlowLine(…) as line`; its near end is `line.port`.

    delay: seconds for each byte, in either direction.
    """

    def __init__(self, to_port: int, octets_per_second: int, delay: float = 0) -> None:
        self._far = ("127.0.0.1", to_port)
        self._rate = octets_per_second
        self._delay = delay

    async def __aenter__(self) -> "SlowLine":
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        # Otherwise the kernel buffers a whole mail.
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
        """Relay one connection after the other."""
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(self._socket)
            # Connecting takes a round trip too.
            await asyncio.sleep(self._delay)
            with near, socket.socket() as far:
                far.setblocking(False)
                await loop.sock_connect(far, self._far)
                await asyncio.gather(self._carry(near, far), self._carry(far, near))

    async def _carry(self, source: socket.socket, target: socket.socket) -> None:
        """Relay one direction: what leaves `source` now arrives at `target` in `delay` seconds."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        leaving = asyncio.create_task(self._leave(source, under_way))
        try:
            piece = b"-"
            while piece:
                due, piece = await under_way.get()
                await asyncio.sleep(due - loop.time())
                await loop.sock_sendall(target, piece)
            await leaving
            target.shutdown(socket.SHUT_WR)
        except OSError:  # one end has closed: close the other
            source.close()
            target.close()
        finally:
            leaving.cancel()

    async def _leave(
        self, source: socket.socket, under_way: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        # Streams would read 256 KB ahead.
        loop = asyncio.get_running_loop()
        piece = b"-"
        try:
            while piece:
                piece = await loop.sock_recv(source, _PIECE)
                await asyncio.sleep(len(piece) / self._rate)
                under_way.put_nowait((loop.time() + self._delay, piece))
        except OSError:
            under_way.put_nowait((loop.time(), b""))
            raise
