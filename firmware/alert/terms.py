"""Put settings of config.py in place of arguments in hssmtp's messages. Loaded only for this."""

TEMPORARY = True  # freed after the call that needed it

# The arguments that the alert application passes to hssmtp, and their settings.
SETTINGS = {
    "host": "SERVER",
    "port": "PORT",
    "security": "SECURITY",
    "username": "USER",
    "password": "PASSWORD",
    "token": "PASSWORD",
    "ca": "CA",
    "insecure": "INSECURE",
    "allow_plaintext_auth": "ALLOW_PLAINTEXT_AUTH",
    "hostname": "HOSTNAME",
    "sender": "SENDER",
    "to": "RECIPIENTS",
}


def in_settings(text: str, reply: str = "") -> str:
    """Return `text` with settings for arguments: `ca`, ca=, and "ca:" at the beginning.

    reply: the server's reply; where it occurs in the text, it is not changed.
    """
    before, reply, after = text.partition(reply) if reply else (text, "", "")
    for argument, setting in SETTINGS.items():
        if before.startswith(argument + ":"):
            before = setting + before[len(argument) :]
        before = _replaced(before, argument, setting)
        after = _replaced(after, argument, setting)
    return before + reply + after


def _replaced(text, argument, setting):
    text = text.replace("`%s`" % argument, setting)
    mark = argument + "="
    found = bytearray()
    at = 0
    while True:
        next = text.find(mark, at)
        if next < 0:
            return found.decode() + text[at:]
        found.extend(text[at:next].encode())
        at = next + len(mark)
        previous = text[next - 1 : next]
        if previous.isalpha() or previous == "_":  # the end of another word
            found.extend(mark.encode())
            continue
        if text[next - 5 : next] == "pass ":
            found[-5:] = b"set "
        found.extend(setting.encode())
        if text[at : at + 1] not in ("", " ", ",", ".", ";", ":", ")"):  # a value follows
            found.extend(b" = ")
