"""The recipients of a mail, as addresses in memory: one RCPT each (RFC 5321 3.3)."""


class Recipients:
    """Which recipient is sent next, and which one a reply is about.

    A server that takes no more recipients in a transaction gets the rest in further ones
    (RFC 5321 4.5.3.1.10). lists.ListRecipients has the same interface.
    """

    def __init__(self, addresses: "list[bytes]"):
        self._addresses = addresses
        # Of each: 0: to be sent. 1: refused. Above: accepted in the transaction of that mark.
        self._settled = bytearray(len(addresses))
        self._mark = 1
        self._refused = b""
        self.limit = 0  # recipients in a transaction; 0: unknown
        self.accepted = 0  # in this transaction
        self._is_full = False
        self.begin()

    def begin(self) -> None:
        """Begin a transaction with the recipients that the one before has left."""
        self._close_transaction()
        self._mark = self._mark + 1 if self._mark < 255 else 2
        self._sent = 0  # in this transaction
        self._to_send = -1  # the index of the one at hand
        self._answered = -1

    def _close_transaction(self):
        if self.is_overfull():
            self.limit = self.accepted
        self.accepted = 0
        self.waiting = 0  # sent, and not yet answered
        self._is_full = False

    def repeat(self) -> bool:
        """Send those that this transaction has accepted again; return whether that is possible."""
        settled = self._settled
        for index in range(len(settled)):
            if settled[index] == self._mark:
                settled[index] = 0
        self._close_transaction()
        return True

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
        index = self._settled.find(b"\0", self._to_send + 1)
        if self._is_full or index < 0:
            return False
        self._to_send = index
        return True

    def has_more(self) -> bool:
        """Whether another transaction has to follow, when all replies have come."""
        return self._is_full and self._settled.find(b"\0") >= 0

    def is_crowded(self) -> bool:
        """Whether replies have to come before another recipient is sent."""
        return self.waiting > 1000

    def send(self) -> bool:
        """Count the recipient at hand as sent; False if it is not an address."""
        self._sent += 1
        self.waiting += 1
        return True

    def put(self, buf: bytearray, at: int) -> int:
        """Write the address at hand to buf[at:]; return the index behind it."""
        address = self._addresses[self._to_send]
        end = at + len(address)
        buf[at:end] = address
        return end

    def answer(self) -> None:
        """Go to the recipient that a reply is about. accept(), refuse() or defer() can follow."""
        self.waiting -= 1
        self._answered = self._settled.find(b"\0", self._answered + 1)

    def accept(self) -> None:
        """Note that it was accepted."""
        self.accepted += 1
        self._settled[self._answered] = self._mark

    def refuse(self) -> None:
        """Note that it was refused."""
        self._refused = self._addresses[self._answered]
        self._settled[self._answered] = 1

    def defer(self) -> None:
        """Leave it to the next transaction: this one is full."""
        self._is_full = True
        self.limit = 0

    @property
    def refused(self) -> str:
        """The address that was refused last."""
        return self._refused.decode()

    def close(self) -> None:
        """Close the files of address lists."""
