"""The alert application's own check of config.py, run on the PC by `make flash`.

Runs in a folder with the files that the board's flash will have; this folder becomes /. The
modules machine and network are the virtual board's. Prints "begin", then each error, and "end" if
there is none.
"""

import os
import sys

import machine
import network
import socket
import time
import vfs
from outside import settings
from startup import BoardSys


def check():
    here = os.getcwd()
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(here), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    sys.modules["sys"] = BoardSys(settings["implementation"])
    print("begin")

    import board
    from alert import settings as configuration

    if configuration.load(board.WIRELESS):
        print("end")


check()
