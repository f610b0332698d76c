"""Find the smallest heap (-X heapsize) in which each kind of mail is sent, by bisection."""

from tools.bench import mails
from tools.bench.devices import DEVICES
from tools.bench.report import Report, number, table
from tools.bench.server import Server

# Names of on_device/mails.py.
MAILS = {
    "plain": "plain text",
    "encoded": "text with an umlaut",
    "html": "text and HTML",
    "attachment": "text and a 1 MB attachment",
    "fifty": "to 50 recipients",
    "copied": "to 50 more, named in Cc",
    "listed": "to a list of 10,000",
}
SECURITIES = ("none", "starttls", "tls")


def measure() -> Report:
    """Send each kind of mail in smaller and smaller heaps."""
    mails.prepare()
    columns = [f"{device}, {security}" for device in DEVICES for security in SECURITIES]
    shown = table("The smallest heap, octets: all that is in it", "mail", *columns)
    report = Report(tables=[shown])
    with Server() as server:
        for mail, what in MAILS.items():
            found = {}
            for device in DEVICES:
                for security in SECURITIES:
                    told = mails.how(server, mail, security)
                    found[f"{device}, {security}"] = device.smallest_heap("one_mail", 1, *told)
            shown.add_row(what, *map(number, found.values()))
            report.data[mail] = found
    return report
