"""run(): what main.py calls. However it ends, a person with mpremote gets in."""

import time

import board
import machine

from . import settings
from .led import Led
from .output import print_exception
from .watchdog import Watchdog


def run() -> None:
    """Run the application until Ctrl-C, which leads to the REPL; so do errors in config.py."""
    pin = None if board.LED is None else machine.Pin(board.LED, machine.Pin.OUT)
    light = Led(pin, board.LED_ON)
    light.light(True)  # it stays on if the configuration has errors
    config = settings.load(board.WIRELESS)
    if not config:
        print("nothing was started: correct config.py, and run `make flash` again")
        return
    print("the alert application starts in %s s; Ctrl-C for the REPL" % config.GRACE_SECONDS)
    time.sleep(config.GRACE_SECONDS)  # time for Ctrl-C, whatever goes wrong from here on
    watchdog = Watchdog()
    try:
        _serve(config, light, watchdog)
    except KeyboardInterrupt:
        watchdog.release()
        print("stopped: a reset starts the alert application again")
    except Exception as exc:
        watchdog.release()
        print_exception(exc)
        print("broken down: a reset comes in %s s; Ctrl-C for the REPL" % config.RESTART_SECONDS)
        time.sleep(config.RESTART_SECONDS)
        machine.reset()


def _serve(config, light, watchdog):
    """The main loop."""
    from .app import App  # after the wait for Ctrl-C, too

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
