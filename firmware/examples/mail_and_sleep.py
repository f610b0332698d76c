"""Wake up, mail a reading, and sleep again: for a board on a battery."""

import time

import board
import hssmtp
import machine
from online import online, say

from alert import mail, settings

HOURS_ASLEEP = 6
SECONDS_FOR_CTRL_C = 5
AWAKE_MS = 120000  # at most, even if the mail is not sent


def send(config) -> None:
    """Mail the voltage at board.ANALOGUE."""
    begun = time.ticks_ms()
    counts = machine.ADC(machine.Pin(board.ANALOGUE)).read_u16()
    message = hssmtp.Message(
        config.SENDER,
        to=config.RECIPIENTS,
        subject="%s: %.2f V" % (config.DEVICE, 3.3 * counts / 65535),
        text="The next mail comes in %s hours.\n" % HOURS_ASLEEP,
    )
    if not online(config):
        return
    client = mail.client(config)
    client.send_mail(message)
    while client.tick() and time.ticks_diff(time.ticks_ms(), begun) < AWAKE_MS:
        time.sleep_ms(client.idle_ms())
    client.deinit()
    say(mail.outcome(client))


print("awake; press Ctrl-C within %d s for the REPL" % SECONDS_FOR_CTRL_C)
time.sleep(SECONDS_FOR_CTRL_C)
config = settings.load(board.WIRELESS)
if config:
    try:
        send(config)
    finally:
        machine.deepsleep(round(HOURS_ASLEEP * 3600000))
