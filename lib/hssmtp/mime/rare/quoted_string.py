"""Parse quoted-strings (RFC 5322 3.2.4). Loaded for a name, an address or a value that is one."""

TEMPORARY = True  # freed after the call that needed it


def unquoted(text: bytes) -> "bytes | None":
    """Return the content of a quoted-string (RFC 5322 3.2.4); None if `text` is not just one."""
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
