"""one_mail MAIL SECURITY …, as mails.begin() has it: sends it, with as little around it as can be.

MAIL "nothing": what this program takes by itself.
"""

import sys

import mails

_SENT = 8


def main(mail, *how):
    if mail != "nothing":
        client = mails.begin(mail, *how)
        while client.tick():
            pass
        if client.result != _SENT:
            raise SystemExit(repr((client.error, client.reply_code, client.cause)))
    print(1)


main(*sys.argv[1:])
