"""Check the fields of Message(headers=…), by their kind. Loaded for a mail that has any.

rare/structured.py handles the kinds that are not free text.
"""

from .. import call
from .compose import check
from .headers import unstructured

TEMPORARY = True  # freed after the call that needed it

# The fields that Message writes itself, each with the argument for it ("-": none).
_OWN_FIELDS = (
    b"from sender to to cc cc bcc bcc reply-to reply_to subject subject date date"
    b" message-id message_id return-path envelope_sender resent-bcc bcc mime-version -"
    b" content-type - content-transfer-encoding -"
)
# The kinds of fields, by RFC 2156, 2369, 2919, 3834, 3864, 5322, 5703, 8601 and common use. 1: one
# mailbox; m: mailboxes; i: ids; d: a date; u: URLs; p: phrases; l: a list's id; a: sent unchanged;
# t: free text, the default.
_KINDS = (
    b"sender:1 resent-sender:1 resent-from:m resent-to:m resent-cc:m resent-reply-to:m"
    b" disposition-notification-to:m return-receipt-to:m errors-to:m mail-followup-to:m"
    b" mail-reply-to:m apparently-to:m delivered-to:m original-from:m x-original-to:m"
    b" x-confirm-reading-to:m in-reply-to:i references:i resent-message-id:i original-message-id:i"
    b" content-id:i obsoletes:i supersedes:i resent-date:d expires:d expiry-date:d reply-by:d"
    b" deferred-delivery:d delivery-date:d latest-delivery-time:d list-help:u list-unsubscribe:u"
    b" list-subscribe:u list-post:u list-owner:u list-archive:u archived-at:u keywords:p list-id:l"
    b" accept-language:a alternate-recipient:a authentication-results:a auto-submitted:a"
    b" autocrypt:a autoforwarded:a conversion:a disclose-recipients:a dkim-signature:a"
    b" followup-to:a importance:a jabber-id:a message-context:a message-type:a newsgroups:a"
    b" precedence:a prevent-nondelivery-report:a priority:a received:a received-spf:a"
    b" require-recipient-valid-since:a sensitivity:a tls-required:a x-auto-response-suppress:a"
    b" x-msmail-priority:a x-priority:a content-description:t original-subject:t"
)
_UNCHANGED_PREFIXES = (  # prefixes of other fields of kind a
    b"arc-", b"content-", b"disposition-", b"list-", b"original-", b"resent-", b"x400-",
)  # fmt: skip


def add_fields(head: bytearray, headers: "dict[str, str]") -> None:
    """Append the fields to a header.

    Raises ValueError for an invalid field name, a field that Message writes, and a value that is
    invalid for its field; TypeError for an argument of a wrong type.
    """
    if not hasattr(headers, "items"):
        raise TypeError("headers: not a dict of str")
    seen = []
    for name, value in headers.items():
        field = field_name(name)
        lower = field.lower()
        _refuse_own(lower, name)
        if lower in seen:
            raise ValueError("headers: " + name + " is there twice: case does not count")
        seen.append(lower)
        kind = _kind(lower)
        if kind == b"t":
            unstructured(head, field, value, "headers: " + name)
        else:
            call("mime.rare.structured", "add_field", head, field, kind, value, "headers: " + name)


def _refuse_own(field, name):
    """Raise ValueError for a field that Message writes, or that an application must not write."""
    own = _OWN_FIELDS.split()
    if field in own[::2]:
        argument = own[own.index(field) + 1].decode()
        advice = ": pass " + argument + "=" if argument != "-" else ""
        raise ValueError("headers: " + name + " is not for headers=" + advice)


def _kind(field):
    """Return the kind of a field: a letter or digit of _KINDS."""
    for word in _KINDS.split():
        if word[:-2] == field:
            return word[-1:]
    for beginning in _UNCHANGED_PREFIXES:
        if field.startswith(beginning):
            return b"a"
    return b"t"


def field_name(name: str) -> bytes:
    """Return the name of a header field (RFC 5322 2.2) as bytes; raise ValueError if it is none.

    At most 50 bytes: an encoded-word must fit on the same line.
    """
    field = check(name, "headers").encode()
    is_long = len(field) > 50
    if not field or is_long or max(field) > 126 or b":" in field or b" " in field:
        raise ValueError("headers: '" + name[:64] + "' is not a header name")
    return field
