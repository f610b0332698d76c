"""The envelope's recipients, walked one by one: To, Cc and Bcc, from memory and from files."""

from . import const

_TYPING = const(0)
if _TYPING:
    from .addresslist import AddressList


class Recipients:
    """A cursor: the address at hand is data[start:end].

    groups: bytes with LF behind each address, or an AddressList.
    """

    def __init__(self, groups: "tuple[bytes | AddressList, ...]"):
        # A list's file is opened now: nothing can be allocated once the mail is under way.
        self._groups = [g if isinstance(g, bytes) else g.open() for g in groups]
        self._group = 0
        self.data = self.kept = b""
        self.start = self.kept_start = self.kept_end = 0
        self.end = -1

    def next(self) -> bool:
        """Go to the next address; False where there is none."""
        while self._group < len(self._groups):
            group = self._groups[self._group]
            if isinstance(group, bytes):
                self.data = group
                self.start = self.end + 1
                self.end = group.find(b"\n", self.start)
            else:
                self.data = group.line
                self.start = 0
                self.end = group.next()
            if self.end >= 0:
                return True
            self.end = -1
            self._group += 1
        return False

    def keep(self) -> None:
        """Remember the address at hand, as kept[kept_start:kept_end], when the cursor goes on."""
        group = self._groups[self._group]
        if not isinstance(group, bytes):
            group.swap()
        self.kept = self.data
        self.kept_start = self.start
        self.kept_end = self.end

    def close(self) -> None:
        """Close the lists' files."""
        for group in self._groups:
            if not isinstance(group, bytes):
                group.close()
