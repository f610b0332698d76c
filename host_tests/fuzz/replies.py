"""What a hostile server says, as bytes: good replies in odd dress, refusals, and rubbish."""

import random

# A good code for each item of a dialogue, and what else a server may say with the same meaning.
GOOD = {
    "GREETING": (220, 220, 220, 200),
    "EHLO": (250,),
    "HELO": (250,),
    "STARTTLS": (220,),
    "AUTH": (235,),
    "RESPONSE": (235,),
    "MAIL": (250, 250, 250, 299),
    "RCPT": (250, 250, 250, 251, 252),
    "DATA": (354,),
    "TEXT": (250, 250, 250, 200),
    "BDAT": (250, 250, 250, 200),
    "RSET": (250,),
    "NOOP": (250,),
    "QUIT": (221,),
}

_WORDS = {2: "2.0.0 ok", 3: "go ahead", 4: "4.3.0 try again later", 5: "5.7.1 not here"}
_REFUSALS = {
    "STARTTLS": (454, 501, 502, 504),
    "AUTH": (432, 454, 500, 504, 530, 534, 535, 538),
    "RESPONSE": (454, 501, 535, 535, 535),
    "MAIL": (450, 451, 452, 455, 501, 530, 550, 552, 553, 555),
    "RCPT": (450, 450, 451, 452, 452, 455, 501, 503, 550, 550, 551, 552, 553, 554),
    "DATA": (450, 451, 503, 550, 552, 554),
    "TEXT": (450, 451, 452, 550, 552, 554),
    "BDAT": (450, 451, 452, 500, 501, 502, 503, 550, 552, 554, 555),
}
_ENHANCED = ("4.4.2", "4.5.3", "5.5.3", "5.1.1", "4.2.2", "5.7.1", "5.3.4", "9.9.9", "5.1.1111")

# Not replies.
_RUBBISH = (
    b"hello\r\n",
    b"SSH-2.0-OpenSSH_9.2p1\r\n",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"25\r\n",
    b"2500 ok\r\n",
    b"25o ok\r\n",
    b" 250 ok\r\n",
    b"250ok\r\n",
    b"250_ok\r\n",
    b"000 ok\r\n",
    b"150 preliminary\r\n",
    b"199-wait\r\n199 ok\r\n",
    b"600 ok\r\n",
    b"\0\0\0\0\r\n",
    b"250-one\r\n251 two\r\n",
    b"250-one\r\n550 two\r\n",
    b"550-one\r\n\r\n550 three\r\n",
    b"\x15\x03\x03\x00\x02\x02\x46\r\n",
    b"\xff\xfe\xfd\r\n",
)

# Replies that nobody asked for: whole ones, several, lines of which more should follow, pieces.
SURPLUS = (
    b"250 2.0.0 one more\r\n",
    b"250 2.0.0 one more\r\n",
    b"250 ok\r\n250 ok\r\n",
    b"250-one\r\n250 two\r\n",
    b"250-one\r\n",
    b"250-PIPELINING\r\n250-CHUNKING\r\n250 SIZE 1\r\n",
    b"550 5.0.0 no\r\n",
    b"550-one\r\n550 two\r\n",
    b"450 4.0.0 later\r\n",
    b"354 go ahead\r\n",
    b"235 2.7.0 welcome\r\n",
    b"220 hello\r\n",
    b"334 \r\n",
    b"25",
    b"2",
    b"250 ",
    b"\r\n",
)

# Bytes of an attacker, said in the clear behind the reply to STARTTLS (RFC 3207 6).
INJECTED = (b"250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n", b"250 ok\r\n", b"2", b"\n")


def refusal_code(rng: random.Random, kind: str) -> int:
    """A code of 4yz or 5yz for a command."""
    if rng.random() < 0.1:
        return rng.choice((400, 402, 499, 500, 599, 521, 556))
    return rng.choice(_REFUSALS.get(kind, (450, 500, 502, 554)))


def wrong_code(rng: random.Random, kind: str) -> int:
    """A code that is a reply, but none to this command."""
    if kind == "DATA":
        return rng.choice((250, 250, 220, 235, 300, 334, 399))
    if kind in ("AUTH", "RESPONSE"):
        return rng.choice((354, 300, 250, 220))
    return rng.choice((354, 354, 334, 300))


def rubbish(rng: random.Random) -> bytes:
    """What is no reply."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(1, 60)).replace(b"\n", b"") + b"\r\n"
    return rng.choice(_RUBBISH)


def text_of(rng: random.Random, code: int) -> bytes:
    """What a server may say behind a code."""
    chance = rng.random()
    if chance < 0.6:
        return _WORDS[code // 100].encode()
    if chance < 0.8 and code >= 400:
        return rng.choice(_ENHANCED).encode() + b" as it is"
    if chance < 0.9:
        return rng.choice((b"", b"-", b"ok", b"\x1b[2J\x07", b"\xc3\xa9t\xe9", b"a\0b", b"1.2.3"))
    return b"words " * rng.randrange(1, 70)


def reply(rng: random.Random, code: int, text: bytes, may_skip: bool = True) -> bytes:
    """A reply with one line, or now and then with several.

    may_skip: an empty line may come before it, as some servers have it.
    """
    end = b"\n" if rng.random() < 0.03 else b"\r\n"
    lines = b"\r\n" if may_skip and rng.random() < 0.01 else b""
    if rng.random() < 0.12 and code != 334:
        for number in range(rng.randrange(1, 4)):
            lines += b"%d-%s%s" % (code, (text, b"", b"more to come")[number], end)
    if not text and rng.random() < 0.5:
        return lines + b"%d%s" % (code, end)
    return lines + b"%d %s%s" % (code, text, end)
