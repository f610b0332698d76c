"""allocations MAIL SECURITY …, as mails.begin() has it: [state, ticks, bytes] of each phase.

How much the heap grew in the ticks that began in that state, while nothing was collected.
"""

import gc
import json
import sys

import mails

_STATES = 32  # more than there are


def main(*how):
    client = mails.begin(*how)
    ticks = [0] * _STATES
    octets = [0] * _STATES
    gc.collect()
    gc.disable()
    going = True
    while going:
        state = client.state
        before = gc.mem_alloc()
        going = client.tick()
        octets[state] += gc.mem_alloc() - before
        ticks[state] += 1
    gc.enable()
    if client.result != 8:
        raise SystemExit(repr(client.cause))
    print(json.dumps([[s, ticks[s], octets[s]] for s in range(_STATES) if ticks[s]]))


main(*sys.argv[1:])
