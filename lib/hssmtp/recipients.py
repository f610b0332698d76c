"""The recipients of a mail, walked one by one: To, Cc and Bcc, from memory and from files."""

from . import const

_TYPING = const(0)
if _TYPING:
    from typing import Any

    from .addresslist import AddressList


class Recipients:
    """A cursor: the address at hand is data[:end], the `number`th of all, from 0.

    A list's line that is no address is one of nothing: end is 0.

    groups: addresses as they are, a list of them, or an AddressList.
    """

    def __init__(self, groups: "tuple[list[bytes] | AddressList, ...]"):
        # A list's file is opened now: nothing can be allocated once the mail is under way.
        self._groups: list[Any] = [g if isinstance(g, list) else g.open() for g in groups]
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
        for i in range(group, len(self._groups)):
            if not isinstance(self._groups[i], list):
                self._groups[i].go(place, line)
            place = line = 0

    def next(self) -> bool:
        """Go to the next address; False where there is none."""
        while self.group < len(self._groups):
            group = self._groups[self.group]
            self.place = self.next_place
            self.line = self.next_line
            if isinstance(group, list):
                self.end = -1
                if self.place < len(group):
                    self.data = group[self.place]
                    self.end = len(self.data)
                    self.next_place += 1
            else:
                self.end = group.next()
                self.data = group.line
                self.next_place = group.place
                self.next_line = group.number
            if self.end >= 0:
                self.number += 1
                return True
            self.next_place = self.next_line = 0
            self.group += 1
        return False

    def swap(self) -> None:
        """Leave the octets of the address at hand where they are, when the cursor goes on."""
        group = self._groups[self.group]
        if not isinstance(group, list):
            group.swap()

    def bad_line(self) -> "AddressList":
        """The line at hand is no address: count it, and return its list."""
        lines = self._groups[self.group]
        lines.owner.bad += 1
        lines.owner.bad_line = lines.number
        return lines.owner

    def close(self) -> None:
        """Close the lists' files."""
        for group in self._groups:
            if not isinstance(group, list):
                group.close()
