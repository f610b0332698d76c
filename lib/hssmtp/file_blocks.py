"""The fast path for a file's blocks, little more than a bare loop. Loaded for mails with a file.

send_file_blocks() is a generator because MicroPython finds locals faster than attributes.
"""
# It is a part of Client.
# pyright: reportPrivateUsage=false

from . import const
from .connection import FAILURES

_TYPING = const(0)
if _TYPING:
    from collections.abc import Generator
    from typing import Any

    from .client import Client
    from .connection import Connection
    from .mime import Message

_ERROR_SOURCE = const(13)

_MOST_BLOCKS = const(400)  # between two checks for an early reply


def send_file_blocks(
    client: "Client", connection: "Connection", mail: "Message", event: int
) -> "Generator[int, None, None]":
    """Send a block of the current file at each next(); yield `event`, or 0 when it stops."""
    link = connection.link
    buf = connection.out.buf
    try:
        while True:
            part: Any = mail.part()
            read = part.read
            room = part.room
            encode = part.encode
            got = size = len(room)
            blocks = _count_blocks(client, mail, part)
            part.blocks -= blocks
            count = sent = 0
            while blocks and sent == count:
                try:
                    got = read(room)
                except Exception as exc:  # a file may raise anything
                    yield client._drop(_ERROR_SOURCE, False, exc)
                if got != size:
                    break
                blocks -= 1
                count = encode(room, 0, size, buf)
                mail.position += count
                try:
                    sent = link.write(buf, 0, count) or 0
                except FAILURES as exc:
                    connection.failure = exc
                    sent = 0
                if sent == count:
                    if event or not blocks & 15:  # storing an attribute of the client is slow
                        client.bytes_sent = mail.position
                    yield event
            part.blocks += blocks
            if got != size:
                part.cut_short(got)
            _return_to_ticks(client, connection, sent, count)
            yield 0
    except BaseException as exc:
        client._give_up(exc)
        raise


def _count_blocks(client, mail, part):
    """Return how many blocks to send before the next check for an early reply."""
    blocks = min(part.blocks, _MOST_BLOCKS)
    most = client._session.extensions.max_size
    if most and mail.total is None:  # the script checks the server's limit
        blocks = min(blocks, max(0, most - mail.position) // len(client._connection.out.buf))
    return blocks


def _return_to_ticks(client, connection, sent, count):
    """Leave the rest to the normal ticks. sent: how many of the last `count` bytes were sent."""
    if sent < count:
        connection.out.start = sent
        connection.out.end = count
    client._is_in_file = False
    client._since = None
