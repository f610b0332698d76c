"""A way to a server that lets so many bytes through, and then nothing more."""

import contextlib
import socket
import socketserver
import threading
from types import TracebackType


class Gate:
    """Listens at `address` while the `with` lasts. bytes: that go to the server, in all."""

    def __init__(self, port: int, octets: int) -> None:
        self.reached = threading.Event()  # so many have gone
        self._open = threading.Event()
        gate = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", port)) as far:
                    back = threading.Thread(target=_carry, args=(far, self.request))
                    back.start()
                    _carry(self.request, far, gate)
                    back.join()

        self._octets = octets
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.address: tuple[str, int] = self._server.server_address  # type: ignore[assignment]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> "Gate":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.open()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def open(self) -> None:
        """Drop what was held, and let everything else through."""
        self._open.set()

    def pass_on(self, piece: bytes) -> None:
        """Come back if these bytes may go."""
        self._octets -= len(piece)
        if self._octets < 0 and not self._open.is_set():
            self.reached.set()
            self._open.wait()
            raise ConnectionAbortedError


def _carry(source: socket.socket, target: socket.socket, gate: Gate | None = None) -> None:
    try:
        while piece := source.recv(512):
            if gate:
                gate.pass_on(piece)
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # broken off
        for sock in source, target:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
