"""Write a reading to a CSV file on flash each minute, and mail the file once a day.

The full file is renamed, and kept until the server has it: a reset or a lost network loses no
line. There are at most two files, so flash does not fill up while the server is not reachable.
"""

import os
import time

import board
import hssmtp
import machine
from online import online, say

from alert import mail, settings

MINUTES = 1  # between two readings
LINES = 1440  # in a mail
NOW = "readings.csv"
MAILED = "mailed.csv"
RETRY_MS = 600000


def exists(path: str) -> bool:
    """Return whether a file exists."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


class Recorder:
    """Adds lines to a file. Begins a new one when it is full and the one before is mailed."""

    def __init__(self, adc):
        self._adc = adc
        self._due = time.ticks_ms()
        self._lines = 0
        if exists(NOW):
            with open(NOW) as file:
                self._lines = sum([1 for _ in file])

    def step(self, now: int) -> None:
        """Write a line if that is due. now: ms, as ticks_ms() has it."""
        if time.ticks_diff(now, self._due) < 0:
            return
        self._due = time.ticks_add(self._due, round(MINUTES * 60000))
        if self._lines >= LINES:
            if exists(MAILED):
                return  # not mailed yet: keep it, and omit new readings
            os.rename(NOW, MAILED)
            self._lines = 0
        with open(NOW, "a") as file:
            file.write("%d,%d\n" % (time.time(), self._adc.read_u16()))
        self._lines += 1


class Sender:
    """Mails the full file, and retries until the server has it."""

    def __init__(self, config):
        self._config = config
        self._client = mail.client(config)
        self._due = time.ticks_ms()
        self._sending = False

    def step(self, now: int) -> None:
        """Do bounded work. now: ms, as ticks_ms() has it."""
        client = self._client
        client.tick(now)
        if self._sending:
            if client.result is not None:
                self._sending = False
                say(mail.outcome(client))
                if client.result == hssmtp.SENT:
                    os.remove(MAILED)
        elif time.ticks_diff(now, self._due) >= 0:
            self._due = time.ticks_add(now, RETRY_MS)
            if exists(MAILED):
                client.send_mail(self._message())
                self._sending = True

    def _message(self):
        config = self._config
        subject = config.DEVICE + ": readings"
        return hssmtp.Message(
            config.SENDER, to=config.RECIPIENTS, subject=subject, attachments=[MAILED]
        )


def main(config) -> None:
    """Run the main loop."""
    recorder = Recorder(machine.ADC(machine.Pin(board.ANALOGUE)))
    sender = Sender(config)
    while True:
        now = time.ticks_ms()
        recorder.step(now)
        sender.step(now)
        time.sleep_ms(10)


config = settings.load(board.WIRELESS)
if config and online(config):
    main(config)
