"""An asyncio program that sends a mail at each press of a button; other tasks keep running."""

import asyncio

import board
import hssmtp
import machine
from online import online, say

from alert import mail, settings

POLL_MS = 20  # longer than the button's contact bounces
RETRY_S = 60


async def deliver(client: hssmtp.Client, message: hssmtp.Message) -> bool:
    """Send a mail; return True when the server has it. Other tasks run between two ticks."""
    client.send_mail(message)
    while client.tick():
        await asyncio.sleep_ms(client.idle_ms())
    say(mail.outcome(client))
    return client.result == hssmtp.SENT


async def blink() -> None:
    """Blink: it goes on while a mail is sent. Without an LED the task only counts."""
    led = None if board.LED is None else machine.Pin(board.LED, machine.Pin.OUT)
    turns = 0
    while True:
        if led:
            led.value(turns % 2)
        turns += 1
        await asyncio.sleep_ms(200)


class Button:
    """Counts the presses of a button between a pin and ground."""

    def __init__(self, pin):
        self.presses = 0
        self._pin = pin

    async def watch(self) -> None:
        """Count the changes from released to pressed."""
        was_pressed = False
        while True:
            is_pressed = self._pin.value() == 0
            if is_pressed and not was_pressed:
                self.presses += 1
            was_pressed = is_pressed
            await asyncio.sleep_ms(POLL_MS)


async def main(config) -> None:
    """Send a mail for each press, also for presses while a mail is sent."""
    client = mail.client(config)
    button = Button(machine.Pin(board.DIGITAL, machine.Pin.IN, machine.Pin.PULL_UP))
    tasks = [asyncio.create_task(blink()), asyncio.create_task(button.watch())]
    mailed = 0
    while not any(task.done() for task in tasks):
        if mailed == button.presses:
            await asyncio.sleep_ms(POLL_MS)
            continue
        mailed += 1
        message = hssmtp.Message(
            config.SENDER,
            to=config.RECIPIENTS,
            subject="%s: pressed %d times" % (config.DEVICE, mailed),
        )
        while not await deliver(client, message):
            await asyncio.sleep(RETRY_S)


config = settings.load(board.WIRELESS)
if config and online(config):
    asyncio.run(main(config))
