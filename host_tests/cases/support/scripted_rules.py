"""What a client may send: MAIL and RCPT with their parameters, and texts, by the RFCs."""

# RFC 5321 4.5.3.1.4, and how much longer an extension makes the line: RFC 1870 3 (7), 6152 2 (6),
# 6531 3.1 (8), 3461 4 (4).
_LONGEST = 512
_LONGEST_LINE = 998  # of a text
_LONGER = {
    "MAIL": {"SIZE": 26, "8BITMIME": 17, "SMTPUTF8": 10, "DSN": 100},
    "RCPT": {"DSN": 500},
}


def envelope(line, offers):
    """The address in a MAIL or RCPT line, and its parameters as a dict.

    offers: what EHLO offered, {keyword: what stood behind it}. ValueError for what no client may
    send.
    """
    verb = line[:4]
    before = "MAIL FROM:<" if verb == "MAIL" else "RCPT TO:<"
    end = _end_of_path(line, len(before))
    _must(line.startswith(before) and line[end : end + 1] == ">", "no path")
    address = line[len(before) : end]
    parameters = {}
    if line[end + 1 :]:
        _must(line[end + 1] == " ", "no space behind the path")
        for word in line[end + 2 :].split(" "):
            keyword, equals, value = word.partition("=")
            keyword = keyword.upper()
            _must(keyword in _KNOWN[verb], "parameter '%s'" % word)
            _must(keyword not in parameters, keyword + " twice")
            _must(bool(equals) == bool(value), "an empty value of " + keyword)
            offered, good = _KNOWN[verb][keyword]
            _must(offered is None or offered in offers, "%s without %s" % (keyword, offered))
            _must(good(value, offers), word)
            parameters[keyword] = value
    longest = _LONGEST
    for keyword, octets in _LONGER[verb].items():
        longest += octets if keyword in offers else 0
    _must(len(line.encode()) + 2 <= longest, "a line above %d octets" % longest)
    _must(address or verb == "MAIL", "nobody")
    _must(len(address.encode()) <= 254, "a path above 256 octets")
    for letter in address:
        _must(" " <= letter != "\x7f", "a control character")
    return address, parameters


def check_text(text, parameters):
    """ValueError for a text that MAIL with those parameters does not allow."""
    size = int(parameters.get("SIZE", len(text)))
    _must(size == len(text), "SIZE=%d for %d octets" % (size, len(text)))
    body = parameters.get("BODY", "7BIT").upper()
    if body == "BINARYMIME":
        return
    _must(not text or text[-2:] == b"\r\n", "a last line without an end")
    for line in text.split(b"\r\n"):
        _must(len(line) <= _LONGEST_LINE, "a line of %d octets" % len(line))
        _must(line.find(b"\r") < 0 and line.find(b"\n") < 0, "a bare CR or LF")
    _must(text.find(b"\0") < 0, "a NUL")
    at = text.find(b"\r\n\r\n") + 1
    _must(_is_7bit(text[:at]) or "SMTPUTF8" in parameters, "a header beyond ASCII")
    _must(_is_7bit(text[at:]) or body == "8BITMIME", "a body beyond 7 bits")


def offers(said):
    """What a reply to EHLO offers, {KEYWORD: what stands behind it}, its first line apart."""
    offers = {}
    for line in said.split(b"\r\n")[1:]:
        if not _is_7bit(line):
            continue
        # Some servers put in more spaces than RFC 5321 has, and old ones say AUTH=LOGIN.
        words = " ".join(line[4:].decode().upper().replace("AUTH=", "AUTH ").split())
        keyword, _, rest = words.partition(" ")
        if keyword == "AUTH" and keyword in offers:
            rest = offers[keyword] + " " + rest
        offers[keyword] = rest.strip()
    return offers


def size_limit(offers):
    """RFC 1870 4: 0 and nothing are no limit."""
    word = offers.get("SIZE", "").split(" ")[0]
    return int(word) if word.isdigit() else 0


def recipient_limit(offers):
    """RFC 9422 4: RCPTMAX, 0 where there is none."""
    for word in offers.get("LIMITS", "").split(" "):
        name, _, number = word.partition("=")
        if name == "RCPTMAX" and number.isdigit():
            return int(number)
    return 0


def is_ascii(text):
    return len(text) == len(text.encode())


def _is_7bit(octets):
    return not octets or max(octets) < 128


def _must(good, problem):
    if not good:
        raise ValueError(problem)


def _end_of_path(line, at):
    """The index of the ">" that ends it, which may stand in a quoted local part too."""
    quoted = False
    while at < len(line) and (quoted or line[at] != ">"):
        if line[at] == '"':
            quoted = not quoted
        at += 2 if quoted and line[at] == "\\" else 1
    return at


def _is_size(value, offers):
    """RFC 1870 4."""
    return value.isdigit() and len(value) <= 20


def _is_body(value, offers):
    """RFC 6152 2 (2), RFC 3030 3 (2)."""
    if value.upper() == "BINARYMIME":
        return "BINARYMIME" in offers and "CHUNKING" in offers
    return "8BITMIME" in offers and value.upper() in ("7BIT", "8BITMIME")


def _is_nothing(value, offers):
    return not value


def _is_ret(value, offers):
    """RFC 3461 4.3."""
    return value.upper() in ("FULL", "HDRS")


def _is_envelope_id(value, offers):
    """RFC 3461 4.4."""
    return len(from_xtext(value)) > 0 and len(value) <= 100


def _is_notify(value, offers):
    """RFC 3461 4.1."""
    words = value.upper().split(",")
    for word in words:
        if word not in ("SUCCESS", "FAILURE", "DELAY") or words.count(word) > 1:
            return value.upper() == "NEVER"
    return True


def _is_original_recipient(value, offers):
    """RFC 3461 4.2, and RFC 6533 3 for addresses beyond ASCII."""
    kind, _, address = value.partition(";")
    _must(kind.lower() in ("rfc822", "utf-8") and len(value) <= 500, "ORCPT " + value)
    return len(from_xtext(address)) > 0


# The parameters: whose offer each needs, and what it may be.
_KNOWN = {
    "MAIL": {
        "SIZE": ("SIZE", _is_size),
        "BODY": (None, _is_body),  # what it says needs an offer
        "SMTPUTF8": ("SMTPUTF8", _is_nothing),
        "RET": ("DSN", _is_ret),
        "ENVID": ("DSN", _is_envelope_id),
    },
    "RCPT": {
        "NOTIFY": ("DSN", _is_notify),
        "ORCPT": ("DSN", _is_original_recipient),
    },
}


def from_xtext(value):
    """What an xtext stands for (RFC 3461 4); ValueError if it is none."""
    text = ""
    at = 0
    while at < len(value):
        letter = value[at]
        _must("!" <= letter <= "~" and letter != "=", "xtext " + value)
        at += 1
        if letter == "+":
            code = value[at : at + 2]
            _must(len(code) == 2 and code == code.upper(), "xtext " + value)
            letter = chr(int(code, 16))
            _must(" " <= letter <= "~", "xtext for a control, or beyond ASCII: " + value)
            at += 2
        text += letter
    return text
