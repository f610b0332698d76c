"""one_mail COUNT MAIL SECURITY …, as mails.begin() has it: sends so many, with little around it.

MAIL "nothing": what this program takes by itself.
"""

import sys

import mails

_SENT = 8


def main(count, mail, *how):
    if mail != "nothing":
        client = mails.begin(mail, *how)
        for left in range(int(count) - 1, -1, -1):
            while client.tick():
                pass
            if client.result != _SENT:
                raise SystemExit(repr((client.error, client.reply_code, client.cause)))
            if left:
                client.send_mail(mails.message(mail))
    print(1)


main(*sys.argv[1:])
