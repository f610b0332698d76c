"""live_heap MAIL SECURITY …, as mails.begin() has it: the bytes that the mail has in use.

More than before hssmtp was imported: with the mail handed over, at the most between two ticks, and
when all is over. Before that, what micropython.qstr_info() prints.
"""

import gc
import json
import sys

import mails
import micropython

_SENT = 8


def in_use():
    gc.collect()
    return gc.mem_alloc()


def main(*how):
    before = in_use()
    client = mails.begin(*how)
    begun = peak = in_use()
    sent = 0
    while client.tick():
        # A long text has very many ticks, and collecting in each would take minutes. They allocate
        # nothing, so that no garbage is counted.
        found = gc.mem_alloc() if client.bytes_sent > sent else in_use()
        sent = client.bytes_sent
        peak = max(peak, found)
    after = in_use()
    found = {"sent": client.result == _SENT}
    for name, octets in ("begun", begun), ("peak", peak), ("after", after):
        found[name] = octets - before
    micropython.qstr_info()
    print(json.dumps(found))


main(*sys.argv[1:])
