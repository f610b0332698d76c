"""Compose a mail of Message()'s arguments: the frame for the modules that do it, one by one.

Each of them is loaded, used and freed before the next is loaded. All of this is for that one call.

Use bytes where possible: MicroPython keeps each new str of one character, which iterating over a
str makes, among its names for ever.
"""

from .. import call, load
from . import Part

TEMPORARY = True  # freed after the call that needed it

# RFC 5322 3.2.3: text.strip(ATEXT) leaves nothing only if all of it is in that set. What is
# common comes first, where it is found soon; slices are sets too.
ATEXT = b"ghijklmnopqrstuvwxyzabcdef0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_!#$%&'*+/=?^`{|}~"


def compose(
    now, sender, to, cc, bcc, subject, text, html, attachments, reply_to, headers,
    envelope_sender, message_id, date, notify, envelope_id,
):  # fmt: skip
    """Return id, envelope sender, whether SMTPUTF8 is needed, recipients, DSN parameters, parts.

    now: time.gmtime()'s tuple.
    """
    sender, lists, inline, list_fields, fields = call(
        "mime.addresses", "check_mailboxes", sender, to, cc, bcc, reply_to
    )
    id, head = call("mime.headers", "make_header", now, sender, fields, subject, headers)
    if (envelope_sender, message_id, date) != (None, None, None):
        sender, head = call(
            "mime.rare.ids", "put_given", sender, head, envelope_sender, message_id, date
        )
    # RFC 6531 is needed for addresses only: all else beyond ASCII is encoded, or refused.
    is_utf8 = max(sender + head + b"".join(inline)) > 126
    text, html, attachments, needs_labels = call(
        "mime.content", "describe_texts", text, html, attachments
    )
    if attachments:
        attachments = call("mime.disposition", "describe", attachments)
    if html or attachments:
        text = call("mime.multipart", "make_pieces", id, text, html, attachments)
    parts = _join([head] + list_fields + list(text))
    if needs_labels:
        parts = load("mime.labels").label_multiparts(parts, id)
    mail_parameters = rcpt_parameters = b""
    if notify is not None or envelope_id is not None:
        mail_parameters, rcpt_parameters = call(
            "recipients.dsn", "parameters", notify, envelope_id, sender
        )
    return id, sender, is_utf8, lists, inline, mail_parameters, rcpt_parameters, parts


def _join(pieces):
    """Return the parts: `pieces`, which are bytes and parts, with a Part for bytes in a row."""
    parts = []
    start = 0
    for at in range(len(pieces) + 1):
        if at == len(pieces) or isinstance(pieces[at], Part):
            if start < at:
                parts.append(Part(b"".join(pieces[start:at])))
            parts.extend(pieces[at : at + 1])
            start = at + 1
    return parts


def check(text: object, name: str) -> str:
    """Return `text`, which must have no control character: CR LF would begin another header.

    name: of the argument, for what is raised: TypeError for what is not a str, ValueError for a
    control character or a surrogate.
    """
    if not isinstance(text, str):
        raise TypeError(name + ": not a str")
    encoded = text.encode("utf-8", "surrogatepass")
    if text and (min(encoded) < 32 or max(encoded) > 126):  # not plain ASCII
        for at in range(len(encoded)):
            code = encoded[at]
            if code == 0xED:  # U+D000 to U+DFFF
                code = 0xD000 | (encoded[at + 1] & 63) << 6 | encoded[at + 2] & 63
            # U+D800 to U+DFFF: a surrogate by itself has no UTF-8 (RFC 3629 3).
            if code < 32 or code == 127 or code >= 0xD800:
                raise ValueError("%s: U+%04X not allowed" % (name, code))
    return text


def iterator(source, problem):
    """Return what iterates over `source`; raise TypeError(problem) if nothing does."""
    try:
        return iter(source)
    except TypeError:
        raise TypeError(problem)
