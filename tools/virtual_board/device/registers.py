"""The registers that a virtual board and the world around it share: a file of numbers.

Both sides run this very file: MicroPython as the chip, CPython as what is wired to it.
"""

PINS = 64

# Where what begins; each number has four bytes.
INPUT = 0  # a pin: the level that the world puts on it; NOTHING: nothing is wired to it
OUTPUT = INPUT + PINS  # a pin: the level that the board puts on it; NOTHING: it's no output
ANALOGUE = OUTPUT + PINS  # an ADC: 0 to 65535
NETWORK = ANALOGUE + PINS  # 0: out of reach; else how many times it has come into reach
FED = NETWORK + 1  # when the watchdog was fed: ms & MASK, of the clock that both sides have
FEEDINGS = FED + 1  # how often it was
PAUSE = FEEDINGS + 1  # the longest between two of them: ms
CLOCK = PAUSE + 1  # s that the board's clock is ahead of the PC's
SIZE = 4 * (CLOCK + 1)

NOTHING = -1
MASK = 0x3FFF_FFFF

_NAMED = {"LED": PINS - 1}  # pins of chips beside the microcontroller, as the Pico W's LED is one


def number(pin):
    """A pin's number: 15, "GP15" and "IO15" are the same; "LED" has one too."""
    if pin in _NAMED:
        return _NAMED[pin]
    if isinstance(pin, str):
        pin = int(pin[2:] if pin[:2] in ("GP", "IO") else pin)
    if not 0 <= pin < PINS:
        raise ValueError("no such pin: %s" % pin)
    return pin


class Registers:
    """The file's numbers, by their place: registers[INPUT + 15] = 0.

    Nothing is allocated on the heap, as nothing is on a chip.
    """

    def __init__(self, path):
        self._file = open(path, "r+b", 0)
        self._buffer = bytearray(4)

    def __getitem__(self, at):
        self._file.seek(4 * at)
        self._file.readinto(self._buffer)
        value = int.from_bytes(self._buffer, "little")
        return value - (1 << 32) if value >> 31 else value

    def __setitem__(self, at, value):
        self._file.seek(4 * at)
        for octet in range(4):
            self._buffer[octet] = value >> 8 * octet & 0xFF
        self._file.write(self._buffer)

    def close(self):
        self._file.close()
