"""The device of `make demo`: an application as on a board, but for a made-up boiler and watchdog.

Its main loop never stops for a mail. What differs from device to device is in settings.py.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import gc
import hashlib
import json
import time
from binascii import hexlify

import hssmtp
import settings

TOO_HOT = 95  # °C
SHOW_MS = 250


class Watchdog:
    """Instead of machine.WDT: its feed() tells how long ago the last one was, in µs."""

    def __init__(self, timeout_ms):
        self.timeout_ms = timeout_ms
        self.fed = time.ticks_us()

    def feed(self):
        now = time.ticks_us()
        passed = time.ticks_diff(now, self.fed)
        self.fed = now
        if passed > self.timeout_ms * 1000:
            raise SystemExit("the watchdog has reset the device")
        return passed


class Record:
    """What `make demo` shows at the end: the main loop's turns while a mail is under way."""

    def __init__(self):
        self.turns = 0
        self.longest_us = 0
        self.longest_state = 0  # what the mail was at meanwhile
        self.heap = 0

    def turn(self, us, state):
        self.turns += 1
        if us > self.longest_us:
            self.longest_us = us
            self.longest_state = state

    def look_at_heap(self):
        gc.collect()
        self.heap = max(self.heap, gc.mem_alloc())


START = time.ticks_ms()


def uptime():
    return time.ticks_diff(time.ticks_ms(), START)


def temperature():
    """Instead of a sensor: hotter by 1 °C in 40 ms, up to 112."""
    return min(75 + uptime() // 40, 112)


def alert(celsius):
    return hssmtp.Message(
        "Boiler <boiler@example.com>",
        to=["ops@example.com"],
        subject="%d °C" % celsius,
        text="The boiler is at %d °C. The picture is what the camera sees.\n" % celsius,
        attachments=["thermal.bmp"],
    )


def on_event(client, event):
    if event != hssmtp.PROGRESS:
        print("%5d ms  %s" % (uptime(), hssmtp.event_name(event)))


def checksum(path):
    sha256 = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(512):
            sha256.update(piece)
    return hexlify(sha256.digest()).decode()


def main():
    client = hssmtp.Client(
        settings.SERVER,
        settings.PORT,
        username=settings.USER,
        password=settings.PASSWORD,
        ca="ca.pem",
        on_event=on_event,
    )
    watchdog = Watchdog(1000)
    record = Record()
    state = shown = 0
    alarmed = False
    busy = False
    while busy or not alarmed:  # a board's main loop has no end
        passed = watchdog.feed()
        if busy:
            record.turn(passed, state)
        celsius = temperature()
        if celsius >= TOO_HOT and not alarmed:
            alarmed = True
            client.send_mail(alert(celsius))
        state = client.state
        busy = client.tick()
        if uptime() >= shown:
            shown += SHOW_MS
            sent = 100 * client.bytes_sent // (client.bytes_total or 1)
            print("%5d ms  %3d °C  sent %3d %%  turn %d" % (uptime(), celsius, sent, record.turns))
            record.look_at_heap()
        time.sleep_ms(min(client.idle_ms(), 5))

    print("%5d ms  %s" % (uptime(), hssmtp.explain(client)))
    report = {
        "sent": client.result == hssmtp.SENT,
        "turns": record.turns,
        "longest_ms": record.longest_us / 1000,
        "longest_state": hssmtp.state_name(record.longest_state),
        "watchdog_ms": watchdog.timeout_ms,
        "heap": record.heap,
        "heap_size": gc.mem_alloc() + gc.mem_free(),
        "checksum": checksum("thermal.bmp"),
    }
    print("REPORT", json.dumps(report))


main()
