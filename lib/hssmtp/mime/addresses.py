"""Who writes to whom: the mailboxes that Message() is given, checked. Loaded for that alone."""

from .compose import ATEXT, check, iterator

TEMPORARY = True  # freed after the call that needed it


def check_mailboxes(sender, to, cc, bcc, reply_to):
    """Return the sender's address, whether SMTPUTF8 is needed, lists, addresses, parts, fields.

    lists: those recipients that are an AddressList. addresses: the others.
    parts: the header fields that name the lists' addresses.
    fields: the others, as pairs of a field's name and its mailboxes: of each the name, a tab, the
        address and a line end.
    """
    name, sender = mailbox(sender, "sender")
    fields = [(b"From", name + b"\t" + sender + b"\n")]
    # In one piece: long-lived objects between temporaries fragment the heap.
    recipients = bytearray()
    lists = []
    parts = []
    for field, who, name in ((b"To", to, "to"), (b"Cc", cc, "cc"), (b"Bcc", bcc, "bcc")):
        if hasattr(who, "open"):
            lists.append(who)
            if name != "bcc":
                from ..recipients.addresslist import Field

                parts.append(Field(field.decode(), who))
            continue
        mailboxes = _add_mailboxes(recipients, who, name)
        if name != "bcc":  # which is in no header
            fields.append((field, mailboxes))
    if not lists and not recipients:
        raise ValueError("recipients: none in to, cc and bcc")
    spec = b""
    if reply_to:
        name, spec = mailbox(reply_to, "reply_to")
        fields.append((b"Reply-To", name + b"\t" + spec + b"\n"))
    # RFC 6531 is needed for addresses only: all else beyond ASCII is encoded.
    is_utf8 = max(sender + spec + recipients) > 126
    return sender, is_utf8, lists, bytes(recipients).split(b"\n")[:-1], parts, fields


def _add_mailboxes(recipients, who, name):
    """Append each address, and a line end, to `recipients`; return the mailboxes for a header."""
    mailboxes = bytearray()
    if isinstance(who, str):
        who = (who,)
    for text in iterator(who, name + ": not a str, an iterable of str or an AddressList"):
        display_name, spec = mailbox(text, name)
        mailboxes.extend(display_name + b"\t" + spec + b"\n")
        recipients.extend(spec + b"\n")
    return bytes(mailboxes)


def mailbox(text: str, name: str = "address") -> "tuple[bytes, bytes]":
    """Split `Name <a@b>` or `a@b` into name and address; always one mailbox, commas or not.

    name: of the argument, for what is raised: TypeError for what is not a str, ValueError for a
    control character, and what address() raises.
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
            # Of "A <a@x>, B <b@x>" the first would get lost without a word.
            raise ValueError(name + ": several addresses must be a list of str")
    return display_name, address(spec, name)


def address(spec: bytes, name: str) -> bytes:
    """Return a bare addr-spec as it goes into MAIL FROM and RCPT TO, in UTF-8 (RFC 6531 3.3).

    name: of the argument, for the ValueError that is raised if it is not an address (RFC 5321
    4.1.2) or is too long (4.5.3.1). It has been checked for control characters.
    """
    local, _, domain = _letters(spec).rpartition(b"@")
    is_good = spec.rfind(b"@") <= 64 and len(spec) <= 254  # a path has 256, with its <>
    if b"" in local.split(b".") or local.strip(ATEXT + b"."):
        is_good = is_good and _unquoted(local) is not None
    allowed = ATEXT[:64]  # up to "_"
    if domain and domain[0] == 91 and domain[-1] == 93:  # "[" and "]": RFC 5321 4.1.3
        domain = domain[1:-1]
        allowed = ATEXT[26:36]  # digits
        if domain[:5].lower() == b"ipv6:":
            domain = domain[5:]
            allowed = ATEXT[20:42] + b":"  # hexadecimal
    for label in domain.split(b"."):  # 45: "-"
        if not label or len(label) > 63 or label.strip(allowed) or 45 in (label[0], label[-1]):
            is_good = False
    if not is_good:
        raise ValueError(name + ": '" + spec.decode()[:64] + "' is not local@domain")
    return spec


def _letters(spec):
    """The address with an "x" for each character beyond ASCII, but not for Unicode's controls.

    Such a character may stand wherever a letter may.
    """
    if max(spec, default=0) < 128:
        return spec
    plain = bytearray()
    for at in range(len(spec)):
        byte = spec[at]
        if byte >= 0xC0 and (byte != 0xC2 or spec[at + 1] >= 0xA0):  # a character begins
            byte = 120
        if not 0x80 <= byte < 0xC0:
            plain.append(byte)
    return bytes(plain)


def _unquoted(text):
    """The content of a quoted-string (RFC 5322 3.2.4); None if `text` is not just one."""
    if len(text) < 2 or text[0] != 34 or text[-1] != 34:  # '"'
        return None
    content = bytearray()
    is_escaped = False
    for byte in text[1:-1]:
        if is_escaped or byte != 34 and byte != 92:  # "\"
            content.append(byte)
            is_escaped = False
        elif byte == 34:
            return None
        else:
            is_escaped = True
    return None if is_escaped else bytes(content)
