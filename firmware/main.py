"""MicroPython runs this file after boot.py: the alert application, until Ctrl-C."""

from alert.run import run

run()
