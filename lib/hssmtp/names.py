"""The names of events, errors and states."""

# The index of a word is its number.
EVENTS = (
    "- RESOLVED CONNECTED SECURED READY RECIPIENT_REFUSED PROGRESS PAUSED SENT FAILED ABORTED"
    " PAUSE"
)
ERRORS = (
    "- ERROR_DNS ERROR_CONNECT ERROR_TLS ERROR_CERTIFICATE ERROR_TIMEOUT ERROR_CLOSED"
    " ERROR_PROTOCOL ERROR_AUTH ERROR_SENDER ERROR_RECIPIENTS ERROR_REJECTED ERROR_TOO_LARGE"
    " ERROR_SOURCE ERROR_UNSUPPORTED"
)
# First those of the connection, up to SECURING; then the command whose reply is awaited.
STATES = (
    "IDLE RESOLVING CONNECTING SECURING GREETING EHLO HELO STARTTLS AUTH RESPONSE"
    " MAIL RCPT DATA TEXT BDAT RSET NOOP QUIT"
)


def event_name(event: int) -> str:
    """Return the name of an event: event_name(hssmtp.SENT) is "SENT"."""
    return EVENTS.split()[event]


def error_name(error: int) -> str:
    """Return the name of an error: error_name(hssmtp.ERROR_DNS) is "ERROR_DNS"; 0 is "-"."""
    return ERRORS.split()[error]


def state_name(state: int) -> str:
    """Return the name of a state: state_name(client.state) is "MAIL" while MAIL is unanswered."""
    return STATES.split()[state]
