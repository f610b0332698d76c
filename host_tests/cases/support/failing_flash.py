"""A file system whose operations fail on request, in place of `os` and open()."""

import builtins
import io
import os
import sys

_CALLS = ("mkdir", "listdir", "stat", "remove", "rename")  # of `os`
OPERATIONS = _CALLS + ("open", "read", "write", "flush", "close")
ERRORS = (5, 28, 30)  # EIO, ENOSPC, EROFS

_IS_CPYTHON = sys.implementation.name == "cpython"
_open = builtins.open


class Flash:
    """Within `with`, the operations in `failing` raise OSError. The set may be changed."""

    def __init__(self, failing=(), errno=5):
        self.failing = set(failing)
        self.errno = errno
        self.failed = []  # failed operations, in order

    def check(self, operation):
        if operation in self.failing:
            self.failed.append(operation)
            raise OSError(self.errno, "injected")

    def __getattr__(self, name):
        """The attributes of the module `os`."""
        function = getattr(os, name)
        if name not in _CALLS:
            return function

        def call(*args):
            self.check(name)
            return function(*args)

        return call

    def open(self, path, mode="r", **more):
        self.check("open")
        return File(self, _open(path, mode, **more), "r" not in mode)

    def __enter__(self):
        # MicroPython's temporary modules import `os` again; on CPython they stay loaded.
        self._modules = [m for m in sys.modules.values() if getattr(m, "os", None) is os]
        for module in self._modules:
            if module.__name__.split(".")[0] in ("alert", "hssmtp"):
                module.os = self
        if not _IS_CPYTHON:
            sys.modules["os"] = self
        builtins.open = self.open
        return self

    def __exit__(self, *problem):
        builtins.open = _open
        if not _IS_CPYTHON:
            del sys.modules["os"]
        for module in list(sys.modules.values()):
            if getattr(module, "os", None) is self:
                module.os = os


class File(object if _IS_CPYTHON else io.IOBase):
    """A file. MicroPython's json needs a stream."""

    def __init__(self, flash, file, is_written):
        self._flash = flash
        self._file = file
        self._is_written = is_written

    def write(self, data):
        if "write" in self._flash.failing:
            self._file.write(data[: len(data) // 2])
        self._flash.check("write")
        return self._file.write(data)

    def read(self, *size):
        self._flash.check("read")
        return self._file.read(*size)

    def readinto(self, *args):
        self._flash.check("read")
        return self._file.readinto(*args)

    def seek(self, *args):
        return self._file.seek(*args)

    def tell(self):
        return self._file.tell()

    def flush(self):
        self._flash.check("flush")
        self._file.flush()

    def close(self):
        self._file.close()
        if self._is_written:
            self._flash.check("flush")  # closing writes too
        self._flash.check("close")

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()
