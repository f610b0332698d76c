"""resident MAIL SECURITY …, as mails.begin() has it: the modules that are loaded during its ticks.

What is loaded and dropped within a call that hands a mail over is not among them.
"""

import json
import sys

import mails


def main(*how):
    client = mails.begin(*how)
    found = set()
    going = True
    while going:
        found.update([name for name in sys.modules if name.split(".")[0] == "hssmtp"])
        going = client.tick()
    print(json.dumps(sorted(found)))


main(*sys.argv[1:])
