"""Recipients from address lists: files that are read during RCPT, never held in memory."""

from struct import pack_into

from .. import SourceError, const

_TYPING = const(0)
if _TYPING:
    from .addresslist import AddressList

# How many recipients a _Window has a bit for: those without a reply, and some more, because bits
# are cleared eight at a time.
_WINDOW = const(1024)
_MAX_UNANSWERED = const(1000)


class ListRecipients:
    """The recipients of a mail: which one is sent next, and which one a reply is about.

    The interface is that of recipients.Recipients. The lists come first, then `addresses`. Each
    list's file is open twice: one cursor sends, the other one follows with the replies. Memory
    does not grow with the number of recipients.

    Raises ValueError if there is no recipient, OSError if a list can't be opened or read.
    """

    def __init__(self, lists: "list[AddressList]", addresses: "list[bytes]"):
        self.limit = 0  # recipients in a transaction; 0: unknown
        self.accepted = 0  # in this transaction
        self.waiting = 0  # sent, and not answered yet
        self._settled = _Window()
        self._is_full = False
        self._start = _Position()  # where this transaction begins
        self._left = _Position(-1)  # where the next one begins; number -1: there is none
        self._refused = b""  # the address that was refused last: _refused[:_refused_length]
        self._refused_length = 0
        self._bad_list = None  # or the list, if that was an invalid line
        self._to_send = _Cursor(addresses)
        self._to_answer = _Cursor(addresses)
        self.begin()
        try:
            self._open(lists)
        except Exception:
            self.close()
            raise

    def _open(self, lists):
        """Open all files now: nothing may be allocated while the mail is sent."""
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
        """Begin a transaction with the recipients that are left."""
        self._close_transaction()
        self._settled.begin()
        self._sent = 0  # in this transaction
        if self._left.number >= 0:
            self._start.copy(self._left)
            self._to_send.go(self._left)
            self._to_answer.go(self._left)
            self._left.number = -1

    def repeat(self) -> bool:
        """Send those accepted in this transaction again; return whether that is possible.

        It is not if more were sent than the window has bits for.
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
        """Whether more recipients were sent than the server takes; it takes `accepted` of them."""
        return self._is_full and not self.limit

    def lower_limit(self, limit: int) -> None:
        """Send at most `limit` recipients in a transaction; 0: no limit is known."""
        if limit and (not self.limit or limit < self.limit):
            self.limit = limit

    def next(self) -> bool:
        """Go to the next recipient to send; return False if this transaction takes no more."""
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
        """Whether another transaction has to follow, once all replies have arrived."""
        if self._is_full and self._left.number < 0 and self._advance():
            self._left.copy(self._to_send.at)
        return self._left.number >= 0

    def is_crowded(self) -> bool:
        """Whether to wait for replies before another recipient is sent."""
        ahead = self._to_send.at.number - self._to_answer.at.number
        return self.waiting > 0 and ahead > _MAX_UNANSWERED

    def send(self) -> bool:
        """Count the current recipient as sent; return False if its line is not an address."""
        cursor = self._to_send
        self._settled.include(cursor.at.number)
        if not self.waiting:  # the next reply is about this recipient
            self._to_answer.go(cursor.at)
        if not cursor.length:
            self._settled.add(cursor.at.number)
            self._bad_list = cursor.note_bad_line()
            return False
        self._sent += 1
        self.waiting += 1
        return True

    def put(self, buf: bytearray, at: int) -> int:
        """Write the current address to buf[at:]; return the index after it.

        The buffer needs room for 254 bytes there: all of them are overwritten.
        """
        pack_into("254s", buf, at, self._to_send.data)
        return at + self._to_send.length

    def answer(self) -> None:
        """Go to the recipient that a reply is about. accept(), refuse() or defer() may follow."""
        cursor = self._to_answer
        while cursor.next() and self._settled.has(cursor.at.number):
            pass
        self.waiting -= 1  # last: if the list can't be read, the reply does not count

    def accept(self) -> None:
        """Record that this recipient was accepted."""
        self.accepted += 1
        self._settled.add_accepted(self._to_answer.at.number)

    def refuse(self) -> None:
        """Record that this recipient was refused."""
        cursor = self._to_answer
        self._settled.add(cursor.at.number)
        cursor.keep_data()
        self._bad_list = None
        self._refused = cursor.data
        self._refused_length = cursor.length

    def defer(self) -> None:
        """Leave this recipient to the next transaction: this one is full."""
        self._is_full = True
        self.limit = 0
        if self._left.number < 0:
            self._left.copy(self._to_answer.at)

    @property
    def refused(self) -> str:
        """The address that was refused last; "crew.txt:17" for an invalid line."""
        if self._bad_list:
            return "%s:%d" % (self._bad_list.path, self._bad_list.bad_line)
        return bytes(self._refused[: self._refused_length]).decode()

    def close(self) -> None:
        """Close the files."""
        self._to_send.close()
        self._to_answer.close()


class _Window:
    """The numbers of settled recipients, which are accepted, refused, or not an address.

    There is a bit for each of the last _WINDOW numbers. All numbers before them are settled.
    """

    def __init__(self):
        self._bits = bytearray(_WINDOW >> 3)
        self._accepted = bytearray(_WINDOW >> 3)  # those accepted in this transaction
        self._end = 0  # lower numbers are included

    def begin(self):
        """Begin a transaction."""
        pack_into("128s", self._accepted, 0, b"")

    def repeat(self):
        """Remove those accepted in this transaction."""
        for at in range(len(self._bits)):
            self._bits[at] &= ~self._accepted[at]

    def include(self, number):
        """Include a number: the next one, or one that is included already."""
        if number >= self._end:
            self._end = number + 1
            if not number & 7:  # the eight earlier numbers with these bits are settled
                self._bits[(number & _WINDOW - 1) >> 3] = 0
                self._accepted[(number & _WINDOW - 1) >> 3] = 0

    def add(self, number):
        """Record that a number is settled."""
        self._bits[(number & _WINDOW - 1) >> 3] |= 1 << (number & 7)

    def add_accepted(self, number):
        """Record that a number is accepted."""
        self.add(number)
        self._accepted[(number & _WINDOW - 1) >> 3] |= 1 << (number & 7)

    def has(self, number):
        """Whether a number is settled."""
        if number >= self._end:
            return False
        return self._bits[(number & _WINDOW - 1) >> 3] >> (number & 7) & 1


class _Position:
    """A position in the recipients. number: the index among all of them.

    group: the index of a list; the addresses in memory are the group after the lists.
    offset: bytes in the list's file, after `line` lines; in memory the index of an address.
    """

    def __init__(self, number=0):
        self.group = self.offset = self.line = 0
        self.number = number

    def copy(self, other):
        """Become equal to another position."""
        self.group = other.group
        self.offset = other.offset
        self.line = other.line
        self.number = other.number


class _Cursor:
    """A reader of one recipient after another. The current address is data[:length].

    length is 0 for a line that is not an address.
    """

    def __init__(self, addresses):
        self.lists = []  # a reader for each
        self._addresses = addresses
        self.data = b""
        self.length = 0
        self.at = _Position(-1)
        self.following = _Position()

    def go(self, position):
        """Go to the place before a recipient."""
        self.following.copy(position)
        self.at.copy(position)
        self.at.number -= 1
        offset = position.offset
        line = position.line
        for group in range(position.group, len(self.lists)):
            self.lists[group].seek(offset, line)
            offset = line = 0

    def next(self):
        """Go to the next recipient; return False at the end."""
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
        """Whether there is any address; if so, go to the place before the first recipient."""
        while self.next():
            if self.length:
                self.go(_Position())
                return True
        return False

    def keep_data(self):
        """Keep the current address in memory when the cursor goes on."""
        if self.at.group < len(self.lists):
            self.lists[self.at.group].keep_line()

    def note_bad_line(self):
        """Count the current line as invalid; return its list."""
        reader = self.lists[self.at.group]
        reader.owner.bad += 1
        reader.owner.bad_line = reader.number
        return reader.owner

    def close(self):
        """Close the files."""
        for reader in self.lists:
            reader.close()
