"""The fast way for a file's bytes, little more than a bare loop. Loaded for a mail with a file.

send_file_blocks() is a generator because local variables are found faster than attributes.
"""
# It is a part of the client.
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

_MOST_BLOCKS = const(400)  # between two looks for an early reply


def send_file_blocks(
    client: "Client", connection: "Connection", mail: "Message", event: int
) -> "Generator[int, None, None]":
    """Send a block of the file whose turn it is at each next(); give `event`, or 0 if it stops."""
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
                except Exception as exc:  # whatever a file raises
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
                    if event or not blocks & 15:  # setting an attribute of the client takes long
                        client.bytes_sent = mail.position
                    yield event
            part.blocks += blocks
            if got != size:
                part.cut_short(got)
            _leave(client, connection, sent, count)
            yield 0
    except BaseException as exc:
        client._give_up(exc)
        raise


def _count_blocks(client, mail, part):
    """How many blocks to send before the next look for an early reply."""
    blocks = min(part.blocks, _MOST_BLOCKS)
    most = client._session.extensions.max_size
    if most and mail.total is None:  # the script sees when the server's limit is passed
        blocks = min(blocks, max(0, most - mail.position) // len(client._connection.out.buf))
    return blocks


def _leave(client, connection, sent, count):
    """Let the next ticks do all the rest. Of the last block's `count` bytes so many are sent."""
    if sent < count:
        connection.out.start = sent
        connection.out.end = count
    client._is_in_file = False
    client._since = None
