"""Offers and replies in any case, order and fragments: offered extensions are used."""

import hssmtp
from hypothesis import example, given
from hypothesis import strategies as st
from scripted import Play, Server, mail

OFFERS = ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "BINARYMIME"]
TO = ["a@example.com", "b@example.com"]


@st.composite
def in_any_case(draw, word):
    flips = draw(st.lists(st.booleans(), min_size=len(word), max_size=len(word)))
    return "".join(c.lower() if flip else c for c, flip in zip(word, flips, strict=True))


# Other lines of a server: no known keyword, also with parameters.
strange = st.text("ABCXYZ019 -=./", max_size=30).filter(
    lambda line: line.upper().split(" ")[0].split("=")[0] not in [*OFFERS, "AUTH", "LIMITS"]
)
pieces = st.fixed_dictionaries(
    {}, optional={"most_in": st.integers(1, 40), "most_out": st.integers(1, 40)}
)
pieces = st.one_of(pieces, pieces.map(lambda found: {**found, "block": True}))


@st.composite
def offers(draw):
    """Return the offered keywords and their lines."""
    chosen = draw(st.lists(st.sampled_from(OFFERS), unique=True))
    lines = [draw(in_any_case(word)) for word in chosen]
    if "SIZE" in chosen:
        at = chosen.index("SIZE")
        lines[at] += draw(st.sampled_from(["", " 0", " 99999", " many", " "]))
    return set(chosen), draw(st.permutations(lines + draw(st.lists(strange, max_size=5))))


def letter():
    attachments = [hssmtp.Attachment(bytes(range(256)), name="octets")]
    more = {"attachments": attachments, "notify": "never", "envelope_id": "+7"}
    return mail(TO, text="95 °C\n.\n", **more)


@given(offers(), pieces)
@example((set(OFFERS), OFFERS), {})
def test_offered_extensions_are_used(offered, manner):
    """Others are not used: the server checks that."""
    chosen, lines = offered
    server = Server(lines)
    played = Play(server, manner=manner).send(letter())
    assert hssmtp.event_name(played.client.result) == "SENT"
    ((sender, recipients, text),) = server.mails
    assert (sender, recipients) == ("boiler@example.com", TO)
    of_mail, of_rcpt = server.parameters[0]
    binary = {"CHUNKING", "BINARYMIME"} <= chosen
    wanted = {}
    if "SIZE" in chosen:
        wanted["SIZE"] = str(len(text))
    if binary or "8BITMIME" in chosen:
        wanted["BODY"] = "BINARYMIME" if binary else "8BITMIME"
    if "DSN" in chosen:
        wanted |= {"RET": "HDRS", "ENVID": "+2B7"}
    assert of_mail == wanted
    assert of_rcpt == [{"NOTIFY": "NEVER"} if "DSN" in chosen else {}] * 2
    assert server.chunks == ([len(text)] if "CHUNKING" in chosen else [])


# Each reply is positive: a code and lines of any printable text.
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
CODES = {"GREETING": 220, "MAIL": 250, "DATA": 354, "TEXT": 250}


@st.composite
def good_replies(draw):
    replies = {}
    for step, code in [*CODES.items(), ("RCPT", draw(st.sampled_from([250, 251, 252])))]:
        lines = [f"{code}-{text}" for text in draw(st.lists(texts, max_size=3))]
        replies[step] = "\r\n".join([*lines, f"{code} {draw(texts)}"])
    return replies


@given(good_replies(), st.sampled_from([[], ["PIPELINING"], OFFERS]), pieces)
def test_any_words_of_replies_will_do(replies, keywords, manner):
    server = Server(keywords, replies=replies)
    played = Play(server, manner=manner).send(letter())
    assert hssmtp.event_name(played.client.result) == "SENT"
    assert [recipients for _, recipients, _ in server.mails] == [TO]
    assert played.client.reply_code == 250
