"""Header fields as the functions of hssmtp.mime write them, as bytes or text."""

from hssmtp.mime import addresses as checked
from hssmtp.mime import disposition, further_fields, headers
from hssmtp.mime.compose import check


def raised(error, function, *args):
    """Return the text of the error that a function must raise."""
    try:
        value = function(*args)
    except error as problem:
        return str(problem)
    raise AssertionError("%r gave %r" % (args, value))


def unstructured(field, value):
    """A header of free text."""
    head = bytearray()
    headers.unstructured(head, field.encode(), value, "value")
    return bytes(head)


def addresses(field, mailboxes):
    """A header of mailboxes; their names are checked as mailbox() checks them."""
    head = bytearray()
    packed = b""
    for name, spec in mailboxes:
        packed += check(name, "address").encode() + b"\t" + spec + b"\n"
    headers.addresses(head, field.encode(), packed)
    return bytes(head)


def address(text):
    """An address, checked as mailbox() checks it."""
    return checked.address(check(text, "address").encode(), "address")


def mailbox(text):
    """The name and the address of a mailbox."""
    name, spec = checked.mailbox(text)
    return name.decode(), spec


def parameter(name, value):
    """A parameter of a header field."""
    return disposition.parameter(name.encode(), value).decode()


def field_name(name):
    """The name of a further header field."""
    return further_fields.field_name(name).decode()


def date(now):
    """A date as the Date field has it."""
    field = headers.date_field(now)
    assert field.startswith(b"Date: ") and field.endswith(b"\r\n")
    return field[6:-2].decode()
