"""The recipients of a mail, as addresses in memory: an RCPT for each (RFC 5321 3.3)."""


class Recipients:
    """The recipients of a mail: which one is sent next, and which one a reply is about.

    If a server takes no more recipients in a transaction, the rest go in further transactions
    (RFC 5321 4.5.3.1.10). lists.ListRecipients has the same interface.
    """

    def __init__(self, addresses: "list[bytes]"):
        self._addresses = addresses
        # For each recipient: 0: to be sent; 1: refused; above: accepted in the transaction with
        # this mark.
        self._settled = bytearray(len(addresses))
        self._mark = 1
        self._refused = b""
        self.limit = 0  # recipients in a transaction; 0: unknown
        self.accepted = 0  # in this transaction
        self._is_full = False
        self.begin()

    def begin(self) -> None:
        """Begin a transaction with the recipients that are left."""
        self._close_transaction()
        self._mark = self._mark + 1 if self._mark < 255 else 2
        self._sent = 0  # in this transaction
        self._to_send = -1  # the index of the current recipient
        self._answered = -1

    def _close_transaction(self):
        if self.is_overfull():
            self.limit = self.accepted
        self.accepted = 0
        self.waiting = 0  # sent, and not answered yet
        self._is_full = False

    def repeat(self) -> bool:
        """Send those accepted in this transaction again; return whether that is possible."""
        settled = self._settled
        for index in range(len(settled)):
            if settled[index] == self._mark:
                settled[index] = 0
        self._close_transaction()
        return True

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
        index = self._settled.find(b"\0", self._to_send + 1)
        if self._is_full or index < 0:
            return False
        self._to_send = index
        return True

    def has_more(self) -> bool:
        """Whether another transaction has to follow, once all replies have arrived."""
        return self._is_full and self._settled.find(b"\0") >= 0

    def is_crowded(self) -> bool:
        """Whether to wait for replies before another recipient is sent."""
        return self.waiting > 1000

    def send(self) -> bool:
        """Count the current recipient as sent; return False if it is not an address."""
        self._sent += 1
        self.waiting += 1
        return True

    def put(self, buf: bytearray, at: int) -> int:
        """Write the current address to buf[at:]; return the index after it."""
        address = self._addresses[self._to_send]
        end = at + len(address)
        buf[at:end] = address
        return end

    def answer(self) -> None:
        """Go to the recipient that a reply is about. accept(), refuse() or defer() may follow."""
        self.waiting -= 1
        self._answered = self._settled.find(b"\0", self._answered + 1)

    def accept(self) -> None:
        """Record that this recipient was accepted."""
        self.accepted += 1
        self._settled[self._answered] = self._mark

    def refuse(self) -> None:
        """Record that this recipient was refused."""
        self._refused = self._addresses[self._answered]
        self._settled[self._answered] = 1

    def defer(self) -> None:
        """Leave this recipient to the next transaction: this one is full."""
        self._is_full = True
        self.limit = 0

    @property
    def refused(self) -> str:
        """The address that was refused last."""
        return self._refused.decode()

    def close(self) -> None:
        """Do nothing: there are no files."""
