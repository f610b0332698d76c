"""tls_heap HOST PORT: the bytes of heap that the TLS library's own two objects take."""

import gc
import json
import socket
import sys
import tls


def in_use():
    gc.collect()
    return gc.mem_alloc()


def main(host, port):
    sock = socket.socket()
    sock.connect(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
    before = in_use()
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_NONE
    secured = context.wrap_socket(sock, server_hostname=host)
    secured.read(1)
    print(json.dumps(in_use() - before))


main(*sys.argv[1:])
