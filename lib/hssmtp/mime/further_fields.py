"""The fields of Message(headers=…), checked by their kind. Loaded for a mail that has any.

structured.py has the kinds that are not free text.
"""

from .. import call
from .compose import check
from .headers import unstructured

TEMPORARY = True  # freed after the call that needed it

# The fields that Message writes itself, and the argument that each is made of.
_OWN_FIELDS = (
    b"from sender to to cc cc bcc bcc reply-to reply_to subject subject date date"
    b" message-id message_id return-path envelope_sender resent-bcc bcc mime-version -"
    b" content-type - content-transfer-encoding -"
)
# Fields of free text whose names begin as those of structured ones do.
_FREE_TEXT = b"content-description original-subject"
# The fields that are not, of RFC 2156, 3834, 3864, 5064, 5322, 5703, 6376, 8601 and of common use.
_STRUCTURED = (
    b"accept-language alternate-recipient apparently-to archived-at authentication-results"
    b" auto-submitted autocrypt autoforwarded conversion deferred-delivery delivered-to"
    b" delivery-date disclose-recipients dkim-signature errors-to expires expiry-date followup-to"
    b" importance in-reply-to jabber-id keywords latest-delivery-time mail-followup-to"
    b" mail-reply-to message-context message-type newsgroups obsoletes precedence"
    b" prevent-nondelivery-report priority received received-spf references reply-by"
    b" require-recipient-valid-since return-receipt-to sender sensitivity supersedes tls-required"
    b" x-auto-response-suppress x-confirm-reading-to x-msmail-priority x-original-to x-priority"
)
_STRUCTURED_BEGINNINGS = (
    b"arc-", b"content-", b"disposition-", b"list-", b"original-", b"resent-", b"x400-",
)  # fmt: skip


def add_fields(head: bytearray, headers: "dict[str, str]") -> None:
    """Append the fields to a header.

    Raises ValueError for what is no field's name, for a field that Message writes, and for a value
    that its field cannot have; TypeError for an argument of a wrong type.
    """
    if not hasattr(headers, "items"):
        raise TypeError("headers: not a dict of str")
    for name, value in headers.items():
        field = field_name(name)
        lower = field.lower()
        _refuse_own(lower, name)
        if _is_structured(lower):
            call("mime.structured", "add_field", head, field, lower, value, "headers: " + name)
        else:
            unstructured(head, field, value, "headers: " + name)


def _refuse_own(field, name):
    """Raise ValueError for a field that Message writes, or that nobody may write."""
    own = _OWN_FIELDS.split()
    if field in own[::2]:
        argument = own[own.index(field) + 1].decode()
        advice = ": pass " + argument + "=" if argument != "-" else ""
        raise ValueError("headers: " + name + " is not for headers=" + advice)


def _is_structured(field):
    for beginning in _STRUCTURED_BEGINNINGS:
        if field.startswith(beginning):
            return field not in _FREE_TEXT.split()
    return field in _STRUCTURED.split()


def field_name(name: str) -> bytes:
    """Return a further header field's name (RFC 5322 2.2); ValueError if it is not one.

    At most 50 bytes: an encoded word must fit into its line.
    """
    field = check(name, "headers").encode()
    is_long = len(field) > 50
    if not field or is_long or max(field) > 126 or b":" in field or b" " in field:
        raise ValueError("headers: '" + name[:64] + "' is not a header name")
    return field
