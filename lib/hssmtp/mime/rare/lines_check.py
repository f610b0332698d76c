"""Check whether a message can be attached as lines (lines_part.py). Loaded for that alone."""

TEMPORARY = True  # freed after the call that needed it

_LONGEST_LINE = 998  # RFC 5322 2.1.1: bytes, without CR LF
_BLOCK = 512


def count_bytes(source) -> int:
    """Read all of a source; return how many bytes its lines have, with CR LF at each line end.

    source: bytes in memory, a path, or an open binary file that can seek.
    Return -1 if it is not lines of ASCII, or can't be read now.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _count(_blocks_of_memory(source))
    file = source
    try:
        if isinstance(source, str):
            file = open(source, "rb")
        else:
            file.seek(0)
        return _count(_blocks_of_file(file))
    except OSError:  # sending it reports the error
        return -1
    finally:
        if isinstance(source, str) and file is not source:
            file.close()


def _blocks_of_memory(data):
    data = memoryview(data)
    for start in range(0, len(data), _BLOCK):
        yield bytes(data[start : start + _BLOCK])


def _blocks_of_file(file):
    block = bytearray(_BLOCK)
    while True:
        count = file.readinto(block)
        if not count:  # None: not ready, and nothing waits here
            if count is None:
                yield b"\0"
            return
        yield bytes(block[:count])


def _count(blocks):
    """Count the bytes; -1 for a NUL, a non-ASCII byte, a CR without LF, or a line too long."""
    total = 0
    rest = b""  # the last line, as far as it was read
    for block in blocks:
        if min(block) == 0 or max(block) > 127:
            return -1
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            length = len(line) - line.endswith(b"\r")
            if length > _LONGEST_LINE or b"\r" in line[:length]:
                return -1
            total += length + 2
        if len(rest) > _LONGEST_LINE + 1:  # its last byte may be a CR
            return -1
    return -1 if b"\r" in rest or len(rest) > _LONGEST_LINE else total + len(rest)
