"""Recipients from address lists: files that are read while RCPT goes, never held in memory."""

from struct import pack_into

from .. import SourceError, const

_TYPING = const(0)
if _TYPING:
    from .addresslist import AddressList

# How many numbers, from the first recipient without a reply on, a _Window holds. So many can be
# unanswered, and some more that are prepared for, eight at a time.
_WINDOW = const(1024)
_MAX_UNANSWERED = const(1000)


class ListRecipients:
    """Which recipient is sent next, and which one a reply is about.

    The interface is that of recipients.Recipients. The lists come first, then `addresses`. Each
    list's file is opened twice: one cursor sends, the other follows with the replies. Memory does
    not grow with the number of recipients.

    Raises ValueError if there is no recipient, OSError if a list cannot be opened or read.
    """

    def __init__(self, lists: "list[AddressList]", addresses: "list[bytes]"):
        self.limit = 0  # recipients in a transaction; 0: unknown
        self.accepted = 0  # in this transaction
        self.waiting = 0  # sent, and not yet answered
        self._settled = _Window()
        self._is_full = False
        self._start = _Position()  # where this transaction began
        self._left = _Position(-1)  # where the next one begins; number -1: none has to
        self._refused = b""  # the address that was refused last: _refused[:_refused_length]
        self._refused_length = 0
        self._bad_list = None  # or the list whose last bad line it was
        self._to_send = _Cursor(addresses)
        self._to_answer = _Cursor(addresses)
        self.begin()
        try:
            self._open(lists)
        except Exception:
            self.close()
            raise

    def _open(self, lists):
        """Open all files now: nothing can be allocated while the mail is sent."""
        for each in lists:
            self._to_send.lists.append(each.open())
            self._to_answer.lists.append(each.open())
        try:
            has_address = self._to_answer.find_address()
        except SourceError as error:
            raise error.args[0]
        if not has_address:
            raise ValueError("recipients: no address in the list")

    def begin(self) -> None:
        """Begin a transaction with the recipients that the one before has left."""
        self._close_transaction()
        self._settled.begin()
        self._sent = 0  # in this transaction
        if self._left.number >= 0:
            self._start.copy(self._left)
            self._to_send.go(self._left)
            self._to_answer.go(self._left)
            self._left.number = -1

    def repeat(self) -> bool:
        """Send those that this transaction has accepted again; return whether that is possible.

        It is not where so many were sent that the first are not remembered.
        """
        if self._to_send.at.number - self._start.number >= _WINDOW - 8:
            return False
        self._settled.repeat()
        self._left.copy(self._start)
        self._close_transaction()
        return True

    def _close_transaction(self):
        if self.is_overfull():
            self.limit = self.accepted
        self.accepted = 0
        self.waiting = 0
        self._is_full = False

    def is_overfull(self) -> bool:
        """Whether more recipients were sent than the server takes, which is what it accepted."""
        return self._is_full and not self.limit

    def obey(self, limit: int) -> None:
        """Send at most `limit` recipients in a transaction; 0: no limit is known."""
        if limit and (not self.limit or limit < self.limit):
            self.limit = limit

    def next(self) -> bool:
        """Go to the next recipient to be sent; False if this transaction takes no more."""
        if self.limit and self._sent >= self.limit:
            self._is_full = True
        return not self._is_full and self._advance()

    def _advance(self):
        cursor = self._to_send
        while cursor.next():
            if not self._settled.has(cursor.at.number):
                return True
        return False

    def has_more(self) -> bool:
        """Whether another transaction has to follow, when all replies have come."""
        if self._is_full and self._left.number < 0 and self._advance():
            self._left.copy(self._to_send.at)
        return self._left.number >= 0

    def is_crowded(self) -> bool:
        """Whether replies have to come before another recipient is sent."""
        ahead = self._to_send.at.number - self._to_answer.at.number
        return self.waiting > 0 and ahead > _MAX_UNANSWERED

    def send(self) -> bool:
        """Count the recipient at hand as sent; False if it is a line that is not an address."""
        cursor = self._to_send
        self._settled.include(cursor.at.number)
        if not self.waiting:  # the reply that comes next is about this one
            self._to_answer.go(cursor.at)
        if not cursor.length:
            self._settled.add(cursor.at.number)
            self._bad_list = cursor.note_bad_line()
            return False
        self._sent += 1
        self.waiting += 1
        return True

    def put(self, buf: bytearray, at: int) -> int:
        """Write the address at hand to buf[at:], with room for 254 bytes; return the index behind.

        What follows in the buffer is overwritten.
        """
        pack_into("254s", buf, at, self._to_send.data)
        return at + self._to_send.length

    def answer(self) -> None:
        """Go to the recipient that a reply is about. accept(), refuse() or defer() can follow."""
        cursor = self._to_answer
        while cursor.next() and self._settled.has(cursor.at.number):
            pass
        self.waiting -= 1  # not before: where the list can't be read, the reply is not booked

    def accept(self) -> None:
        """Note that it was accepted."""
        self.accepted += 1
        self._settled.add_accepted(self._to_answer.at.number)

    def refuse(self) -> None:
        """Note that it was refused."""
        cursor = self._to_answer
        self._settled.add(cursor.at.number)
        cursor.keep_data()
        self._bad_list = None
        self._refused = cursor.data
        self._refused_length = cursor.length

    def defer(self) -> None:
        """Leave it to the next transaction: this one is full."""
        self._is_full = True
        self.limit = 0
        if self._left.number < 0:
            self._left.copy(self._to_answer.at)

    @property
    def refused(self) -> str:
        """The address that was refused last; "crew.txt:17" for a line that is not an address."""
        if self._bad_list:
            return "%s:%d" % (self._bad_list.path, self._bad_list.bad_line)
        return bytes(self._refused[: self._refused_length]).decode()

    def close(self) -> None:
        """Close the files."""
        self._to_send.close()
        self._to_answer.close()


class _Window:
    """The numbers of the recipients that are settled: accepted, refused, or not an address.

    A bit for each number modulo _WINDOW: those that are further behind are all settled.
    """

    def __init__(self):
        self._bits = bytearray(_WINDOW >> 3)
        self._accepted = bytearray(_WINDOW >> 3)  # those accepted in this transaction
        self._end = 0  # the numbers below it are included

    def begin(self):
        """Begin a transaction."""
        pack_into("128s", self._accepted, 0, b"")

    def repeat(self):
        """Remove those that this transaction has accepted."""
        for at in range(len(self._bits)):
            self._bits[at] &= ~self._accepted[at]

    def include(self, number):
        """Take in a number, the one behind those that are included or one of them."""
        if number >= self._end:
            self._end = number + 1
            if not number & 7:  # the eight numbers that had these bits are settled
                self._bits[(number & _WINDOW - 1) >> 3] = 0
                self._accepted[(number & _WINDOW - 1) >> 3] = 0

    def add(self, number):
        """Note that it is settled."""
        self._bits[(number & _WINDOW - 1) >> 3] |= 1 << (number & 7)

    def add_accepted(self, number):
        """Note that it is accepted."""
        self.add(number)
        self._accepted[(number & _WINDOW - 1) >> 3] |= 1 << (number & 7)

    def has(self, number):
        """Whether it is settled."""
        if number >= self._end:
            return False
        return self._bits[(number & _WINDOW - 1) >> 3] >> (number & 7) & 1


class _Position:
    """A place among the recipients: the `number`th of all, from 0 on.

    group: the index of its list; the addresses in memory are the group behind the lists.
    offset: in the list's file, in bytes, behind so many lines; or the index in memory.
    """

    def __init__(self, number=0):
        self.group = self.offset = self.line = 0
        self.number = number

    def copy(self, other):
        """Become the same as another."""
        self.group = other.group
        self.offset = other.offset
        self.line = other.line
        self.number = other.number


class _Cursor:
    """Reads one recipient after another: the address at hand is data[:length].

    length is 0 for a line that is not an address.
    """

    def __init__(self, addresses):
        self.lists = []  # their readers
        self._addresses = addresses
        self.data = b""
        self.length = 0
        self.at = _Position(-1)
        self.following = _Position()

    def go(self, position):
        """Stand before a recipient."""
        self.following.copy(position)
        self.at.copy(position)
        self.at.number -= 1
        offset = position.offset
        line = position.line
        for group in range(position.group, len(self.lists)):
            self.lists[group].seek(offset, line)
            offset = line = 0

    def next(self):
        """Go to the next recipient; False at the end."""
        following = self.following
        while following.group < len(self.lists):
            reader = self.lists[following.group]
            self.length = reader.next()
            if self.length >= 0:
                self.data = reader.line
                self._step(reader.offset, reader.number)
                return True
            following.group += 1
            following.offset = following.line = 0
        index = following.offset
        if index == len(self._addresses):
            return False
        self.data = self._addresses[index]
        self.length = len(self.data)
        self._step(index + 1, 0)
        return True

    def _step(self, offset, line):
        self.at.copy(self.following)
        self.following.offset = offset
        self.following.line = line
        self.following.number += 1

    def find_address(self):
        """Whether there is any address; stand before the first recipient then."""
        while self.next():
            if self.length:
                self.go(_Position())
                return True
        return False

    def keep_data(self):
        """Leave the address at hand where it is when the cursor goes on."""
        if self.at.group < len(self.lists):
            self.lists[self.at.group].keep_line()

    def note_bad_line(self):
        """Count the line at hand as bad; return its list."""
        reader = self.lists[self.at.group]
        reader.owner.bad += 1
        reader.owner.bad_line = reader.number
        return reader.owner

    def close(self):
        """Close the files."""
        for reader in self.lists:
            reader.close()
