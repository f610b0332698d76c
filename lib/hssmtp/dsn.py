"""Delivery status notifications: what MAIL and RCPT say of them (RFC 3461 4)."""

from .headers import check

_LONGEST = 100  # RFC 3461 4.4: of the envelope id, as xtext


def mail_parameters(envelope_id: "str | None") -> bytes:
    """What goes with MAIL. RET=HDRS: a notification need not bring the attachments back.

    ValueError for an id that is not printable ASCII or too long.
    """
    if envelope_id is None:
        return b" RET=HDRS"
    xtext = ""
    for c in check(envelope_id, "envelope_id"):
        # RFC 3461 4: "+" and "=" are written in hex; so is the space (RFC 3461 4.4: printable).
        xtext += c if "!" <= c <= "~" and c not in "+=" else "+%02X" % ord(c)
    if not 0 < len(xtext) <= _LONGEST or max(envelope_id) > "~":
        raise ValueError("envelope_id: printable ASCII, 100 octets of xtext at most")
    return (" RET=HDRS ENVID=" + xtext).encode()


def rcpt_parameters(notify: "str | None") -> bytes:
    """What goes with each RCPT; ValueError for what RFC 3461 4.1 does not know."""
    if notify is None:
        return b""
    words = check(notify, "notify").upper().replace(",", " ").split()
    for word in words:
        if word not in ("NEVER", "SUCCESS", "FAILURE", "DELAY") or words.count(word) > 1:
            words = []
            break
    if not words or "NEVER" in words and len(words) > 1:
        raise ValueError('notify: "never", or some of "success failure delay"')
    return (" NOTIFY=" + ",".join(words)).encode()
