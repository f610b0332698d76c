"""Check the names that Client() is given, its server's and its own. Loaded for that alone."""

from .. import call

TEMPORARY = True  # freed after the call that needed it

_DIGITS = b"0123456789"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789_-"
_EXAMPLES = {"host": "smtp.example.com", "hostname": "boiler.example.com"}


def check_hosts(host: str, hostname: "str | None") -> "tuple[str, bytes]":
    """Return the server's name for Link.open(), and the client's own name for EHLO.

    A name is returned in lower case and without the root's dot, which neither TLS's server name
    (RFC 6066 3) nor a certificate has. An IP address is returned without brackets.
    Raises ValueError for anything else; the message says what to write.
    """
    data = _ascii(host, "host").lower()
    _refuse_url(data)
    if b"@" in data:
        domain = data.rpartition(b"@")[2].decode()
        raise ValueError(
            "host: an e-mail address, not a server: write the name of the server that takes mail"
            ' from it, such as host="smtp.%s"' % domain
        )
    if b":" in data or data[0] == 91:  # "["
        host = _address(data)
    elif not data.strip(_DIGITS + b"."):
        _check_ipv4(data)
        host = data.decode()
    else:
        host = _name(data, "host").decode()
    return host, _ehlo_name(hostname)


def _ascii(text, name):
    """Return `text` as bytes: printable ASCII without spaces, at most 255."""
    if not isinstance(text, str):
        raise TypeError(name + ": not a str")
    data = text.encode("utf-8", "surrogatepass")
    example = ': write %s="%s"' % (name, _EXAMPLES[name])
    if not 0 < len(data) < 256:
        raise ValueError(name + ": empty, or over 255 bytes" + example)
    if min(data) < 32 or 127 in data:
        raise ValueError(name + ": a control character is not allowed")
    if max(data) > 126:
        raise ValueError(name + ": not ASCII: write each part of it in its xn-- form (IDNA)")
    if b" " in data:
        raise ValueError(name + ": a space is not allowed" + example)
    return data


def _refuse_url(data):
    """Raise ValueError for a URL. The message does not show a user name or password."""
    if b"/" not in data:
        return
    scheme, mark, rest = data.partition(b"://")
    if not mark:
        scheme = b""
        rest = data.strip(b"/")
    rest = rest.split(b"/")[0].split(b"?")[0].rpartition(b"@")[2]
    host, _, port = rest.rpartition(b":")
    if not host or port.strip(_DIGITS):  # there is no port
        host = rest
        port = b""
    advice = ", port=%d" % int(port) if port else ""
    if scheme == b"smtps":
        advice += ', security="tls"'
    elif scheme == b"smtp":
        advice += ', security="starttls"'
    raise ValueError('host: a URL, not a name: write host="%s"%s' % (host.decode(), advice))


def _address(data):
    """Return an IP address that is written with brackets or colons."""
    host = data
    port = b""
    is_good = True
    if data[0] == 91:
        host, bracket, port = data[1:].partition(b"]")
        is_good = bracket != b"" and not port
    elif data.count(b":") == 1:
        host, _, port = data.partition(b":")
        port = b":" + port
    if host and port[:1] == b":" and not port[1:].strip(_DIGITS):
        advice = ", port=%d" % int(port[1:]) if len(port) > 1 else ""
        raise ValueError(
            'host: a port is passed as port=: write host="%s"%s' % (host.decode(), advice)
        )
    if b"%" in host:
        raise ValueError("host: an IPv6 address with a zone is not supported: write a global one")
    if is_good and b":" in host and call("ip_literal", "is_ipv6", host):
        return host.decode()
    if is_good and host and b":" not in host and not host.strip(_DIGITS + b"."):
        _check_ipv4(host)
        return host.decode()
    raise ValueError(
        "host: %r is not an IP address; a name has no brackets or colons" % data.decode()
    )


def _check_ipv4(data):
    # Some systems take a number that begins with 0 for octal.
    zeros = [number for number in data.split(b".") if number[:1] == b"0" and len(number) > 1]
    if zeros or not call("ip_literal", "is_ipv4", data):
        raise ValueError(
            "host: %r is not an IPv4 address: write four numbers from 0 to 255" % data.decode()
        )


def _name(data, argument):
    """Return a host name (RFC 1123 2.1, and "_") without the root's dot."""
    name = data[:-1] if data[-1] == 46 else data
    for label in name.split(b"."):
        if not 0 < len(label) < 64 or label.strip(_LETTERS) or 45 in (label[0], label[-1]):
            name = b""
            break
    if not 0 < len(name) < 254:
        raise ValueError(
            '%s: %r is not a host name: labels of 1 to 63 letters, digits and "-", with "."'
            " between them" % (argument, data.decode()[:64])
        )
    return name


def _ehlo_name(hostname):
    """Return the argument of EHLO: a name or an address literal (RFC 5321 4.1.1.1)."""
    if hostname is None or hostname == "":
        return b"[127.0.0.1]"
    data = _ascii(hostname, "hostname")
    if data[0] == 91:
        if data[-1] != 93 or not call("ip_literal", "is_literal", data[1:-1]):
            raise ValueError("hostname: %r is not an address literal" % data.decode())
        return data
    if b":" in data or not data.strip(_DIGITS + b"."):
        tag = "IPv6:" if b":" in data else ""
        raise ValueError(
            'hostname: an address needs brackets: write "[%s%s]"' % (tag, data.decode())
        )
    return data[: len(_name(data.lower(), "hostname"))]
