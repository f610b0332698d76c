"""make bench: what hssmtp costs, in octets, in time and in waiting, against its budgets.

Each module here measures one thing, by its function measure(); tools/bench/on_device runs on
MicroPython.
"""
