"""A Message: the same bytes each time, and the heap that it takes."""

import gc
import sys

import hssmtp
import hssmtp.mime as message

MICROPYTHON = sys.implementation.name == "micropython"


def mail(**options):
    arguments = {"sender": "a@example.com", "to": "b@example.com", "text": "x"}
    arguments.update(options)
    return hssmtp.Message(**arguments)


def octets(letter):
    buffer = bytearray(1024)
    letter.open(buffer)
    whole = b""
    while letter.part():
        n = letter.readinto(buffer, 1000)
        whole += bytes(buffer[:n])
    letter.close()
    return whole


def header(letter, name):
    """The header's value, None if there is none."""
    head = octets(letter).split(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        if line.startswith(name + b": "):
            return line[len(name) + 2 :]
    return None


class Clock:
    """Stands in for `time`: the board's clock, set or not."""

    def __init__(self, year):
        self.year = year

    def gmtime(self):
        return (self.year, 11, 23, 22, 43, 0, 0, 327, 0)


def test_message_gives_the_same_bytes_each_time():
    """Promise 4: the same Message-ID at every try, so that a duplicate can be recognized."""
    letter = mail(html="<p>x</p>", attachments=[hssmtp.Attachment(b"abc" * 100, "a.bin")])
    assert octets(letter) == octets(letter)


def test_each_message_has_its_own_message_id():
    found = set()
    for _ in range(50):
        found.add(header(mail(), b"Message-ID"))
    assert len(found) == 50
    for each in found:
        assert each.startswith(b"<") and each.endswith(b"@example.com>")


def test_no_date_before_the_clock_is_set():
    time = message.time
    clock = message.time = Clock(2000)
    try:
        letter = mail()
        assert header(letter, b"Date") is None
        clock.year = 2026
        assert header(letter, b"Date") == b"Mon, 23 Nov 2026 22:43:00 +0000"
        clock.year = 2027
        assert header(letter, b"Date") == b"Mon, 23 Nov 2026 22:43:00 +0000"
    finally:
        message.time = time


def heap(make):
    """Return the heap of an opened mail, arguments included."""
    buffer = bytearray(1024)
    taken = 0
    for _ in range(3):  # the first mails load modules and let dicts grow
        gc.collect()
        before = gc.mem_alloc()
        letter = make()
        letter.open(buffer)
        while letter.part():
            letter.readinto(buffer, 1000)
        gc.collect()
        taken = gc.mem_alloc() - before
        letter.close()
        letter = None
    return taken


def test_memory_does_not_grow_with_the_message():
    """Promise 3: not with the attachment's size, nor with the number of recipients."""
    if not MICROPYTHON:  # CPython does not report its heap
        return
    costs = []
    for size in 1000, 1000000:
        with open("file", "wb") as file:
            for _ in range(size // 1000):
                file.write(bytes(1000))
        costs.append(heap(lambda: mail(attachments=["file"])))
    assert costs[0] == costs[1], costs
    costs = []
    for count in 1, 10000:
        with open("list", "w") as file:
            for number in range(count):
                file.write("someone%05d@example.com\n" % number)
        costs.append(heap(lambda: mail(to=hssmtp.AddressList("list"))))
    assert costs[0] == costs[1], costs
