"""RFC 5322 / 2047 / 2231 words and addresses, checked on the way in.

What plain ASCII can't say is left to encoded.py, loaded when it is first needed.

Octets wherever they do: of each new str, if of one character only, MicroPython looks whether it
is among all names that it knows, which takes longer than anything done with it here.
"""

from . import const

_TYPING = const(0)
if _TYPING:
    from collections.abc import Iterable

# RFC 5322 3.2.3: octets.strip(_ATEXT) leaves nothing only where they are all in that set. What is
# common comes first, where it is found soon; slices are sets too.
_ATEXT = b"ghijklmnopqrstuvwxyzabcdef0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_!#$%&'*+/=?^`{|}~"


def check(text: object, what: str) -> str:
    """Return `text`; ValueError for a control character, as CR LF would begin another header."""
    if not isinstance(text, str):
        raise TypeError(what + ": not a str")
    octets = text.encode("utf-8", "surrogatepass")
    if text and (min(octets) < 32 or max(octets) > 126):  # not plain: the long way
        for c in text:
            code = ord(c)
            # U+D800 to U+DFFF: a surrogate by itself has no UTF-8 (RFC 3629 3).
            if code < 32 or code == 127 or code >> 11 == 0x1B:
                raise ValueError("%s: U+%04X not allowed" % (what, code))
    return text


def field_name(name: str) -> str:
    """Return an extra header's name; ValueError if it is none (RFC 5322 2.2) or over 50 octets."""
    check(name, "header name")
    if not name or len(name) > 50 or max(name) > "~" or ":" in name or " " in name:
        raise ValueError("header name: not allowed")
    return name


def _unquoted(text: str) -> "str | None":
    """Return what a quoted-string holds (RFC 5322 3.2.4), None if `text` is not just one."""
    if len(text) < 2 or not text.startswith('"') or not text.endswith('"'):
        return None
    content = ""
    escaped = False
    for c in text[1:-1]:
        if escaped or c not in '"\\':
            content += c
            escaped = False
        elif c == '"':
            return None
        else:
            escaped = True
    return None if escaped else content


def address(text: str) -> bytes:
    """Return a bare addr-spec as it goes into MAIL FROM and RCPT TO, in UTF-8 (RFC 6531 3.3).

    ValueError if it is none (RFC 5321 4.1.2) or too long (4.5.3.1).
    """
    octets = plain = check(text, "address").encode()
    if len(octets) > len(text):
        # What is beyond ASCII may stand wherever a letter may, but for Unicode's own controls.
        plain = "".join([c if c < "\xa0" else "x" for c in text]).encode()
    local, _, domain = plain.rpartition(b"@")
    good = octets.rfind(b"@") <= 64 and len(octets) <= 254  # a path has 256, with its <>
    if b"" in local.split(b".") or local.strip(_ATEXT + b"."):
        good = good and _unquoted(local.decode()) is not None
    allowed = _ATEXT[:64]  # up to "_"
    if domain and domain[0] == 91 and domain[-1] == 93:  # "[" and "]": RFC 5321 4.1.3
        domain = domain[1:-1]
        allowed = _ATEXT[26:36]  # digits
        if domain[:5].lower() == b"ipv6:":
            domain = domain[5:]
            allowed = _ATEXT[20:42] + b":"  # hexadecimal
    for label in domain.split(b"."):  # 45: "-"
        if not label or len(label) > 63 or label.strip(allowed) or 45 in (label[0], label[-1]):
            good = False
    if not good:
        raise ValueError("address: '" + text[:64] + "' is not local@domain")
    return octets


def mailbox(text: str) -> "tuple[str, bytes]":
    """Part `Name <a@b>` or `a@b` into name and address; always one mailbox, commas or not."""
    name = ""
    # What is no str is left to address().
    if isinstance(text, str) and text.endswith(">") and "<" in text:  # pyright: ignore
        name, _, text = check(text, "address")[:-1].rpartition("<")
        name = name.strip(" ")
        content = _unquoted(name)
        if content is not None:
            name = content
        elif "@" in name and ("," in name or ";" in name):
            # Of "A <a@x>, B <b@x>" the first would be lost without a word.
            raise ValueError("address: several need a list")
    return name, address(text)


def _words(field: str, text: str, phrase: bool) -> "list[bytes]":
    """Return the words of a text or a phrase, to fold between: as they are, quoted, or encoded."""
    octets = check(text, field).encode()
    words = octets.split(b" ")
    longest = 900  # it may be a reference or a link: whole, up to RFC 5322 2.1.1's 998 octets
    if phrase:
        longest = 74
        if b"" in words or octets.strip(_ATEXT + b" "):
            quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
            words = [quoted.encode()]
    if text and (
        b"" in words  # spaces that parsers drop, or that folding would leave alone in a line
        or "=?" in text  # would be read as an encoded-word
        or max(octets) > 126
        or max(map(len, words)) > longest
    ):
        from .encoded import encoded_words

        words = encoded_words(text, 74 - len(field))
    return words


def _add(head: bytearray, words: "list[bytes]", column: int):
    """Go on with these words, each folded that would pass that column."""
    for word in words:
        if len(head) - head.rfind(b"\n") + len(word) > column:
            head.extend(b"\r\n")
        head.extend(b" " + word)


def unstructured(head: bytearray, field: str, value: str) -> None:
    """Add a header of free text (RFC 5322 2.2.1), encoded where it can't stand as it is."""
    words = _words(field, value, False)
    head.extend(field.encode() + b": " + words.pop(0))
    _add(head, words, 76)  # RFC 2047 2
    head.extend(b"\r\n")


def addresses(head: bytearray, field: str, mailboxes: "Iterable[tuple[str, bytes]]") -> None:
    """Add a header of mailboxes (RFC 5322 3.6.3), names quoted or encoded where they must.

    None of them is kept, and of none there is no header.
    """
    begun = False
    for name, spec in mailboxes:
        words = []
        if name:
            words = _words(field, name, True)
            spec = b"<" + spec + b">"
        words.append(spec)
        head.extend(b"," if begun else field.encode() + b": " + words.pop(0))
        begun = True
        _add(head, words, 75)  # and a comma
    if begun:
        head.extend(b"\r\n")


def parameter(name: str, value: str) -> str:
    """Return `; name="value"` in a line of its own, extended (RFC 2231) if long or awkward."""
    if len(check(value, name)) <= 60 and not value.encode().strip(_ATEXT[:64] + b" !#$&'()+,.@"):
        return f';\r\n {name}="{value}"'
    from .encoded import parameter

    return parameter(name, value)


def date(now: "tuple[int, ...]") -> str:
    """Return time.gmtime()'s tuple as RFC 5322 3.3 writes a date."""
    words = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    words = words.split()
    day = "%s, %02d %s %d" % (words[now[6]], now[2], words[now[1] + 6], now[0])
    return day + " %02d:%02d:%02d +0000" % now[3:6]
