"""The public small ints and how they are spelled: events, errors, states."""

# The place of a word is its number. One string costs a device a third of what as many names would.
_EVENTS = (
    "- RESOLVED CONNECTED SECURED READY RECIPIENT_REFUSED PROGRESS PAUSED SENT FAILED ABORTED"
    " PAUSE"
)
_ERRORS = (
    "- DNS CONNECT TLS CERTIFICATE TIMEOUT CLOSED PROTOCOL AUTH SENDER RECIPIENTS REJECTED"
    " TOO_LARGE SOURCE UNSUPPORTED"
)
_STATES = (
    "IDLE RESOLVING CONNECTING SECURING GREETING EHLO HELO STARTTLS AUTH RESPONSE"
    " MAIL RCPT DATA TEXT RSET QUIT"
)


def event_name(event):
    """Spell an event: event_name(hssmtp.SENT) is "SENT"."""
    return _EVENTS.split()[event]


def error_name(error):
    """Spell an error: error_name(hssmtp.ERROR_DNS) is "ERROR_DNS"; 0 is "-", no error."""
    return "ERROR_" + _ERRORS.split()[error] if error else "-"


def state_name(state):
    """Spell what `client.state` holds: a phase of the connection or a step of the dialogue."""
    return _STATES.split()[state]


def __getattr__(name):
    words = _EVENTS
    word = name
    if name.startswith("ERROR_"):
        words = _ERRORS
        word = name[6:]
    words = words.split()
    if word not in words:
        raise AttributeError(name)
    return words.index(word)
