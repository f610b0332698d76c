"""How much memory there is for TLS; loaded only where it was not enough."""

import gc

from .. import const

_LEAST = const(512)  # bytes: a smaller piece helps nobody


def memory_left() -> str:
    """Tell how much is free where TLS takes its memory from, and the largest piece of that."""
    gc.collect()
    try:
        from esp32 import HEAP_DATA, idf_heap_info  # pyright: ignore
    except ImportError:
        pass
    else:  # there TLS has its memory from the system, beside MicroPython's heap
        heaps = idf_heap_info(HEAP_DATA)
        return _tell(sum([heap[1] for heap in heaps]), max([heap[2] for heap in heaps]))
    if not hasattr(gc, "mem_free"):  # CPython
        return "MemoryError"
    free = gc.mem_free()
    return _tell(free, _largest_piece(free))


def _tell(free, largest):
    return "%d bytes are free, about %d of them in one piece" % (free, largest)


def _largest_piece(size):
    """The largest piece of the heap, to an eighth: MicroPython only prints it."""
    gc.disable()  # or each attempt that fails would collect
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
