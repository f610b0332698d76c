"""Compose a mail from the arguments of Message(), by calling other modules one by one.

Each of them is loaded, used and freed before the next is loaded. They are needed only here.

Use bytes where possible: MicroPython interns every one-character str, as iterating over a str
makes them, and never frees it.
"""

from .. import call, load
from . import Part

TEMPORARY = True  # freed after the call that needed it

# RFC 5322 3.2.3. text.strip(ATEXT) is empty only if all characters are in the set. Frequent ones
# come first, where strip() finds them sooner. Slices of it are used as sets, too.
ATEXT = b"ghijklmnopqrstuvwxyzabcdef0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_!#$%&'*+/=?^`{|}~"


def compose(
    now, sender, to, cc, bcc, subject, text, html, attachments, reply_to, headers,
    envelope_sender, message_id, date, notify, envelope_id,
):  # fmt: skip
    """Return id, envelope sender, whether SMTPUTF8 is needed, recipients, DSN parameters, parts.

    now: a tuple from time.gmtime(). The recipients are two lists: AddressLists and addresses.
    """
    sender, lists, inline, list_fields, fields = call(
        "mime.addresses", "check_mailboxes", sender, to, cc, bcc, reply_to
    )
    id, head = call("mime.headers", "make_header", now, sender, fields, subject, headers)
    if (envelope_sender, message_id, date) != (None, None, None):
        sender, head = call(
            "mime.rare.ids", "put_given", sender, head, envelope_sender, message_id, date
        )
    # Only addresses need RFC 6531: other text that is not ASCII is encoded, or refused.
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
    """Return the parts among `pieces`, and one Part for each run of bytes between them."""
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
    """Return `text`, without control characters: CR LF would begin another header field.

    name: of the argument, for the exceptions: TypeError if `text` is not a str, ValueError for a
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
            # U+D800 to U+DFFF: a surrogate has no UTF-8 (RFC 3629 3).
            if code < 32 or code == 127 or code >= 0xD800:
                raise ValueError("%s: U+%04X not allowed" % (name, code))
    return text


def iterator(source, problem):
    """Return an iterator over `source`; raise TypeError(problem) if there is none."""
    try:
        return iter(source)
    except TypeError:
        raise TypeError(problem)
