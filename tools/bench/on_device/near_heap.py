"""The heap that a mail takes, without a network: import near_heap; near_heap.measure(MAIL).

As live_heap, but for the link: that, and the server, were there before.
"""

import gc
import json

import mails
from near_link import NearLink


def in_use():
    gc.collect()
    return gc.mem_alloc()


def measure(mail):
    link = NearLink()
    before = in_use()
    import hssmtp

    client = hssmtp.Client("mail.example.com", security="none", link=link)
    client.send_mail(mails.message(mail))
    peak = in_use()
    while client.tick():
        peak = max(peak, in_use())
    if client.result != hssmtp.SENT:
        raise SystemExit(hssmtp.explain(client))
    print(json.dumps(peak - before))
