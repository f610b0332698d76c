"""explain(): what became of a mail, in one line for a person. Loaded for that alone."""

from errno import ENOMEM

from . import const
from .names import error_name, state_name
from .report import printable

# pyright: reportPrivateUsage=false

TEMPORARY = True  # freed after the call that needed it

_TYPING = const(0)
if _TYPING:
    from .client import Client

_SECURING = const(3)  # states
_GREETING = const(4)
_EHLO = const(5)
_HELO = const(6)
_STARTTLS = const(7)

_SENT = const(8)
_FAILED = const(9)

_ERROR_DNS = const(1)
_ERROR_TLS = const(3)
_ERROR_TIMEOUT = const(5)
_ERROR_AUTH = const(8)  # after it, up to TOO_LARGE, the reason is a reply
_ERROR_RECIPIENTS = const(10)
_ERROR_REJECTED = const(11)
_ERROR_TOO_LARGE = const(12)
_ERROR_UNSUPPORTED = const(14)

# What failed, a colon, what to do; in the order of the errors. "@" stands for host and port.
_ADVICE = (
    "@ was not found: check `host`, and that the network and its name server work",
    "no connection to @: check `host` and `port`, and that no firewall blocks them",
    'TLS with @ failed: security="tls" is for port 465, "starttls" for 587',
    "the certificate of @ could not be verified: check the clock, `ca`, and that `host` is in the"
    " certificate",
    "no answer from @ in time: check the network, and that `security` suits `port`",
    "the connection to @ was lost: the network failed, or the server is too busy",
    "@ broke the rules of SMTP: check that `port` and `security` are those of a mail server",
    "@ refused the login: check `username` and `password`; many providers want an app password",
    "@ refused the sender: it may have to be the account's own address",
    "@ refused all recipients: check them; for other domains a login may be needed",
    "@ refused the mail: its reply says why",
    "@ refused a mail of this size: send less at once",
    "a text or an attachment could not be read to its end, and nothing was delivered: check it",
    "@ does not offer ",
)

# For the same errors, if the state or the reply gives a more specific reason.
_REFUSED_TOKEN = "@ refused the login: check `username`, and that `token` has not expired"
_REFUSED_GREETING = (
    "@ takes no mails from this network: use the server of your mail provider, with `username` and"
    " `password`"
)
_REFUSED_NAME = (
    "@ refused the name that this device gives itself: set `hostname` to a full name, as in"
    ' hostname="device.example.com"'
)
_NO_TLS_NOW = "@ can't begin TLS now: try again later"
_TLS_FIRST = '@ requires TLS before a mail: set security="starttls"'
_LOGIN_FIRST = "@ requires a login before a mail: set `username` and `password`"
_MISTYPED = "@ was not found, several times: check `host`"
_NO_TLS_AT_ONCE = '@ does not begin with TLS on this port: set security="starttls"'
_TLS_AT_ONCE = 'no greeting from @, which expects TLS on this port: set security="tls"'
_TOO_LARGE = "@ takes no mail of more than %d bytes: send less at once"
_NO_MEMORY = (
    "no memory for TLS with @: free some, and make the client before all that is large, so that"
    " the heap stays in one piece"
)
_NO_STARTTLS = 'STARTTLS: check `port`; security="tls" is for port 465'
_NO_UTF8 = "addresses beyond ASCII (SMTPUTF8): use others"
_NO_LOGIN = 'a login here: many servers do with security="starttls" on port 587'

_MEMORY_ALERT = "ALLOC_FAILED"  # part of mbedTLS's error text


def explain(client: "Client") -> str:
    """Return one line for a person: what became of the client's mail, why, and what to do.

    It names settings as arguments of Client(): `port`, or security="tls".
    """
    text = "in " + state_name(client.state)
    if client.result is None:
        return "under way, " + text if client.state else "nothing was sent yet"
    if client.result == _SENT:
        text = f"sent to {client.accepted} of {client.accepted + client.refused} recipients"
        return text + ("; the others were refused" if client.refused else "")
    if client.result == _FAILED:
        text = f"{error_name(client.error)} {text}: {_advice(client)}"
        if client.delivered:
            text = text.replace(", and nothing was delivered", "")
            text += f"; recipients who have it already: {client.delivered}"
    else:
        text = "aborted " + text
    if client.in_doubt:
        text += "; the server may have the mail: sent again, it may come twice"
    elif client.transient:
        text += "; worth another try"
    return text


def _advice(client):
    """Return what failed, why (in brackets), and what to do."""
    text = _advice_for_state(client) or _ADVICE[client.error - 1]
    if client.error == _ERROR_UNSUPPORTED:
        text = _advice_for_missing(client, text)
    elif client.error == _ERROR_TOO_LARGE and not client.reply_code:
        text = _TOO_LARGE % client._session.extensions.max_size
    failed, todo = text.split(": ", 1)
    why = _why(client)
    failed = failed.replace("@", f"{client.host}:{client.port}")
    return f"{failed} ({why}): {todo}" if why else f"{failed}: {todo}"


def _why(client):
    """Return the reason that the network or the server gave; "" if there is none."""
    cause = client.cause
    if client.error == _ERROR_TLS and _is_memory_error(cause):
        from .net.memory import memory_left

        return memory_left()
    if cause and not _ERROR_AUTH < client.error <= _ERROR_TOO_LARGE:
        if not isinstance(cause, str):
            # Of (number, text) take the text. mbedTLS puts line ends around it.
            cause = str(cause.args[1] if len(cause.args) > 1 else cause) or repr(cause)
        return printable(" ".join(cause.split()).encode("utf-8", "replace"))
    if client.reply_code and client.error not in (_ERROR_TIMEOUT, _ERROR_UNSUPPORTED):
        return f"{client.reply_code} {client.reply_text}"
    return ""


def _advice_for_state(client):
    """Return the advice for this state or reply; "" if there is no special one."""
    state = client.state
    error = client.error
    code = client.reply_code
    security = client._session.security
    if error == _ERROR_REJECTED and state == _GREETING:
        return _REFUSED_GREETING
    if error == _ERROR_REJECTED and (state == _EHLO or state == _HELO):
        return _REFUSED_NAME
    if error == _ERROR_TLS and state == _STARTTLS and code == 454:  # RFC 3207 4
        return _NO_TLS_NOW
    if error == _ERROR_TLS and _is_memory_error(client.cause):
        return _NO_MEMORY
    if state == client._connection.unsuitable_state and not code:
        return _NO_TLS_AT_ONCE if state == _SECURING else _TLS_AT_ONCE
    if error == _ERROR_DNS and not client.transient:
        return _MISTYPED
    if code == 530 and error in (_ERROR_AUTH, _ERROR_RECIPIENTS):  # RFC 4954 6, RFC 3207 4
        return _TLS_FIRST if security == "none" else _LOGIN_FIRST
    if error == _ERROR_AUTH and client._session.auth and client._session.auth.token is not None:
        return _REFUSED_TOKEN
    return ""


def _advice_for_missing(client, text):
    """Return the advice for something that the server does not offer."""
    missing = client._session.extensions.missing
    if missing == "STARTTLS":
        return text + _NO_STARTTLS
    if missing == "SMTPUTF8":
        return text + _NO_UTF8
    auth = client._session.auth
    offered = _listed(printable(auth.others).split(), " and ")
    if not offered:
        return text + _NO_LOGIN
    usable = [name.decode().strip() for name, _ in auth._mechanisms]
    text = "@ offers " + offered + ", not " + _listed(usable, " or ")
    if len(usable) == 1:
        return text + ": check `auth`"
    return text + ": the account may need a token or a password, or another server"


def _listed(words, last):
    """Join words with commas, and with `last` before the last one."""
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_memory_error(exc):
    """Whether TLS failed for lack of memory, as reported by MicroPython or by mbedTLS."""
    if isinstance(exc, OSError) and exc.errno == ENOMEM:
        return True
    return isinstance(exc, MemoryError) or _MEMORY_ALERT in str(exc)
