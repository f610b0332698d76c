"""The flash chip: blocks in a file."""

_BLOCK = 4096


class Flash:
    """A block device as vfs.VfsLfs2 wants it."""

    def __init__(self, path):
        self._file = open(path, "r+b", 0)
        self._blocks = self._file.seek(0, 2) // _BLOCK

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * _BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._file.seek(block * _BLOCK + offset)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return _BLOCK
        return 0  # erasing costs nothing: littlefs writes over what was erased only
