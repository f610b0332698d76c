"""Delivery status notifications (DSN): the parameters of MAIL and RCPT (RFC 3461 4)."""

from ..mime.compose import check

TEMPORARY = True  # freed after the call that needed it

_LONGEST = 100  # RFC 3461 4.4: bytes of an envelope id, as xtext


def parameters(
    notify: "str | None", envelope_id: "str | None", envelope_sender: bytes
) -> "tuple[bytes, bytes]":
    """Return the parameters of MAIL and of each RCPT.

    Raises ValueError for an id that is too long or not printable ASCII, for a `notify` that RFC
    3461 4.1 does not allow, and for notifications without an envelope sender to receive them.
    """
    # RET=HDRS: the server need not return attachments.
    mail_parameters = b" RET=HDRS"
    if envelope_id is not None:
        mail_parameters += b" ENVID=" + _xtext(envelope_id)
    if notify is None:
        return mail_parameters, b""
    known = "NEVER SUCCESS FAILURE DELAY"
    known = known.split()
    words = check(notify, "notify").upper().replace(",", " ").split()
    for word in words:
        if word not in known or words.count(word) > 1:
            words = []
            break
    if not words or known[0] in words and len(words) > 1:  # "NEVER"
        raise ValueError('notify: "never", or some of "success failure delay"')
    if not envelope_sender and words[0] != known[0]:
        raise ValueError('notify: envelope_sender is "<>", so that nobody would be notified')
    return mail_parameters, (" NOTIFY=" + ",".join(words)).encode()


def _xtext(envelope_id):
    xtext = b""
    for byte in check(envelope_id, "envelope_id").encode():
        # RFC 3461 4: "+" and "=" are written in hex; 4.4: so is the space.
        is_literal = 33 <= byte <= 126 and byte != 43 and byte != 61
        xtext += bytes((byte,)) if is_literal else b"+%02X" % byte
        if byte > 126:
            xtext = b""
            break
    if not 0 < len(xtext) <= _LONGEST:
        raise ValueError("envelope_id: printable ASCII, at most 100 bytes of xtext")
    return xtext
