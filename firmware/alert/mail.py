"""Create hssmtp's client from the configuration, and the mail about an alert."""

import hssmtp

from .seldom import call

_TYPING = hssmtp.const(0)
if _TYPING:
    from .clock import Clock
    from .pending import Alert


def client(config) -> hssmtp.Client:
    """Return a client for the server. Raises ValueError or OSError, as Client does."""
    return hssmtp.Client(
        config.SERVER,
        port=config.PORT,
        security=config.SECURITY,
        username=config.USER,
        password=config.PASSWORD,
        ca=config.CA,
        insecure=config.INSECURE,
        allow_plaintext_auth=config.ALLOW_PLAINTEXT_AUTH,
        hostname=config.HOSTNAME,
    )


def readings(rules) -> str:
    """Return the present readings of all inputs, in one line."""
    sources = [rule.source for rule in rules if rule.source.reading]
    return ", ".join([source.name + " " + _reading(source) for source in sources]) or "none"


def _reading(source):
    try:
        return source.reading()
    except OSError:
        return "can't be read"


def outcome(client: hssmtp.Client) -> str:
    """Return the result of the client's mail in one line, with settings in place of arguments."""
    text = hssmtp.explain(client)
    if client.result == hssmtp.SENT:
        return text
    return call("terms", "in_settings", text, client.reply_text)


def compose(config, alert: "Alert", now: str, clock: "Clock", logs: "list[str]") -> hssmtp.Message:
    """Return the mail about an alert. now: present readings; logs: paths of files to attach."""
    subject = config.DEVICE + ": " + alert.text
    if alert.count > 1:
        subject += " (%d times)" % alert.count
    lines = [alert.text + ".", ""]
    if alert.count > 1:
        lines.append("%d times since %s" % (alert.count, clock.text(alert.first)))
        lines.append("The last time: " + clock.text(alert.last))
    else:
        lines.append("Time: " + clock.text(alert.first))
    lines.append("Readings then: " + alert.readings)
    lines.append("Readings now: " + now)
    minutes = clock.seconds // 60
    lines.append("Up for %d h %d min" % (minutes // 60, minutes % 60))
    text = "\n".join(lines) + "\n"
    return hssmtp.Message(
        config.SENDER, to=config.RECIPIENTS, subject=subject, text=text, attachments=logs
    )
