"""Runs after boot.py: the alert application, until a person breaks in with Ctrl-C."""

from alert.run import run

run()
