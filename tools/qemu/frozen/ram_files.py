"""The port has no file system of its own: this one keeps files in memory.

Importing it mounts it. mpremote's `fs` commands and `import` find what they need. `files` is a
dict of bytes. A .mpy file is not in it, nor in the heap: garbage collections would take longer.
"""

import io

import uctypes
import vfs
from machine import mem8

_FILE = 0x8000
_FOLDER = 0x4000


class _Code:
    """Files of code, in the machine's PSRAM behind flash.py's blocks.

    The list of them is one object without pointers: a dict of so many objects would overflow the
    collector's stack, and it would go through the whole heap once more.
    """

    def __init__(self):
        self._end = 0x21800000
        self._list = b"\n"  # of lines: path, address, size

    def find(self, path):
        """Where a file is and its size; None if it isn't here."""
        start = self._list.find(b"\n%s " % path)
        if start < 0:
            return None
        line = self._list[start + 1 : self._list.find(b"\n", start + 1)]
        return [int(word) for word in line.split()[1:]]

    def open(self, address, size):
        """A stream of its bytes."""
        mem8[address - 1] = 1
        return io.BytesIO(memoryview(uctypes.bytearray_at(address, size)))

    def add(self, path, octets):
        """Keep a new one."""
        mem8[self._end] = 0  # not read yet
        address = self._end + 1
        uctypes.bytearray_at(address, len(octets))[:] = octets
        self._list += b"%s %d %d\n" % (path, address, len(octets))
        self._end = address + len(octets)

    def paths(self):
        """Those that there are."""
        return [line.split()[0].decode() for line in self._list.splitlines() if line]

    def opened(self):
        """Those that were read, ever."""
        return [path for path in self.paths() if mem8[self.find(path)[0] - 1]]


class _Writing:
    """A file that is being written: mpremote writes, and closes."""

    def __init__(self, keep, path):
        self._keep = keep
        self._path = path
        self._octets = b""

    def write(self, octets):
        self._octets += octets
        return len(octets)

    def close(self):
        self._keep(self._path, self._octets)


class RamFiles:
    """What vfs.mount() wants."""

    def __init__(self):
        self.files = {}
        self.folders = [""]
        self.code = _Code()

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def chdir(self, path):
        pass

    def getcwd(self):
        return "/"

    def open(self, path, mode):
        path = path.strip("/")
        if "w" in mode:
            return _Writing(self._keep, path)
        if path in self.files:
            return io.BytesIO(self.files[path])
        found = self.code.find(path)
        if found is None:
            raise OSError(2)
        return self.code.open(*found)

    def _keep(self, path, octets):
        if path.endswith(".mpy") and self.code.find(path) is None:
            self.code.add(path, octets)
        else:
            self.files[path] = octets

    def stat(self, path):
        path = path.strip("/")
        if path in self.folders:
            return (_FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        found = self.code.find(path)
        if found is not None:
            return (_FILE, 0, 0, 0, 0, 0, found[1], 0, 0, 0)
        if path in self.files:
            return (_FILE, 0, 0, 0, 0, 0, len(self.files[path]), 0, 0, 0)
        raise OSError(2)

    def mkdir(self, path):
        self.folders.append(path.strip("/"))

    def remove(self, path):
        del self.files[path.strip("/")]

    def ilistdir(self, path):
        path = path.strip("/")
        found = []
        paths = list(self.files) + self.code.paths()
        for kind, names in (_FILE, paths), (_FOLDER, self.folders):
            for name in names:
                folder, _, last = ("/" + name).rpartition("/")
                if last and folder.strip("/") == path:
                    found.append((last, kind, 0))
        return iter(found)


_mounted = RamFiles()
files = _mounted.files
opened = _mounted.code.opened
vfs.mount(_mounted, "/")
