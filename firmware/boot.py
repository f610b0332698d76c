"""MicroPython runs this file at each reset, before main.py and before any command of mpremote.

It starts nothing: no network, no watchdog. An error here could make the board unreachable.
"""
