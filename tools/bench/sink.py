"""One session of an SMTP server that throws away what it gets, as fast as it comes."""

import base64
import socket
import ssl

_END = b"\r\n.\r\n"
_PIECE = 1 << 18  # octets, of one read


class Sink:
    """The server's side of a connection. keywords: what EHLO offers beside STARTTLS."""

    def __init__(
        self,
        sock: socket.socket,
        keywords: tuple[str, ...],
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        self._sock = sock
        self._keywords = keywords
        self._starttls = starttls
        self._ahead = b""  # read, and not yet looked at
        self._piece = bytearray(_PIECE)

    def serve(self) -> None:
        """Talk until the client goes."""
        self._say("220 mail.example.com ESMTP")
        try:
            while self._obey(self._line()):
                pass
        except (EOFError, OSError):
            pass
        finally:
            self._sock.close()

    def _obey(self, line: str) -> bool:
        """Do what a command line says; False at the end."""
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        if verb == "EHLO":
            starttls = ("STARTTLS",) if self._starttls else ()
            lines = ("mail.example.com", *self._keywords, *starttls)
            for word in lines[:-1]:
                self._say("250-" + word)
            self._say("250 " + lines[-1])
        elif verb == "STARTTLS" and self._starttls:
            self._say("220 2.0.0 go ahead")
            self._sock = self._starttls.wrap_socket(self._sock, server_side=True)
            self._starttls = None
        elif verb == "AUTH":
            self._log_in(rest)
        elif verb == "DATA":
            self._say("354 go ahead")
            self._say(f"250 2.0.0 {self._text()} octets")
        elif verb == "BDAT":
            size = int(rest.split()[0])
            self._skip(size)
            self._say(f"250 2.0.0 {size} octets")
        elif verb == "QUIT":
            self._say("221 2.0.0 bye")
            return False
        else:
            self._say("250 2.0.0 ok")
        return True

    def _log_in(self, words: str) -> None:
        """PLAIN and LOGIN, whoever it is."""
        mechanism, _, response = words.partition(" ")
        asked = 2 if mechanism == "LOGIN" else 1
        for _ in range(asked - bool(response)):
            self._say("334 " + base64.b64encode(b"Go on").decode())
            self._line()
        self._say("235 2.7.0 welcome")

    def _text(self) -> int:
        """Read as far as the dot; return how many octets came before it."""
        size = 0
        rest = b"\r\n" + self._ahead  # the dot may be all there is
        while (at := rest.find(_END)) < 0:
            size += len(rest)
            rest = rest[-4:]
            size -= len(rest)
            rest += self._read()
        self._ahead = rest[at + len(_END) :]
        return size + at

    def _skip(self, size: int) -> None:
        while size > len(self._ahead):
            size -= len(self._ahead)
            self._ahead = self._read()
        self._ahead = self._ahead[size:]

    def _line(self) -> str:
        while b"\n" not in self._ahead:
            self._ahead += self._read()
        line, _, self._ahead = self._ahead.partition(b"\n")
        return line.decode().rstrip("\r")

    def _read(self) -> bytes:
        got = self._sock.recv_into(self._piece)
        if not got:
            raise EOFError
        return bytes(memoryview(self._piece)[:got])

    def _say(self, line: str) -> None:
        self._sock.sendall(line.encode() + b"\r\n")
