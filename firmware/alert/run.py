"""run(), for main.py. However it ends, the board can be reached with mpremote."""

import time

import board
import machine

from . import settings
from .led import Led
from .output import print_exception
from .watchdog import Watchdog


def run() -> None:
    """Run the application until Ctrl-C. Ctrl-C, and errors in config.py, lead to the REPL."""
    pin = None if board.LED is None else machine.Pin(board.LED, machine.Pin.OUT)
    light = Led(pin, board.LED_ON)
    light.light(True)  # stays on if config.py has errors
    config = settings.load(board.WIRELESS)
    if not config:
        print("nothing was started: correct config.py, and run `make flash` again")
        return
    print("the alert application starts in %s s; Ctrl-C for the REPL" % config.GRACE_SECONDS)
    time.sleep(config.GRACE_SECONDS)  # Ctrl-C works here even if the application fails later
    watchdog = Watchdog()
    try:
        _main_loop(config, light, watchdog)
    except KeyboardInterrupt:
        watchdog.release()
        print("stopped: a reset starts the alert application again")
    except Exception as exc:
        watchdog.release()
        print_exception(exc)
        print("broken down: reset in %s s; Ctrl-C for the REPL" % config.RESTART_SECONDS)
        time.sleep(config.RESTART_SECONDS)
        machine.reset()


def _main_loop(config, light, watchdog):
    """Run until an exception."""
    from .app import App  # here: an error in these modules comes after the wait for Ctrl-C

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
