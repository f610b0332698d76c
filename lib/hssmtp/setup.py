"""Check the arguments of Client(). Loaded for that alone."""

from . import call, const

TEMPORARY = True  # freed after the call that needed it

# The time limits, in ms. RFC 5321 4.5.3.2 has 5 min for the greeting, MAIL and RCPT, 2 for DATA, 3
# for a block and 10 for the end of the text. These are for relays with a queue; a device runs on a
# battery, and tries again. The end of the text keeps 10 min: timing out there can duplicate mail.
TIMEOUTS = (
    "resolve 20000 connect 20000 secure 30000 greeting 60000 command 60000 data 60000 block 60000"
    " text 600000 quit 1000"
)
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_NO_TLS_AT_ONCE = (25, 587, 2525)  # on these ports the server speaks first, without TLS
_SECURING = const(3)  # states
_GREETING = const(4)
# The keywords in the order of their bits in extensions.py.
_KEYWORDS = "STARTTLS PIPELINING SIZE 8BITMIME SMTPUTF8 CHUNKING BINARYMIME DSN LIMITS"
# Characters of a plain host name. An IPv4 address has only the last eleven.
_LETTERS = b"abcdefghijklmnopqrstuvwxyz-0123456789."


def check(
    host, port, security, username, password, token, ca, insecure, allow_plaintext_auth, on_event,
    hostname, buffer_size, keep_open_ms, timeouts, auth, disable,
):  # fmt: skip
    """Return host, port, security, hostname, limits, disabled keywords, credentials, TLS settings.

    The TLS settings are the context, and the state in which a failure means that `security` does
    not suit the port. Raises ValueError and TypeError, which name the argument.
    """
    if hostname is None and _is_plain_name(host):
        hostname = b"[127.0.0.1]"
    else:
        host, hostname = call("net.host", "check_hosts", host, hostname)
    if security is None:
        security = "tls" if port == 465 else "starttls"
    if not isinstance(security, str):
        raise TypeError("security: not a str")
    if security not in _PORTS:
        raise ValueError('security: "starttls", "tls" or "none"')
    port = _PORTS[security] if port is None else port
    _check_int(port, "port", 1, 65535)
    _check_int(buffer_size, "buffer_size", 512, 1 << 24)
    _check_int(keep_open_ms, "keep_open_ms", 0, 1 << 40)
    if on_event is not None and not callable(on_event):
        raise TypeError("on_event: not callable")
    limits = _time_limits({} if timeouts is None else timeouts)
    disabled = _keyword_bits(disable)
    credentials = None
    if username is not None or password is not None or token is not None:
        is_forbidden = security == "none" and not allow_plaintext_auth
        credentials = call(
            "auth.credentials", "check_credentials", username, password, token, auth, is_forbidden
        )
    elif auth is not None:
        raise ValueError("auth: `username` is missing")
    context = None
    if security != "none":
        context = call("net.trust", "make_context", ca, insecure)
    unsuitable_state = 0
    if security == "tls":
        unsuitable_state = _SECURING if port in _NO_TLS_AT_ONCE else 0
    elif port == _PORTS["tls"]:
        unsuitable_state = _GREETING
    tls = context, unsuitable_state
    return host, port, security, hostname, limits, disabled, credentials, tls


def _is_plain_name(host):
    """Whether `host` is a name that needs no further check, as most are."""
    name = host.encode("utf-8", "surrogatepass") if isinstance(host, str) else b""
    if name.strip(_LETTERS) or not name.strip(_LETTERS[27:]) or len(name) > 63:
        return False
    dotted = b"." + name + b"."
    return b".." not in dotted and b".-" not in dotted and b"-." not in dotted


def _check_int(number, name, least, most):
    if not isinstance(number, int):
        raise TypeError(name + ": not an int")
    if not least <= number <= most:
        raise ValueError("%s: must be %d to %d" % (name, least, most))


def _time_limits(timeouts):
    """Return the time limit of each phase in ms, in the order of TIMEOUTS."""
    if not isinstance(timeouts, dict):
        raise TypeError("timeouts: not a dict")
    words = TIMEOUTS.split()
    names = words[::2]
    limits = [int(limit) for limit in words[1::2]]
    for name, limit in timeouts.items():
        if name not in names:
            raise ValueError("timeouts: %r is not one of %s" % (name, " ".join(names)))
        _check_int(limit, "timeouts: " + name, 1, 1 << 29)
        limits[names.index(name)] = limit
    return limits


def _keyword_bits(disable):
    """Return the bits of the keywords, as Extensions takes them."""
    if isinstance(disable, str):
        raise TypeError("disable: a str, not a sequence of keywords")
    try:
        keywords = list(disable)
    except TypeError:
        raise TypeError("disable: not a sequence of keywords")
    known = _KEYWORDS.split()
    bits = 0
    for keyword in keywords:
        if not isinstance(keyword, str):
            raise TypeError("disable: not a sequence of keywords")
        if keyword.upper() not in known[1:]:  # `security` controls STARTTLS
            raise ValueError("disable: %r is not one of %s" % (keyword, " ".join(known[1:])))
        bits |= 1 << known.index(keyword.upper())
    return bits
