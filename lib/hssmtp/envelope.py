"""The envelope (RFC 5321 2.3.1): who gets a mail, in as many transactions as the server wants."""

from . import const
from .recipients import Recipients

_TYPING = const(0)
if _TYPING:
    from .addresslist import AddressList

# A bit for each recipient, whether its reply has come: for so many, from the first that has none,
# or has to wait for another transaction, on.
_WINDOW = const(1024)
_MOST_WAITING = const(1000)

_ENOUGH = const(100)  # RFC 5321 4.5.3.1.8: so many every server takes at once


class Envelope:
    """The recipient being sent, `to_send`, and the one being answered, `to_answer`.

    A server that takes no more in one transaction gets the rest in another (RFC 5321 4.5.3.1.10).
    Raises ValueError if there is nobody.
    """

    def __init__(self, lists: "list[AddressList]", inline: "list[bytes]"):
        self.to_send = Recipients(lists, inline)
        self.to_answer = Recipients(lists, inline)
        self.limit = 0  # how many a transaction may have; 0: nobody said
        self._settled = bytearray(_WINDOW >> 3)
        self._sent = 0  # those with a lower number have been sent
        self._held = False  # to_send is at one that is for the next transaction
        self._deferred = -1  # the number of the first that is, and where it stands
        self._group = self._place = self._line = 0
        self._refused = b""  # the last one: _refused[:_end]; or a line that is no address
        self._end = 0
        self._bad_list = None
        self.begin()
        while self.to_answer.next():
            if self.to_answer.end:
                self.to_answer.go(0, 0, 0, 0)
                return
        self.close()
        raise ValueError("recipients: no address in the list")

    def begin(self) -> None:
        """Begin a transaction, with those whom the one before left."""
        if self._deferred >= 0:
            if self.accepted:
                self.limit = self.accepted
            self._go_back()
        self.waiting = 0  # sent and not yet answered
        self.accepted = 0
        self.full = False  # this transaction takes no more
        self._count = 0  # sent in it

    def restart(self) -> None:
        """Begin it over another connection: no reply had come."""
        cursor = self.to_answer
        self._mark(cursor.next_place, cursor.next_line, cursor.number + 1)
        self.accepted = 0
        self.begin()

    def obey(self, limit: int) -> None:
        """A transaction may have so many recipients; 0: nobody says how many."""
        if limit and (not self.limit or limit < self.limit):
            self.limit = limit

    def _mark(self, place, line, number):
        self._deferred = number
        self._group = self.to_answer.group
        self._place = place
        self._line = line

    def _go_back(self):
        self.to_send.go(self._group, self._place, self._line, self._deferred)
        self.to_answer.go(self._group, self._place, self._line, self._deferred)
        self._deferred = -1
        self._held = False

    # The one being sent

    def next(self) -> bool:
        """Go to the next one; False if there is none, or this transaction takes no more."""
        if self.limit and self._count >= self.limit:
            self.full = True
        return not self.full and self._advance()

    def _advance(self):
        if self._held:
            self._held = False
            return True
        cursor = self.to_send
        while cursor.next():
            if cursor.number >= self._sent or not self._is_settled(cursor.number):
                return True
        return False

    def more(self) -> bool:
        """Whether another transaction has to follow."""
        if self.full and not self._held and self._deferred < 0:
            self._held = self._advance()
        return self._held or self._deferred >= 0

    def may_go_on(self) -> bool:
        """Whether another one may have to follow: replies to come could say so."""
        return self.more() or self.waiting > 0 and self._count > _ENOUGH

    def crowded(self) -> bool:
        """Whether replies have to come before another one is sent."""
        return self.waiting > 0 and self.to_send.number - self.to_answer.number > _MOST_WAITING

    def send(self) -> bool:
        """The one at hand goes out; False for a list's line that is no address."""
        cursor = self.to_send
        number = cursor.number
        if number >= self._sent:
            self._sent = number + 1
            if not number & 7:  # eight bits anew: whose they were a window ago are settled
                self._settled[(number & _WINDOW - 1) >> 3] = 0
        if not cursor.end:
            self._settle(number)
            self._bad_list = cursor.bad_line()
            return False
        if not self.waiting:  # the reply that comes next is its own
            self.to_answer.go(cursor.group, cursor.place, cursor.line, number)
        self._count += 1
        self.waiting += 1
        return True

    # The one being answered

    def answer(self) -> None:
        """Go to the next one whose reply is awaited."""
        cursor = self.to_answer
        while cursor.next() and self._is_settled(cursor.number):
            pass

    def accept(self) -> None:
        """It was accepted."""
        self.waiting -= 1
        self.accepted += 1
        self._settle(self.to_answer.number)

    def enough(self) -> bool:
        """Whether as many were accepted as every server has to take."""
        return self.accepted >= _ENOUGH

    def refuse(self) -> None:
        """It was refused: remember it, though the cursor goes on."""
        self.waiting -= 1
        cursor = self.to_answer
        self._settle(cursor.number)
        cursor.swap()
        self._bad_list = None
        self._refused = cursor.data
        self._end = cursor.end

    def defer(self) -> None:
        """It was one too many: it has to wait for the next transaction."""
        self.waiting -= 1
        self.full = True
        if self._deferred < 0:
            cursor = self.to_answer
            self._mark(cursor.place, cursor.line, cursor.number)

    @property
    def refused(self) -> str:
        """The one that was refused last, or the place of a line that is no address."""
        if self._bad_list:
            return "%s:%d" % (self._bad_list.path, self._bad_list.bad_line)
        return bytes(self._refused[: self._end]).decode()

    def close(self) -> None:
        """Close the lists' files."""
        self.to_send.close()
        self.to_answer.close()

    # What is settled

    def _is_settled(self, number):
        return self._settled[(number & _WINDOW - 1) >> 3] >> (number & 7) & 1

    def _settle(self, number):
        self._settled[(number & _WINDOW - 1) >> 3] |= 1 << (number & 7)
