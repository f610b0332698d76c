"""Imitations of the socket modules of RP2 and ESP32, for tests of the real Link.

Each imitates the measured behaviour of its port's C code: extmod/modlwip.c or
ports/esp32/modsocket.c, py/stream.c, extmod/modtls_mbedtls.c. A ScriptedLink is the network.
"""

from errno import EHOSTUNREACH

import hssmtp.net
import hssmtp.net.lwip

# In bytes: lwIP's heap on RP2 without the part that mDNS holds; the size of a segment; the heap
# that a segment takes in addition to its data.
_HEAP = 8000 - 340
_SEGMENT = 800
_OVERHEAD = 80

_EINVAL = 22
_ENOMEM = 12
_ECONNRESET = 104
_HELLO = bytes(300)  # the ClientHello


def trouble(number):
    """Return an OSError that has an errno on CPython too."""
    return OSError(number, "errno %d" % number)


class Port:
    """The modules socket and select of a port. Its connections use `network`, one at a time.

    refused: number of connections that are refused before one is accepted. addresses: the
    addresses of every host name. handshakes: for each TLS handshake in order, the exception that
    it raises; None: it succeeds. Handshakes after the last entry succeed.
    """

    AF_INET = 2
    AF_INET6 = 10
    SOCK_STREAM = 1
    SOCK_DGRAM = 2
    POLLIN = 1
    POLLOUT = 4
    POLLERR = 8
    POLLHUP = 16

    most_sockets = 5
    no_socket = _ENOMEM
    in_progress = 115

    def __init__(self, network, refused=0, addresses=("192.0.2.1",), handshakes=()):
        self.network = network
        self.refused = refused
        self.addresses = addresses
        self.handshakes = list(handshakes)
        self.open_sockets = []
        self.name = ""  # the last resolved name
        self.tried = []  # the addresses given to connect()
        self.clock = 0  # ms; a write that waits in C advances it

    # Replacing the modules

    def link(self, **options):
        """Return a real Link that uses this port's modules."""
        return self._within(hssmtp.net.Link, **options)

    def adopt(self, client):
        """Make the client's methods use this port's modules."""
        for name in ("send_mail", "tick", "abort_mail", "resume", "deinit"):
            setattr(client, name, self._bound(getattr(client, name)))
        if client._connection._context:
            client._connection._context = _Context(self)

    def _bound(self, method):
        return lambda *arguments: self._within(method, *arguments)

    def _within(self, function, *arguments, **options):
        places = (
            (hssmtp.net, "socket", self),
            (hssmtp.net, "select", self),
            (hssmtp.net.lwip, "socket", self),
            (hssmtp.net.lwip, "ticks_ms", self.ticks_ms),
        )
        before = [getattr(module, name) for module, name, _ in places]
        for module, name, value in places:
            setattr(module, name, value)
        try:
            return function(*arguments, **options)
        finally:
            for (module, name, _), value in zip(places, before):
                setattr(module, name, value)

    def ticks_ms(self):
        return self.clock

    def check(self):
        """Raise AssertionError if a connection did what is never allowed."""

    # The parts of the modules that the library uses

    def getaddrinfo(self, host, port):
        family = self.AF_INET6 if ":" in host else self.AF_INET
        return [(family, self.SOCK_STREAM, 0, "", self.socket_address(host, port))]

    def socket_address(self, host, port):
        return (host, port)

    def socket(self, family, kind):
        if len(self.open_sockets) >= self.most_sockets:
            raise trouble(self.no_socket)
        sock = self.make(kind)
        self.open_sockets.append(sock)
        return sock

    def make(self, kind):
        raise NotImplementedError

    def poll(self):
        return _Poll(self)

    def Resolver(self, host):
        self.name = host
        return _Resolver(self.addresses)


class _Resolver:
    def __init__(self, addresses):
        self._addresses = addresses

    def step(self, now):
        return list(self._addresses)

    def close(self):
        pass


class _Poll:
    def __init__(self, port):
        self._port = port
        self._watched = ()

    def register(self, sock, flags):
        self._watched = (sock, flags)

    def ipoll(self, timeout):
        sock, flags = self._watched
        found = sock.poll(flags)
        return [(sock, found)] if found else []


def _read(receive, buf, n):
    """Read `n` bytes like mp_stream_rw() in py/stream.c: an exception loses the count."""
    done = 0
    piece = bytearray(n)
    while done < n:
        got = receive(piece, n - done)
        if got is None:
            return done or None
        if not got:
            break
        buf[done : done + got] = piece[:got]
        done += got
    return done


class _Socket:
    """A non-blocking TCP socket with the read and write loops of py/stream.c."""

    def __init__(self, port):
        self.port = port
        self.network = port.network
        self.is_open = True
        self.is_connected = False
        self.is_refused = False
        self.resets = 0  # number of reads and writes that raised

    def setblocking(self, flag):
        if flag:
            raise AssertionError("a blocking socket")

    def connect(self, address):
        port = self.port
        port.tried.append(address[0])
        if port.refused:
            port.refused -= 1
            self.is_refused = True
        else:
            self.network.open(port.name or address[0], address[1])
        raise trouble(port.in_progress)

    def poll(self, flags):
        """Return the events that poll() reports for the requested `flags`."""
        port = self.port
        if not self.is_open:
            return 32  # NVAL
        if self.is_refused:
            return self.refused_flags(flags)
        if flags & port.POLLIN:
            return port.POLLIN if self.network.has_input() else 0
        if not self.is_connected and self.network.step(0) != 3:
            return 0
        self.is_connected = True
        return self.connected_flags(flags)

    def connected_flags(self, flags):
        return self.port.POLLOUT | (self.port.POLLHUP if self.network.is_reset() else 0)

    def write(self, buf, off, n):
        """Write like mp_stream_rw() in py/stream.c: until a send would block or raises."""
        done = 0
        while done < n:
            taken = self.send(buf, off + done, n - done)
            if taken is None:
                return done or None
            done += taken
        return done

    def readinto(self, buf, n):
        """Read like mp_stream_rw(): an exception loses the count of the bytes before it."""
        return _read(self.receive, buf, n)

    def send(self, buf, off, n):
        self._check()
        try:
            return self.network.write(buf, off, n)
        except OSError:
            self.resets += 1
            raise

    def receive(self, buf, n):
        self._check()
        if self.resets > 1:
            return self.receive_after_reset()
        try:
            return self.network.readinto(buf, n)
        except OSError:
            self.resets += 1
            raise

    def receive_after_reset(self):
        raise NotImplementedError

    def refused_flags(self, flags):
        raise NotImplementedError

    def _check(self):
        if not self.is_open:
            raise AssertionError("use of a closed socket")
        if self.is_refused:
            self.resets += 1
            raise trouble(_ECONNRESET if self.resets < 3 else 128)

    def close(self):
        if self.is_open:
            self.is_open = False
            self.port.open_sockets.remove(self)
            if not self.is_refused:
                self.network.close()


# RP2: extmod/modlwip.c over lwIP's raw interface


class Rp2(Port):
    """The port of RP2, with lwIP's heap.

    held: bytes of the heap that are in use elsewhere, for example by a stuck connection.
    has_ipv6: true from MicroPython 1.24 on. has_loopback: false in all firmware of MicroPython.
    may_lie: whether the test allows writes that wait in C and return a wrong count.
    """

    __name__ = "lwip"
    TCP_NODELAY = 64  # lwIP's TF_NODELAY

    def __init__(
        self, network, held=0, has_ipv6=True, has_loopback=False, may_lie=False, **options
    ):
        Port.__init__(self, network, **options)
        self.held = held
        self.has_ipv6 = has_ipv6
        self.has_loopback = has_loopback
        self.may_lie = may_lie
        self.is_reset_at_once = False  # within connect(), which polls for 1 ms
        self.queued = 0  # bytes of the heap that the connection holds
        self.lies = 0

    def make(self, kind):
        return _Rp2Socket(self) if kind == self.SOCK_STREAM else _UdpSocket(self)

    def check(self):
        if self.lies and not self.may_lie:
            raise AssertionError("%d writes waited in C" % self.lies)

    def has_room(self, n):
        return self.held + self.queued + n <= _HEAP


class _UdpSocket:
    """A UDP socket: sendto() allocates, and only then refuses an address it can't reach."""

    def __init__(self, port):
        self.port = port

    def sendto(self, octets, address):
        port = self.port
        if address[0] == "::" and not port.has_ipv6:
            raise ValueError("invalid arguments")
        if not port.has_room(len(octets) + 60):
            raise trouble(_ENOMEM)
        if address[0] == "::":
            raise trouble(_EINVAL)
        if address[0] != "127.0.0.1":
            raise AssertionError("the probe leaves the board")
        if not port.has_loopback:
            raise trouble(EHOSTUNREACH)
        return len(octets)

    def close(self):
        if self in self.port.open_sockets:
            self.port.open_sockets.remove(self)


class _Rp2Socket(_Socket):
    def setsockopt(self, level, option, value):
        if (level, option, value) != (6, Rp2.TCP_NODELAY, 1):
            raise AssertionError("not TCP_NODELAY")

    def connect(self, address):
        if not self.port.has_room(100):
            raise trouble(_ENOMEM)
        self.port.queued = 0
        try:
            _Socket.connect(self, address)
        except OSError:
            if not self.port.is_reset_at_once:
                raise
            while self.network.step(0) != 3:
                pass
            self.is_connected = True
            raise trouble(_ECONNRESET)

    def refused_flags(self, flags):
        return self.port.POLLERR | self.port.POLLHUP

    def connected_flags(self, flags):
        reset = self.port.POLLERR | self.port.POLLHUP
        return self.port.POLLOUT | (reset if self.network.is_reset() else 0)

    def send(self, buf, off, n):
        port = self.port
        size = n + _OVERHEAD * (1 + n // _SEGMENT)
        if not port.has_room(size):
            # modlwip.c waits 200 times 50 ms, and then counts bytes that it has not queued.
            port.clock += 10000
            port.lies += 1
            return n
        taken = _Socket.send(self, buf, off, n)
        # A network that accepts only a part does not imitate lwIP: count no overhead.
        port.queued += (taken or 0) if self.network.most_out else size if taken else 0
        return taken

    def receive(self, buf, n):
        self.port.queued = 0  # received bytes acknowledge the sent ones
        return _Socket.receive(self, buf, n)

    def receive_after_reset(self):
        return 0


# ESP32: ports/esp32/modsocket.c over lwIP's sockets


class Esp32(Port):
    __name__ = "socket"

    most_sockets = 10
    no_socket = 23  # ENFILE
    in_progress = 119

    def make(self, kind):
        return _Esp32Socket(self)

    def socket_address(self, host, port):
        return None if ":" in host else (host, port)


class _Esp32Socket(_Socket):
    def refused_flags(self, flags):
        # The socket is writable. HUP is reported on request only, ERR never.
        return self.port.POLLOUT | flags & self.port.POLLHUP

    def connected_flags(self, flags):
        reset = flags & self.port.POLLHUP if self.network.is_reset() else 0
        return self.port.POLLOUT | reset

    def receive_after_reset(self):
        raise trouble(128)  # ENOTCONN


# TLS: extmod/modtls_mbedtls.c


class _Context:
    def __init__(self, port):
        self.port = port

    def wrap_socket(self, sock, server_hostname, do_handshake_on_connect):
        if do_handshake_on_connect:
            raise AssertionError("a blocking handshake")
        failure = self.port.handshakes.pop(0) if self.port.handshakes else None
        if isinstance(failure, MemoryError):
            raise failure
        self.port.network.secure(self, server_hostname)
        return _TlsSocket(sock, failure)


class _TlsSocket:
    def __init__(self, sock, failure):
        self._sock = sock
        self._failure = failure  # the exception of the handshake, or None
        self._turns = 2  # reads and writes until the handshake is complete
        self._has_begun = False
        self._is_closed = False
        self._error = None
        self._offered = None  # the bytes that each write must repeat until all are sent
        self._gone = 0

    def _is_shaken(self):
        if not self._has_begun:
            port = self._sock.port
            size = len(_HELLO) + _OVERHEAD
            if hasattr(port, "lies") and not port.has_room(size):
                port.clock += 10000
                port.lies += 1
            self._has_begun = True
        if self._turns:
            self._turns -= 1
            return False
        if self._failure:
            self._is_closed = True  # close() then leaves the TCP socket open
            raise self._failure
        return True

    def write(self, buf, off, n):
        self._check()
        if not self._is_shaken():
            return None
        offered = bytes(buf[off : off + n])
        if self._offered is None:
            self._offered = offered
            self._gone = 0
        elif self._offered != offered:
            raise AssertionError("TLS: a write after a would-block has other bytes")
        while self._gone < n:
            try:
                taken = self._sock.send(offered, self._gone, n - self._gone)
            except OSError as exc:
                self._error = exc.errno
                raise
            if taken is None:
                return None
            self._gone += taken
        self._offered = None
        return n

    def readinto(self, buf, n):
        self._check()
        if not self._is_shaken():
            return None
        return _read(self._receive, buf, n)

    def _receive(self, buf, n):
        try:
            return self._sock.receive(buf, n)
        except OSError as exc:
            self._error = exc.errno
            raise

    def _check(self):
        if self._error:
            raise trouble(self._error)

    def close(self):
        if not self._is_closed:
            self._is_closed = True
            self._sock.close()


PORTS = {"rp2": Rp2, "esp32": Esp32}

# Each port with its usual network, and with difficult ones.
ON_PORTS = (
    ("RP2", {"port": "rp2"}),
    ("RP2, one octet at a time", {"port": "rp2", "most_in": 1, "most_out": 1}),
    ("RP2, would-blocks", {"port": "rp2", "block": True}),
    ("ESP32", {"port": "esp32"}),
    ("ESP32, one octet at a time", {"port": "esp32", "most_in": 1, "most_out": 1}),
    ("ESP32, would-blocks", {"port": "esp32", "block": True}),
)
