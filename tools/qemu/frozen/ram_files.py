"""The port has no file system of its own: this one keeps files as octets in a dict.

Importing it mounts it. mpremote's `fs` commands and `import` find what they need.
"""

import io

import vfs

_FILE = 0x8000
_FOLDER = 0x4000


class _Writing:
    """A file that is being written: mpremote writes, and closes."""

    def __init__(self, files, path):
        self._files = files
        self._path = path
        self._octets = b""

    def write(self, octets):
        self._octets += octets
        return len(octets)

    def close(self):
        self._files[self._path] = self._octets


class RamFiles:
    """What vfs.mount() wants: one level of folders is enough here."""

    def __init__(self):
        self.files = {}
        self.folders = [""]

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
            return _Writing(self.files, path)
        if path not in self.files:
            raise OSError(2)
        return io.BytesIO(self.files[path])

    def stat(self, path):
        path = path.strip("/")
        if path in self.files:
            return (_FILE, 0, 0, 0, 0, 0, len(self.files[path]), 0, 0, 0)
        if path in self.folders:
            return (_FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        raise OSError(2)

    def mkdir(self, path):
        self.folders.append(path.strip("/"))

    def remove(self, path):
        del self.files[path.strip("/")]

    def ilistdir(self, path):
        path = path.strip("/")
        found = []
        for kind, names in (_FILE, self.files), (_FOLDER, self.folders):
            for name in names:
                folder, _, last = ("/" + name).rpartition("/")
                if last and folder.strip("/") == path:
                    found.append((last, kind, 0))
        return iter(found)


_mounted = RamFiles()
files = _mounted.files
vfs.mount(_mounted, "/")
