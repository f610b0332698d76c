"""Replies before a reset, over this computer's sockets, on every runtime."""

import contextlib
import socket
import ssl
import struct
import threading

import pytest

from host_tests.support.servers.certificates import server_context

GREETING = b"220 mail.example.test ESMTP\r\n"
ANSWERS = {
    b"EHLO": b"250-mail.example.test\r\n250 SIZE\r\n",
    b"MAIL": b"250 2.1.0 OK\r\n",
    b"RCPT": b"250 2.1.5 OK\r\n",
    b"DATA": b"354 go on\r\n",
}
# (reply, step, result of the mail)
WORDS = {
    "greeting": (b"421 4.3.2 too busy\r\n", ("ERROR_CLOSED", True, 421)),
    "in the text": (b"552 5.3.4 too large\r\n", ("ERROR_TOO_LARGE", False, 552)),
    "behind the text": (b"554 5.7.1 no\r\n", ("ERROR_REJECTED", False, 554)),
    "taken": (b"250 2.0.0 kept\r\n", ("-", False, 250)),
}
SIZE = 100_000


class Resetting:
    """Replies `words` at a step, and resets the connection with unread data."""

    def __init__(self, words: bytes, place: str, context: ssl.SSLContext | None) -> None:
        self._words = words
        self._place = place
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.tls_port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Resetting":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        sock, _ = self._listener.accept()
        # Otherwise the reply may wait for an acknowledgement, and the reset drops it.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Closing it then is a reset.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.closing(sock), contextlib.suppress(OSError):
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            with contextlib.closing(sock):
                self._talk(sock)
                sock.sendall(self._words)

    def _talk(self, sock: socket.socket) -> None:
        if self._place == "greeting":
            return
        sock.sendall(GREETING)
        with sock.makefile("rb") as lines:
            for line in lines:
                sock.sendall(ANSWERS[line[:4]])
                if line[:4] == b"DATA":
                    break
            if self._place == "in the text":
                lines.read(SIZE // 4)
                return
            while lines.readline() != b".\r\n":
                pass


@pytest.mark.parametrize("security", ["none", "tls"])
@pytest.mark.parametrize("place", WORDS)
def test_replies_before_a_reset_are_read(runtime, send, certificates, tmp_path, security, place):
    """A lost reply would mean endless retries or duplicates."""
    words, wanted = WORDS[place]
    attachment = tmp_path / "readings.bin"
    attachment.write_bytes(bytes(SIZE))
    mail = {
        "sender": "boiler@example.test",
        "to": "ops@example.test",
        "text": "It boils.",
        "attachments": [{"path": str(attachment)}],
    }
    context = server_context(certificates.good) if security == "tls" else None
    with Resetting(words, place, context) as server:
        told = send(server, security, mail, port=server.port)
    assert (told["error"], told["in_doubt"], told["code"]) == (wanted[0], False, wanted[2]), told
    assert told["transient"] == wanted[1]
    assert told["result"] == ("SENT" if place == "taken" else "FAILED")
