"""live_heap MAIL SECURITY …, as mails.begin() has it: the octets that the mail has in use.

More than before hssmtp was imported, after a collection: with the mail handed over, at the most
between two ticks, and when all is over; and which modules were loaded.
"""

import gc
import json
import sys

import mails

_SENT = 8


def in_use():
    gc.collect()
    return gc.mem_alloc()


def main(*how):
    before = in_use()
    client = mails.begin(*how)
    begun = peak = in_use()
    while client.tick():
        peak = max(peak, in_use())
    after = in_use()
    loaded = [name[7:] for name in sys.modules if name.startswith("hssmtp.")]
    found = {"sent": client.result == _SENT, "modules": loaded}
    for name, octets in ("begun", begun), ("peak", peak), ("after", after):
        found[name] = octets - before
    print(json.dumps(found))


main(*sys.argv[1:])
