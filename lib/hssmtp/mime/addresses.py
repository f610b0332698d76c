"""Check the addresses that Message() is given. Loaded for that alone."""

from .. import call
from .compose import ATEXT, check, iterator

TEMPORARY = True  # freed after the call that needed it


def check_mailboxes(sender, to, cc, bcc, reply_to):
    """Return the sender's address, lists, addresses, parts, fields.

    lists: the recipients that are an AddressList. addresses: the other recipients, each once.
    parts: the header fields with the addresses of the lists, or a To field without any.
    fields: the other header fields, as pairs of name and mailboxes. A mailbox is a name, a tab, an
        address and a line feed.
    Raises ValueError for an invalid address or no recipient, TypeError; both name the argument.
    """
    name, sender = mailbox(sender, "sender")
    fields = [(b"From", name + b"\t" + sender + b"\n")]
    # One buffer: long-lived objects between temporaries fragment the heap.
    recipients = bytearray()
    seen = bytearray(b"\n")
    lists = []
    parts = []
    for field, who, name in ((b"To", to, "to"), (b"Cc", cc, "cc"), (b"Bcc", bcc, "bcc")):
        if hasattr(who, "open"):
            lists.append(who)
            if name != "bcc":
                from ..recipients.addresslist import Field

                parts.append(Field(field.decode(), who))
            continue
        mailboxes = _add_mailboxes(recipients, seen, who, name)
        if mailboxes and name != "bcc":  # Bcc is not in the header
            fields.append((field, mailboxes))
    if not lists and not recipients:
        raise ValueError("recipients: none in to, cc and bcc")
    if not parts and len(fields) == 1:  # RFC 5322 3.4: an empty group
        parts.append(b"To: undisclosed-recipients:;\r\n")
    if reply_to:
        name, spec = mailbox(reply_to, "reply_to")
        fields.append((b"Reply-To", name + b"\t" + spec + b"\n"))
    return sender, lists, bytes(recipients).split(b"\n")[:-1], parts, fields


def _add_mailboxes(recipients, seen, who, name):
    """Append each new address and a line feed to `recipients`; return the header's mailboxes.

    seen: the addresses so far, in a form that is the same for equal addresses.
    """
    mailboxes = bytearray()
    if isinstance(who, str):
        who = (who,)
    for text in iterator(who, name + ": not a str, an iterable of str or an AddressList"):
        display_name, spec = mailbox(text, name)
        mailboxes.extend(display_name + b"\t" + spec + b"\n")
        # RFC 5321 2.4: only the domain ignores case; 4.1.2: "a"@b is the same as a@b.
        local, _, domain = spec.rpartition(b"@")
        key = (_unquoted(local) or local) + b"@" + domain.lower() + b"\n"
        if b"\n" + key not in seen:
            seen.extend(key)
            recipients.extend(spec + b"\n")
    return bytes(mailboxes)


def mailbox(text: str, name: str = "address") -> "tuple[bytes, bytes]":
    """Split `Name <a@b>` or `a@b` into name and address. A comma does not separate mailboxes.

    name: of the argument, for the exceptions: TypeError if `text` is not a str, ValueError for a
    control character, and those of address().
    """
    display_name = b""
    spec = check(text, name).encode()
    if spec.endswith(b">") and b"<" in spec:
        display_name, _, spec = spec[:-1].rpartition(b"<")
        display_name = display_name.strip(b" ")
        content = _unquoted(display_name)
        if content is not None:
            display_name = content
        elif b"@" in display_name and (b"," in display_name or b";" in display_name):
            spec = text.encode()  # "A <a@x>, B <b@x>": refuse it, or the first one is lost
    return display_name, address(spec, name)


def address(spec: bytes, name: str) -> bytes:
    """Return a bare addr-spec as MAIL and RCPT take it, in UTF-8 (RFC 6531 3.3).

    spec: without control characters. name: of the argument, for the ValueError that is raised if
    it is not an address (RFC 5321 4.1.2) or is too long (4.5.3.1).
    """
    plain = spec
    if max(spec, default=0) > 127:
        plain = call("mime.encoded", "letters", spec)
    local, _, domain = plain.rpartition(b"@")
    is_good = spec.rfind(b"@") <= 64 and len(spec) <= 254  # 256 with angle brackets
    if b"" in local.split(b".") or local.strip(ATEXT + b"."):
        is_good = is_good and _unquoted(local) is not None
    if domain and domain[0] == 91 and domain[-1] == 93:  # "[" and "]": RFC 5321 4.1.3
        is_good = is_good and call("ip_literal", "is_literal", domain[1:-1])
        domain = b"x"
    for label in domain.split(b"."):  # ATEXT[:64] ends with "_"; 45: "-"
        if not label or len(label) > 63 or label.strip(ATEXT[:64]) or 45 in (label[0], label[-1]):
            is_good = False
    if not is_good:
        if spec.count(b"@") > 1 and (b"," in spec or b";" in spec):
            raise ValueError(name + ": several addresses: to, cc and bcc take a list of str")
        raise ValueError(name + ": '" + spec.decode()[:64] + "' is not local@domain")
    return spec


def _unquoted(text):
    """Return the content of a quoted-string; None if `text` is not exactly one."""
    return call("mime.rare.quoted_string", "unquoted", text) if text[:1] == b'"' else None
