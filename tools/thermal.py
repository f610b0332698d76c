"""The picture that the demo's device sends: a boiler, as a thermal camera sees it, as a BMP."""

import math
import struct

from rich.color import Color
from rich.style import Style
from rich.text import Text

WIDTH, HEIGHT = 320, 240
_HEADER = struct.Struct("<2sIHHIIiiHHIIiiII")

# From cold to hot: black, violet, red, orange, pale yellow.
_PALETTE = ((0, 0, 10), (80, 10, 110), (190, 40, 80), (250, 140, 20), (255, 255, 190))


def picture() -> bytes:
    """230,454 octets."""
    rows = bytearray()
    for y in reversed(range(HEIGHT)):  # a BMP begins at the bottom
        for x in range(WIDTH):
            rows += bytes(reversed(_color(_heat(x, y))))
    size = _HEADER.size + len(rows)
    header = _HEADER.pack(
        *(b"BM", size, 0, 0, _HEADER.size),
        *(40, WIDTH, HEIGHT, 1, 24, 0, len(rows), 0, 0, 0, 0),
    )
    return header + rows


def _heat(x: int, y: int) -> float:
    """From 0 to 1: the boiler's drum with its burner, and a pipe that leads away from it."""
    drum = max(abs(x - 120) - 45, abs(y - 125) - 70, 0)
    pipe = max(abs(y - 75) - 7, 150 - x, 0)
    burner = math.hypot(x - 120, (y - 175) * 1.4)
    heat = 0.55 * math.exp(-drum / 12) + 0.25 * math.exp(-burner / 35)
    return min(1.0, 0.06 + max(heat, 0.45 * math.exp(-pipe / 6)) + 0.2 * math.exp(-burner / 14))


def _color(heat: float) -> tuple[int, ...]:
    place = heat * (len(_PALETTE) - 1)
    at = min(int(place), len(_PALETTE) - 2)
    return tuple(
        round(cold + (hot - cold) * (place - at))
        for cold, hot in zip(_PALETTE[at], _PALETTE[at + 1], strict=True)
    )


def drawn(bmp: bytes, columns: int = 48) -> Text:
    """The picture in characters, each two pixels, one above the other."""
    lines = columns * HEIGHT // WIDTH // 2
    text = Text()
    for line in range(lines):
        text.append("\n" if line else "")
        for column in range(columns):
            upper, lower = (_pixel(bmp, column / columns, (line + at) / lines) for at in (0, 0.5))
            text.append("▀", Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
    return text


def _pixel(bmp: bytes, across: float, down: float) -> tuple[int, int, int]:
    row = HEIGHT - 1 - int(down * HEIGHT)
    at = _HEADER.size + (row * WIDTH + int(across * WIDTH)) * 3
    blue, green, red = bmp[at : at + 3]
    return red, green, blue
