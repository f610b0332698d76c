"""A littlefs, as boards have it on their flash: import flash; flash.mount().

The port has none. This one lies in memory of the machine's that is not part of the heap, with the
blocks and pages of a Pico's. The driver's own work is counted apart, since a driver in C takes far
less: `spent`, in the unit of time.ticks_cpu(); `reads` and `octets` tell how often and how much
was read.
"""

import sys
import time

import uctypes
import vfs

_START = 0x21000000  # the machine's PSRAM, 16 MB
_BLOCK = 4096
_BLOCKS = 212
_PAGE = 256

reads = 0
octets = 0
spent = 0
_call = 0  # what calling readblocks() takes, in front of its first line and behind its last


class _Blocks:
    def __init__(self):
        self._memory = memoryview(uctypes.bytearray_at(_START, _BLOCK * _BLOCKS))

    def readblocks(self, block, buf, off=0):
        global reads, octets, spent
        begun = time.ticks_cpu()
        at = block * _BLOCK + off
        buf[:] = self._memory[at : at + len(buf)]
        reads += 1
        octets += len(buf)
        spent += time.cpu_since(begun) + _call

    def writeblocks(self, block, buf, off=0):
        at = block * _BLOCK + off
        self._memory[at : at + len(buf)] = buf

    def ioctl(self, request, argument):
        if request == 4:
            return _BLOCKS
        if request == 5:
            return _BLOCK
        return 0


def _measure_call(blocks):
    global _call
    buf = bytearray(_PAGE)
    for _ in range(2):  # the second time all is as it will be
        begun = time.ticks_cpu()
        before = spent
        blocks.readblocks(0, buf, 0)
        called = time.cpu_since(begun) - (spent - before)
    _call = called


def mount():
    """In place of ram_files; the library goes to /lib."""
    global reads, octets, spent
    blocks = _Blocks()
    vfs.VfsLfs2.mkfs(blocks, progsize=_PAGE)
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(blocks, progsize=_PAGE), "/")
    sys.path.append("/lib")
    _measure_call(blocks)
    reads = octets = spent = 0
