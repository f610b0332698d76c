"""The fields of Message(headers=…), checked. Loaded for a mail that has any."""

from .compose import check
from .headers import unstructured

TEMPORARY = True  # freed after the call that needed it

# The fields that Message writes itself; and Bcc, which nobody writes.
_OWN_FIELDS = (
    b"from to cc bcc reply-to subject date message-id mime-version content-type"
    b" content-transfer-encoding"
)


def add_fields(head: bytearray, headers: "dict[str, str]") -> None:
    """Append the fields to a header.

    Raises ValueError for what is no field's name, TypeError for an argument of a wrong type.
    """
    if not hasattr(headers, "items"):
        raise TypeError("headers: not a dict of str")
    for name, value in headers.items():
        field = field_name(name)
        if field.lower() in _OWN_FIELDS.split():
            raise ValueError("headers: " + name + " is written by Message")
        unstructured(head, field, value, "headers: " + name)


def field_name(name: str) -> bytes:
    """Return a further header field's name (RFC 5322 2.2); ValueError if it is not one.

    At most 50 bytes: an encoded word must fit into its line.
    """
    field = check(name, "headers").encode()
    is_long = len(field) > 50
    if not field or is_long or max(field) > 126 or b":" in field or b" " in field:
        raise ValueError("headers: '" + name[:64] + "' is not a header name")
    return field
