"""An asyncio program that mails: one task blinks on while another awaits its mail."""

import asyncio

import board
import hssmtp
import machine
from online import online

from alert import mail, settings


async def deliver(client: hssmtp.Client, message: hssmtp.Message) -> bool:
    """Send a mail; True when the server has it. Other tasks run between two ticks."""
    client.send_mail(message)
    while client.tick():
        await asyncio.sleep_ms(client.idle_ms())
    print(hssmtp.explain(client))
    return client.result == hssmtp.SENT


async def blink(led) -> None:
    """Show that nothing stands still."""
    while True:
        led.toggle()
        await asyncio.sleep_ms(200)


async def main(config) -> None:
    """Mail each time the button is pressed."""
    client = mail.client(config)
    button = machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP)
    blinking = asyncio.create_task(blink(machine.Pin(board.LED, machine.Pin.OUT)))
    presses = 0
    while not blinking.done():
        if button.value() == 0:
            presses += 1
            message = hssmtp.Message(
                config.SENDER,
                to=config.RECIPIENTS,
                subject="%s: pressed %d times" % (config.DEVICE, presses),
            )
            while not await deliver(client, message):
                await asyncio.sleep(60)
        await asyncio.sleep_ms(20)


config = settings.load(board.WIRELESS)
if config and online(config):
    asyncio.run(main(config))
