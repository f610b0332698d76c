"""Check message ids, dates (RFC 5322 3.6.4, 3.3), envelope senders. Loaded if there are any."""

from ..compose import ATEXT, check

TEMPORARY = True  # freed after the call that needed it

_DIGITS = b"0123456789"
_DAYS = b"sunmontuewedthufrisat"
_MONTHS = b"janfebmaraprmayjunjulaugsepoctnovdec"
_OFFSETS = b"\0\3\2\5\0\3\5\1\4\6\2\4"  # of each month, to compute the day of the week; modulo 7
_LONGEST = 900  # bytes: an id can't be folded


def put_given(sender, head, envelope_sender, message_id, date) -> "tuple[bytes, bytes]":
    """Return the envelope sender and the header, changed by these arguments of Message().

    sender, head: the defaults. An argument that is None changes nothing.
    """
    if envelope_sender is not None:
        sender = _check_envelope_sender(envelope_sender)
    if message_id is not None:
        start = head.rfind(b"Message-ID: <")
        end = head.find(b"\r\n", start)
        head = (
            head[:start]
            + b"Message-ID: <"
            + check_id(message_id, "message_id")
            + b">"
            + head[end:]
        )
    if date is not None:
        if head.startswith(b"Date: "):
            head = head[head.find(b"\n") + 1 :]
        head = b"Date: " + check_date(date, "date") + b"\r\n" + head
    return sender, head


def _check_envelope_sender(text):
    """Return the address for MAIL FROM, empty for "<>" (RFC 5321 4.5.5)."""
    from ..addresses import mailbox

    if text == "<>":
        return b""
    name, spec = mailbox(text, "envelope_sender")
    if name:
        raise ValueError('envelope_sender: an address without a name, or "<>" for none')
    return spec


def check_id(text: str, name: str, needs_domain: bool = True) -> bytes:
    """Return an id without angle brackets; `text` may have them or not.

    name: of the argument, for the ValueError that is raised if it is not an id.
    needs_domain: False for a Content-ID, for which mail programs accept a single word.
    """
    id = check(text, name).encode()
    if id.startswith(b"<") and id.endswith(b">"):
        id = id[1:-1]
    left, at, right = id.rpartition(b"@")
    is_good = _is_dot_atom(left) if at or needs_domain else not left
    if right[:1] == b"[" and right[-1:] == b"]" and at:  # no-fold-literal
        literal = right[1:-1]
        is_good = is_good and not literal.strip(ATEXT + b".:;,()")
    else:
        is_good = is_good and _is_dot_atom(right)
    # Some mail programs decode an id that is an encoded word (RFC 2047 2).
    if not is_good or len(id) > _LONGEST or id[:2] == b"=?" and id[-2:] == b"?=":
        raise ValueError(
            '%s: not an id as "1.a@example.com", of at most 900 bytes of ASCII' % name
        )
    return id


def _is_dot_atom(text):
    return b"" not in text.split(b".") and not text.strip(ATEXT + b".")


def check_ids(text: str, name: str) -> None:
    """Check the ids of a header field, each in angle brackets. Other programs may have made them.

    Raises ValueError, which names the field.
    """
    for word in check(text, name).encode().split(b" "):
        id = word[1:-1]
        is_id = word[:1] == b"<" and word[-1:] == b">" and b"<" not in id and b">" not in id
        if word and (not is_id or not id or max(id) > 126):
            raise ValueError(
                name + ': ids are written "<a@example.com> <b@example.com>", in ASCII'
            )


def check_date(text: str, name: str) -> bytes:
    """Return a date and time with its zone as bytes: "Mon, 23 Nov 2026 22:43:00 +0100".

    The day of the week and the seconds are optional. Raises ValueError, which names the argument.
    """
    date = check(text, name).encode()
    words = date.lower().split(b" ")
    weekday = words.pop(0)[:-1] if b"," in words[0] else b""
    is_good = len(words) == 5 and date.find(b",") in (-1, 3) and len(weekday) in (0, 3)
    if is_good:
        day, month, year, clock, zone = words
        days = _MONTHS.find(month)
        is_good = len(month) == 3 and days >= 0 and days % 3 == 0
        is_good = is_good and len(year) == 4 and _number(year) >= 1900
        is_good = is_good and _is_time(clock.split(b":")) and _is_zone(zone)
        if is_good:
            found = _weekday(len(day), _number(day), days // 3, _number(year))
            is_good = found >= 0
            if is_good and weekday and weekday != _DAYS[found * 3 : found * 3 + 3]:
                raise ValueError(name + ": the day of the week is not that of the date")
    if not is_good:
        raise ValueError(name + ': not a date as "Mon, 23 Nov 2026 22:43:00 +0100"')
    return date


def _number(text):
    """Return the number that `text` is in digits; -1 if it is none."""
    return -1 if not text or text.strip(_DIGITS) else int(text)


def _is_time(numbers):
    """Whether these are hours, minutes and, optionally, seconds."""
    limits = (23, 59, 60)  # 60: a leap second
    if not 2 <= len(numbers) <= 3:
        return False
    for at in range(len(numbers)):
        if len(numbers[at]) != 2 or not 0 <= _number(numbers[at]) <= limits[at]:
            return False
    return True


def _is_zone(text):
    is_signed = len(text) == 5 and text[0] in b"+-"
    return is_signed and _number(text[1:]) >= 0 and _number(text[3:]) < 60


def _weekday(digits, day, month, year):
    """Return the day of the week, 0 for Sunday; -1 if the month (0 to 11) has no such day."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 28 + is_leap if month == 1 else 30 if month in (3, 5, 8, 10) else 31
    if digits > 2 or not 1 <= day <= last:
        return -1
    if month < 2:
        year -= 1
    return (year + year // 4 - year // 100 + year // 400 + _OFFSETS[month] + day) % 7
