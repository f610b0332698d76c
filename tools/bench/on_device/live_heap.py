"""live_heap MAIL SECURITY …, as mails.begin() has it: the octets that the mail has in use.

More than before hssmtp was imported: with the mail handed over, at the most between two ticks, and
when all is over; and which modules were loaded. Before that, what micropython.qstr_info() prints.
"""

import gc
import json
import sys

import mails
import micropython

_SENT = 8
_TEXT = 13


def in_use():
    gc.collect()
    return gc.mem_alloc()


def main(*how):
    before = in_use()
    client = mails.begin(*how)
    begun = peak = in_use()
    while client.tick():
        # A long text has very many ticks: behind the first, garbage would count too.
        found = in_use() if client.state != _TEXT or not client.bytes_sent else gc.mem_alloc()
        peak = max(peak, found)
    after = in_use()
    loaded = [name for name in sys.modules if name.split(".")[0] == "hssmtp"]
    found = {"sent": client.result == _SENT, "modules": loaded}
    for name, octets in ("begun", begun), ("peak", peak), ("after", after):
        found[name] = octets - before
    micropython.qstr_info()
    print(json.dumps(found))


main(*sys.argv[1:])
