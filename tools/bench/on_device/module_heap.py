"""module_heap NAME…: the bytes of heap that each module takes when it is imported, in that order.

Each line: the name, the bytes, and how many of those are for names (qstrs) that are new.
"""

import gc
import sys

import micropython


def in_use():
    gc.collect()
    return gc.mem_alloc()


def main(*names):
    for name in names:
        micropython.qstr_info()
        before = in_use()
        __import__(name)
        print(name, in_use() - before)
    micropython.qstr_info()
    print("1")


main(*sys.argv[1:])
