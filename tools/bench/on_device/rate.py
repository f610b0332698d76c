"""rate PORT ROUNDS BUFFER ENCODER: attachment rates in bytes/s, of hssmtp and of a bare loop.

Both, in turn, send the file `attachment` to the same server, with the same encoder (the name of
its module) and buffers of the same size; the bare loop reads, encodes and writes, and looks at
nothing. The time is that of the text, without its first buffer: up to the server's final reply.
"""

import json
import os
import socket
import sys
import time

import hssmtp


def with_hssmtp(port, size):
    client = hssmtp.Client("127.0.0.1", port, security="none", buffer_size=size)
    client.send_mail(
        hssmtp.Message("boiler@example.com", to="ops@example.com", attachments=["attachment"])
    )
    while client.result is None and not client.bytes_sent:
        client.tick()
    begun = time.ticks_us()
    while client.result is None:
        client.tick()
    took = time.ticks_diff(time.ticks_us(), begun)
    if client.result != hssmtp.SENT:
        raise SystemExit(hssmtp.explain(client))
    while client.tick():
        pass
    return took


def with_a_bare_loop(port, size, lines):
    sock = socket.socket()
    sock.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    sock.readline()
    for command in (
        b"EHLO x",
        b"MAIL FROM:<boiler@example.com>",
        b"RCPT TO:<ops@example.com>",
        b"DATA",
    ):
        sock.write(command + b"\r\n")
        while sock.readline()[3:4] == b"-":
            pass
    buf = bytearray(size)
    raw = size // 78 * 57
    tail = memoryview(buf)[size - raw :]
    with open("attachment", "rb") as file:
        begun = time.ticks_us()
        while True:
            got = file.readinto(tail)
            if got < raw:
                break
            sock.write(buf, 0, lines(tail, 0, got, buf))
        sock.write(buf, 0, lines(tail, 0, got - got % 57, buf))
        sock.write(b".\r\n")
        sock.readline()
        took = time.ticks_diff(time.ticks_us(), begun)
    sock.write(b"QUIT\r\n")
    sock.close()
    return took


def main(port, rounds, buffer, encoder):
    lines = __import__(encoder, None, None, ("lines",)).lines
    size = os.stat("attachment")[6]
    to = (int(port), int(buffer))
    found = []
    for _ in range(int(rounds)):
        pair = (with_hssmtp(*to), with_a_bare_loop(*to, lines))
        found.append([size * 1000000 // took for took in pair])
    print(json.dumps(found))


main(*sys.argv[1:])
