"""explain(): what became of a mail, in one line for a person. Loaded for that alone."""

from errno import ENOMEM

from . import const
from .names import error_name, state_name

TEMPORARY = True  # freed after the call that needed it

_TYPING = const(0)
if _TYPING:
    from .client import Client

_GREETING = const(4)  # states
_EHLO = const(5)
_HELO = const(6)
_STARTTLS = const(7)

_SENT = const(8)
_FAILED = const(9)

_ERROR_TLS = const(3)
_ERROR_TIMEOUT = const(5)
_ERROR_AUTH = const(8)  # the reason for those from SENDER to TOO_LARGE is a reply
_ERROR_RECIPIENTS = const(10)
_ERROR_REJECTED = const(11)
_ERROR_TOO_LARGE = const(12)
_ERROR_UNSUPPORTED = const(14)

# Why, and what to do, in the order of the errors. "@" stands for the server.
_WHY = (
    "@ was not found: check the name, and that the network and its name server are up",
    "@ takes no connection: check host and port, and that no firewall is in between",
    'no TLS in common with @: security="tls" is for port 465, "starttls" for 587',
    "the certificate of @ is not believed: is the clock set, is `ca` who signed it, is `host` a"
    " name in it",
    "@ or the network was silent for too long: check both, and that `security` suits the port",
    "the connection to @ broke: the network failed, or the server is too busy",
    "@ says what no mail server says here: check that port and `security` are right",
    "@ does not take username and password: check them; many providers want an app password",
    "@ does not take the sender: it may have to be the account's own address",
    "@ takes none of the recipients: check them; for other domains a login may be needed",
    "@ does not take the mail: its reply says why",
    "@ does not take a mail of this size: send less at once",
    "a text or an attachment could not be read to its end, and nothing was delivered: check it",
    "port and `security` may not suit @, and nothing was sent: it offers no ",
)

# The same error in a certain step, or with a certain reply, and what to do then.
_REFUSED_GREETING = (
    "@ takes no mails from this network: use the server of your mail provider, with username and"
    " password"
)
_REFUSED_NAME = (
    "@ does not take the name that this device gives itself: pass hostname=, a full name as"
    " device.example.com"
)
_NO_TLS_NOW = "@ can't begin TLS now: try again later"
_TLS_FIRST = '@ wants TLS before a mail: pass security="starttls"'
_LOGIN_FIRST = "@ wants a login before a mail: pass username= and password="

_NO_MEMORY = (
    "no memory for TLS with @: free some, and make the client before all that is large, so that"
    " the heap stays in one piece"
)

_MEMORY_ALERT = "ALLOC_FAILED"  # in mbedTLS's words


def explain(client: "Client") -> str:
    """Say in one line what became of the client's mail: whose fault, which code, what to do."""
    text = "in " + state_name(client.state)
    if client.result is None:
        return "under way, " + text if client.state else "nothing was sent yet"
    if client.result == _SENT:
        text = f"sent to {client.accepted} of {client.accepted + client.refused} recipients"
        return text + ("; the others were refused" if client.refused else "")
    if client.result == _FAILED:
        text = f"{error_name(client.error)} {text}: {_reason(client)}"
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


def _reason(client: "Client") -> str:
    error = client.error
    text = (_in_step(client) or _WHY[error - 1]).replace("@", f"{client.host}:{client.port}")
    cause = client.cause
    if error == _ERROR_TLS and _is_memory_error(cause):
        from .net.memory import memory_left

        text = _NO_MEMORY.replace("@", f"{client.host}:{client.port}")
        cause = memory_left()
    if error == _ERROR_UNSUPPORTED:
        text += client._session.extensions.missing  # pyright: ignore[reportPrivateUsage]
    elif error == _ERROR_TOO_LARGE and not client.reply_code:
        most = client._session.extensions.max_size  # pyright: ignore[reportPrivateUsage]
        text = text.replace(": ", f" (it takes {most} octets): ", 1)
    elif cause and not _ERROR_AUTH < error <= _ERROR_TOO_LARGE:
        if not isinstance(cause, str):
            # Of (number, text) the text; mbedTLS puts line ends around its own.
            cause = str(cause.args[1] if len(cause.args) > 1 else cause) or repr(cause)
        text = text.replace(": ", f" ({' '.join(cause.split())}): ", 1)
    elif client.reply_code and error != _ERROR_TIMEOUT:
        text = text.replace(": ", f" ({client.reply_code} {client.reply_text}): ", 1)
    return text


def _in_step(client):
    """What to do, where that depends on the step or on the reply; "" if it does not."""
    state = client.state
    code = client.reply_code
    if state == _GREETING and client.error == _ERROR_REJECTED:
        return _REFUSED_GREETING
    if (state == _EHLO or state == _HELO) and client.error == _ERROR_REJECTED:
        return _REFUSED_NAME
    if state == _STARTTLS and client.error == _ERROR_TLS and code == 454:  # RFC 3207 4
        return _NO_TLS_NOW
    if code == 530 and client.error in (_ERROR_AUTH, _ERROR_RECIPIENTS):  # RFC 4954 6, RFC 3207 4
        is_open = client._session.security == "none"  # pyright: ignore[reportPrivateUsage]
        return _TLS_FIRST if is_open else _LOGIN_FIRST
    return ""


def _is_memory_error(exc):
    """Whether TLS failed for want of memory, as MicroPython says it or as mbedTLS does."""
    if isinstance(exc, OSError) and exc.errno == ENOMEM:
        return True
    return isinstance(exc, MemoryError) or _MEMORY_ALERT in str(exc)
