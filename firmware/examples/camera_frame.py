"""Mail a picture row by row, from an iterator: the whole picture is never in memory."""

import struct
import time

import board
import hssmtp
from online import online, say

from alert import mail, settings

WIDTH = 320  # pixels
HEIGHT = 240
ROW_MS = 2


def bitmap_header() -> bytes:
    """Return the headers of a BMP file: 24 bits a pixel, the top row first."""
    size = 3 * WIDTH * HEIGHT
    file = struct.pack("<2sIII", b"BM", 54 + size, 0, 54)
    return file + struct.pack("<IiiHHIIiiII", 40, WIDTH, -HEIGHT, 1, 24, 0, size, 2835, 2835, 0, 0)


class Camera:
    """A simulated camera: it has a row of pixels every ROW_MS."""

    def __init__(self):
        self._row = bytearray(3 * WIDTH)
        self._next = time.ticks_ms()

    def row(self, number: int) -> "bytearray | None":
        """Return a row, always in the same buffer; None while the row is not ready."""
        if time.ticks_diff(time.ticks_ms(), self._next) < 0:
            return None
        self._next = time.ticks_add(self._next, ROW_MS)
        for x in range(WIDTH):
            self._row[3 * x] = x & 255
            self._row[3 * x + 2] = number
        return self._row


def frame(camera: Camera):
    """Yield the file in pieces. None pauses the mail until client.resume()."""
    yield bitmap_header()
    for number in range(HEIGHT):
        row = camera.row(number)
        while row is None:
            yield None
            row = camera.row(number)
        yield row


def main(config) -> None:
    """Send one picture."""
    message = hssmtp.Message(
        config.SENDER,
        to=config.RECIPIENTS,
        subject=config.DEVICE + ": a picture",
        attachments=[hssmtp.Attachment(frame(Camera()), name="frame.bmp")],
    )
    client = mail.client(config)
    client.send_mail(message)
    while client.tick():
        client.resume()  # with a camera's interrupt: call it there
        time.sleep_ms(1)
    say(mail.outcome(client))


config = settings.load(board.WIRELESS)
if config and online(config):
    main(config)
