"""What a port's main.c does on a board: file system, boot.py, main.py; then the REPL comes."""

import gc
import io
import os
import sys
from collections import namedtuple

import __main__
import machine
import network
import socket
import time
import vfs
from flash import Flash
from outside import ask, end, settings


def run():
    _mount()
    if settings["implementation"]:
        sys.modules["sys"] = BoardSys(settings["implementation"])
    sys.path[:] = ["", ".frozen", "/lib"]
    sys.argv[:] = []
    del __main__.startup
    gc.collect()
    try:
        ask("up")  # from now on Ctrl-C interrupts
        # As on a board: no main.py after an exception in boot.py, nor for who is in the raw REPL.
        if _execute("boot.py") and settings["main"]:
            _execute("main.py")
    except KeyboardInterrupt:
        pass


def _mount():
    flash = Flash(settings["flash"])
    try:
        littlefs = vfs.VfsLfs2(flash)
    except OSError:  # a new board
        vfs.VfsLfs2.mkfs(flash)
        littlefs = vfs.VfsLfs2(flash)
    vfs.umount("/")
    vfs.mount(littlefs, "/")
    os.chdir("/")


def _execute(name):
    """Run a file if it is there; return False if it failed."""
    if name not in os.listdir("/"):
        return True
    try:
        execfile(name, __main__.__dict__)
    except SystemExit:
        end("soft reset")
    except BaseException as exc:
        trace = io.StringIO()
        sys.print_exception(exc, trace)
        for line in trace.getvalue().splitlines():
            if "startup.py" not in line:
                print(line)
        return False
    return True


class BoardSys:
    """The module sys of a board that says to be another one."""

    def __init__(self, implementation):
        self._sys = sys
        names = ("name", "version", "_machine", "_mpy")
        says = {name: getattr(sys.implementation, name) for name in names}
        says.update(implementation)
        says["version"] = tuple(says["version"])
        self.implementation = namedtuple("implementation", names)(*[says[name] for name in names])

    def __getattr__(self, name):
        return getattr(self._sys, name)
