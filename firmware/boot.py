"""Runs at each reset, before main.py; and also before whatever mpremote does.

So it starts nothing: no network, no watchdog. What goes wrong here would lock a person out.
"""
