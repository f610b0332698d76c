"""run(): what main.py calls. However it ends, a person with mpremote gets in."""

import sys
import time

import board
import machine

from . import settings
from .led import Led
from .watchdog import Watchdog


def run() -> None:
    """Run the application for good. It ends, in the REPL, by Ctrl-C or if it is misconfigured."""
    pin = None if board.LED is None else machine.Pin(board.LED, machine.Pin.OUT)
    light = Led(pin, board.LED_ON)
    light.light(True)  # it stays so if the configuration has errors
    config = settings.load(board.WIRELESS)
    if not config:
        return
    print("the alert application starts in %s s; Ctrl-C for the REPL" % config.GRACE_SECONDS)
    time.sleep(config.GRACE_SECONDS)  # to press it, whatever goes wrong from here on
    watchdog = Watchdog()
    try:
        _serve(config, light, watchdog)
    except KeyboardInterrupt:
        watchdog.release()
        print("stopped: a reset starts the alert application again")
    except Exception as exc:
        watchdog.release()
        sys.print_exception(exc)
        print("broken down: a reset comes in %s s; Ctrl-C for the REPL" % config.RESTART_SECONDS)
        time.sleep(config.RESTART_SECONDS)
        machine.reset()


def _serve(config, light, watchdog):
    """The main loop."""
    from .app import App  # behind the time of grace, too

    app = App(config, board, light)
    try:
        app.start()
        watchdog.start(config.WATCHDOG_SECONDS)
        while True:
            now = time.ticks_ms()
            watchdog.feed()
            app.step(now)
            time.sleep_ms(app.idle_ms(now))
    except Exception as exc:
        app.say("broken down: " + repr(exc))
        raise
    finally:
        app.stop()
