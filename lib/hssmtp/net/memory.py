"""The free memory for TLS. Loaded only if it was not enough."""

import gc

from .. import const

_LEAST = const(512)  # bytes; a smaller piece is of no use


def memory_left() -> str:
    """Say how much is free where TLS allocates, and how large the largest piece is."""
    gc.collect()
    try:
        from esp32 import HEAP_DATA, idf_heap_info  # pyright: ignore
    except ImportError:
        pass
    else:  # ESP32's TLS allocates from the system, not from MicroPython's heap
        heaps = idf_heap_info(HEAP_DATA)
        return _tell(sum([heap[1] for heap in heaps]), max([heap[2] for heap in heaps]))
    if not hasattr(gc, "mem_free"):  # CPython
        return "MemoryError"
    free = gc.mem_free()
    return _tell(free, _largest_piece(free))


def _tell(free, largest):
    return "%d bytes are free, about %d of them in one piece" % (free, largest)


def _largest_piece(size):
    """Return the size of the largest piece, to an eighth. MicroPython can only print it."""
    gc.disable()  # else each failing attempt would collect
    try:
        while size > _LEAST:
            try:
                bytearray(size)
                break
            except MemoryError:
                size -= size >> 3
    finally:
        gc.enable()
    return size
