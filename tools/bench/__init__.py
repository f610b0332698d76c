"""make bench: measure heap, time and waits, and compare them with the budgets.

Each module measures one thing in its function measure(). tools/bench/on_device runs on
MicroPython.
"""
