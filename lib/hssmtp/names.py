"""The public small ints and how they are spelled: events, errors, states."""

# The place of a word is its number.
_EVENTS = (
    "- RESOLVED CONNECTED SECURED READY RECIPIENT_REFUSED PROGRESS PAUSED SENT FAILED ABORTED"
    " PAUSE"
)
_ERRORS = (
    "- ERROR_DNS ERROR_CONNECT ERROR_TLS ERROR_CERTIFICATE ERROR_TIMEOUT ERROR_CLOSED"
    " ERROR_PROTOCOL ERROR_AUTH ERROR_SENDER ERROR_RECIPIENTS ERROR_REJECTED ERROR_TOO_LARGE"
    " ERROR_SOURCE ERROR_UNSUPPORTED"
)
_STATES = (
    "IDLE RESOLVING CONNECTING SECURING GREETING EHLO HELO STARTTLS AUTH RESPONSE"
    " MAIL RCPT DATA TEXT BDAT RSET NOOP QUIT"
)

for _words in (_EVENTS, _ERRORS):
    for _number, _word in enumerate(_words.split()):
        globals()[_word] = _number


def event_name(event: int) -> str:
    """Spell an event: event_name(hssmtp.SENT) is "SENT"."""
    return _EVENTS.split()[event]


def error_name(error: int) -> str:
    """Spell an error: error_name(hssmtp.ERROR_DNS) is "ERROR_DNS"; 0 is "-", no error."""
    return _ERRORS.split()[error]


def state_name(state: int) -> str:
    """Spell what `client.state` holds: a phase of the connection or a step of the dialogue."""
    return _STATES.split()[state]
