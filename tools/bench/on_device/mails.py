"""The mails that are measured, by name; each a function that gives what Message() takes."""


def plain():
    return {"text": "The boiler is at 95 degrees.\n"}


def encoded():
    return {"text": "The boiler is at 95 °C.\n"}


def html():
    return {"text": "95 degrees\n", "html": "<p>95 degrees</p>\n"}


def attachment():
    return {"text": "95 degrees\n", "attachments": ["attachment"]}


def fifty():
    return {"text": "95 degrees\n", "bcc": ["user%d@example.com" % n for n in range(50)]}


def copied():
    return {
        "text": "95 degrees\n",
        "cc": ["User %d <user%d@example.com>" % (n, n) for n in range(50)],
    }


def listed():
    import hssmtp

    return {"text": "95 degrees\n", "bcc": hssmtp.AddressList("list")}


def message(mail):
    """The Message of that name."""
    import hssmtp

    more = globals()[mail]()
    return hssmtp.Message(
        "Boiler <boiler@example.com>", to=["ops@example.com"], subject="95 degrees", **more
    )


def begin(mail, security, host, port, names, ca):
    """Hand over a mail of that name to a new client, and return the client."""
    import hssmtp

    options = {}
    if security != "none":
        options = {"username": "boiler", "password": "correct horse", "ca": ca}
    link = hssmtp.Link([("127.0.0.1", int(names))])
    client = hssmtp.Client(host, int(port), security=security, link=link, **options)
    client.send_mail(message(mail))
    return client
