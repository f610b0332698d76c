"""The recipients of a mail, walked one by one: To, Cc and Bcc, from memory and from files."""

from struct import pack_into

from . import const

_TYPING = const(0)
if _TYPING:
    from .addresslist import AddressList


class Recipients:
    """A cursor: the address at hand is data[:end], the `number`th of all, from 0.

    A list's line that is no address is one of nothing: end is 0.

    First come the lists, each a group, then the addresses in memory, the last group.
    """

    def __init__(self, lists: "list[AddressList]", inline: "list[bytes]"):
        # A list's file is opened now: nothing can be allocated once the mail is under way.
        self._lists = [each.open() for each in lists]
        self._inline = inline
        self.data = b""
        self.end = 0
        self.place = self.line = 0  # where the address at hand begins
        self.go(0, 0, 0, 0)

    def go(self, group: int, place: int, line: int, number: int) -> None:
        """Stand before an address: its group, its place and line there, and its number."""
        self.group = group
        self.number = number - 1
        self.next_place = place
        self.next_line = line
        for i in range(group, len(self._lists)):
            self._lists[i].go(place, line)
            place = line = 0

    def next(self) -> bool:
        """Go to the next address; False where there is none."""
        while self.group < len(self._lists):
            lines = self._lists[self.group]
            self.place = self.next_place
            self.line = self.next_line
            self.end = lines.next()
            if self.end >= 0:
                self.data = lines.line
                self.next_place = lines.place
                self.next_line = lines.number
                self.number += 1
                return True
            self.next_place = self.next_line = 0
            self.group += 1
        self.place = self.next_place
        if self.place == len(self._inline):
            return False
        self.data = self._inline[self.place]
        self.end = len(self.data)
        self.next_place += 1
        self.number += 1
        return True

    def put(self, buf: bytearray, at: int) -> int:
        """Write the address to buf[at:], where 254 octets find room; the index behind it."""
        pack_into("254s", buf, at, self.data)  # zeros follow, or the rest of a list's line
        return at + self.end

    def swap(self) -> None:
        """Leave the octets of the address at hand where they are, when the cursor goes on."""
        if self.group < len(self._lists):
            self._lists[self.group].swap()

    def bad_line(self) -> "AddressList":
        """The line at hand is no address: count it, and return its list."""
        lines = self._lists[self.group]
        lines.owner.bad += 1
        lines.owner.bad_line = lines.number
        return lines.owner

    def close(self) -> None:
        """Close the lists' files."""
        for lines in self._lists:
            lines.close()
