"""The reply parser, compared with a regular expression for a whole reply."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from reply_lines import COMPLETE, CONTINUED, MALFORMED, feed

SIZE = 256

# RFC 5321 4.2, and what the parser tolerates: LF alone ends a line, a text may have any bytes, CRs
# are skipped before a reply and after the code, and so are empty lines before a reply.
LINE = re.compile(rb"([2-5][0-9]{2})(?:([ \r-])([^\n]*))?\n")

codes = st.sampled_from([b"220", b"250", b"251", b"334", b"354", b"421", b"550", b"599"])
texts = st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"").replace(b"\r", b""))
ends = st.sampled_from([b"\r\n", b"\r\n", b"\n"])


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """A reply by RFC 5321."""
    code = draw(codes)
    lines = [code + b"-" + text for text in draw(st.lists(texts, max_size=5))]
    lines.append(code + (b" " + draw(texts) if draw(st.booleans()) else b""))
    return b"".join(line + draw(ends) for line in lines)


nearly = st.lists(
    st.one_of(
        replies(),
        st.binary(max_size=8),
        st.sampled_from([b"250", b"250-", b"250 ", b"\r", b"\n", b"\r\n", b"-", b" ", b"1", b"9"]),
    ),
    max_size=6,
).map(b"".join)


def reference(octets: bytes) -> list[tuple[int, int, bytes]]:
    """Return what feed() must report for complete lines."""
    found = []
    code = text = None
    for line in octets.split(b"\n")[:-1]:
        if code is None:
            line = line.lstrip(b"\r")
            if not line:
                continue
        match = LINE.fullmatch(line + b"\n")
        if match is None or code not in (None, match[1]):
            found.append((MALFORMED, 0, b""))
            break
        rest = (match[3] or b"").replace(b"\r", b"")
        text = rest if not text else text + b" " + rest
        text = text[:SIZE]
        more = match[2] == b"-"
        found.append((CONTINUED if more else COMPLETE, int(match[1]), text))
        code = match[1] if more else None
        text = text if more else None
    return found


def told(found: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Code and text of a malformed line are undefined."""
    return [line if line[0] != MALFORMED else (MALFORMED, 0, b"") for line in found]


@st.composite
def cut(draw: st.DrawFn, of: st.SearchStrategy[bytes]) -> tuple[bytes, list[int]]:
    octets = draw(of)
    places = st.integers(0, len(octets))
    return octets, sorted(draw(st.sets(places, max_size=6)))


@given(cut(replies()))
def test_valid_reply_is_parsed(case: tuple[bytes, list[int]]) -> None:
    octets, cuts = case
    found = feed(octets, SIZE, cuts)
    assert found == reference(octets)
    assert [line[0] for line in found] == [CONTINUED] * (len(found) - 1) + [COMPLETE]


@given(cut(nearly.map(lambda octets: octets + b"\n")))
@example((b"250\r-x\n", []))
@example((b"250-\n251 \n", []))
@example((b"\r250 x\n", []))
@example((b"2\r50 x\n", []))
@example((b"\r\n\n250-\n\n250 \n", []))
def test_nearly_valid_reply_is_noticed(case: tuple[bytes, list[int]]) -> None:
    octets, cuts = case
    assert told(feed(octets, SIZE, cuts)) == reference(octets)


@given(cut(st.binary(max_size=3000)))
def test_any_bytes_are_parsed(case: tuple[bytes, list[int]]) -> None:
    octets, cuts = case
    assert feed(octets, SIZE, cuts) == feed(octets, SIZE)


@given(st.integers(0, 20), cut(nearly))
def test_any_buffer_size(size: int, case: tuple[bytes, list[int]]) -> None:
    octets, cuts = case
    short = feed(octets, size, cuts)
    whole = feed(octets, 4000, cuts)
    assert [line[:2] for line in short] == [line[:2] for line in whole]
    for (_, _, text), (_, _, all_of_it) in zip(short, whole, strict=True):
        assert text == all_of_it[:size]
