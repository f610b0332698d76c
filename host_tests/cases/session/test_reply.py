"""Server replies: complete, in all fragments, and malformed."""

from hssmtp.reply import Reply
from reply_lines import COMPLETE, CONTINUED, MALFORMED, feed
from scripted import check_table, same

# bytes, lines: what each is, the code, and the text so far
REPLIES = (
    (b"250 ok\r\n", ((COMPLETE, 250, b"ok"),)),
    (b"250 ok\n", ((COMPLETE, 250, b"ok"),)),
    (b"250\r\n", ((COMPLETE, 250, b""),)),
    (b"250\n", ((COMPLETE, 250, b""),)),
    (b"250 \r\n", ((COMPLETE, 250, b""),)),
    (b"250  two  spaces \r\n", ((COMPLETE, 250, b" two  spaces "),)),
    (b"200 \r\n", ((COMPLETE, 200, b""),)),
    (b"599 x\r\n", ((COMPLETE, 599, b"x"),)),
    (b"250-a\r\n250 b\r\n", ((CONTINUED, 250, b"a"), (COMPLETE, 250, b"a b"))),
    (b"250-\r\n250 b\r\n", ((CONTINUED, 250, b""), (COMPLETE, 250, b"b"))),
    (b"250-a\r\n250\r\n", ((CONTINUED, 250, b"a"), (COMPLETE, 250, b"a "))),
    (
        b"250-a\r\n250-b\r\n250 c\r\n",
        ((CONTINUED, 250, b"a"), (CONTINUED, 250, b"a b"), (COMPLETE, 250, b"a b c")),
    ),
    (b"220 a\r\n550 b\r\n", ((COMPLETE, 220, b"a"), (COMPLETE, 550, b"b"))),
    (b"250 a\0b\xff\r\n", ((COMPLETE, 250, b"a\0b\xff"),)),
    (b"250 250-250 250\r\n", ((COMPLETE, 250, b"250-250 250"),)),
)

MALFORMED_ONES = (
    b" \r\n",
    b"2\r\n",
    b"25\r\n",
    b"25\n",
    b"2 50 x\r\n",
    b"25 ok\r\n",
    b"2500 ok\r\n",
    b"250ok\r\n",
    b"250\tok\r\n",
    b"250\0ok\r\n",
    b"+25 ok\r\n",
    b"abc ok\r\n",
    b"25:",
    b"25/",
    b"000 \r\n",
    b"199 \r\n",
    b"100-\r\n",
    b"600 \r\n",
    b"999 \r\n",
    b"\xb2\xb5\xb0 ok\r\n",
    b"250-a\r\n\r\n",
    b"x" * 3000,
    b"\0" * 3000,
)


def splits(length):
    """Complete, in two fragments, and byte by byte."""
    yield ()
    for at in range(1, length):
        yield (at,)
    yield range(1, length)


def test_replies_are_parsed():
    def check(octets, lines):
        for cuts in splits(len(octets)):
            same("cut at %s" % (tuple(cuts),), feed(octets, cuts=cuts), list(lines))

    check_table(REPLIES, check)


def test_replies_are_parsed_in_all_fragments():
    """In all 2**(n-1) ways to split it."""
    octets = b"250-a\r\n250 b\r\n"
    lines = [(CONTINUED, 250, b"a"), (COMPLETE, 250, b"a b")]
    for mask in range(1 << len(octets) - 1):
        cuts = [n + 1 for n in range(len(octets) - 1) if mask >> n & 1]
        same("cut at %s" % cuts, feed(octets, cuts=cuts), lines)


def test_malformed_replies_are_noticed():
    def check(octets):
        for cuts in list(splits(min(len(octets), 20))):
            found = feed(octets, cuts=cuts)
            same("last line", [line for line, code, text in found][-1:], [MALFORMED])

    check_table([(octets,) for octets in MALFORMED_ONES], check)


def test_codes_200_to_599_are_replies():
    for code in range(1000):
        line = feed(b"%03d x\r\n" % code)[0]
        same("%03d" % code, line[0], COMPLETE if 200 <= code < 600 else MALFORMED)
        if line[0] == COMPLETE:
            same("code", line[1], code)


def test_all_lines_of_a_reply_have_one_code():
    """RFC 5321 4.2.1: the code is the same in each line."""
    for other in b"251", b"550", b"220":
        found = feed(b"250-a\r\n" + other + b" b\r\n")
        same("lines", [line for line, code, text in found], [CONTINUED, MALFORMED])


def test_lines_may_have_any_length():
    """Bytes beyond the buffer are skipped."""
    for length in 512, 1000, 2000, 2048, 2049, 5000, 100000:
        line = b"250 " + b"x" * (length - 6) + b"\r\n"
        same("%d octets" % length, feed(line), [(COMPLETE, 250, b"x" * min(length - 6, 256))])
        found = feed(b"250-" + line[4:] + b"250 " + line[4:])
        same("lines", [line for line, code, text in found], [CONTINUED, COMPLETE])


def test_number_of_lines_is_bounded():
    """A limit ends endless replies."""
    reply = Reply()
    # They are counted for each reply.
    for count, last in ((9999, COMPLETE), (16383, COMPLETE), (16384, MALFORMED)):
        for _ in range(count):
            feed(b"250-x\r\n", reply=reply)
        same("%d lines" % count, feed(b"250 x\r\n", reply=reply)[-1][0], last)


def test_empty_lines_before_a_reply_are_skipped():
    """They are skipped, and do not begin a reply."""
    for before in b"\r\n", b"\n", b"\r\n\r\n\n", b"\r\n" * 500:
        octets = before + b"250 ok\r\n"
        for cuts in splits(min(len(octets), 20)):
            same("lines", feed(octets, cuts=cuts), [(COMPLETE, 250, b"ok")])
        reply = Reply()
        feed(before, reply=reply)
        same("has begun", reply.has_begun(), False)
        feed(b"2", reply=reply)
        same("has begun", reply.has_begun(), True)


def test_empty_line_after_a_reply_is_no_reply():
    """The code and the text stay those of the reply, up to the first byte of the next one."""
    for behind in b"\r\n", b"\n", b"\r", b"\r\n\r\n":
        reply = Reply()
        feed(b"334 challenge\r\n" + behind, reply=reply)
        same("code", reply.code, 334)
        same("text", bytes(reply.text[: reply.length]), b"challenge")
        same("has begun", reply.has_begun(), False)
        same("next", feed(b"250 ok\r\n", reply=reply), [(COMPLETE, 250, b"ok")])


def test_has_begun_is_true_within_a_reply():
    """Up to the end of its last line."""
    for octets, begun in (
        (b"", False),
        (b"2", True),
        (b"250 ok\r", True),
        (b"250 ok\r\n", False),
        (b"250-ok\r\n", True),
        (b"250-ok\r\n250 ok", True),
        (b"250-ok\r\n250 ok\r\n", False),
        (b"250-ok\r\n250 ok\r\n\r\n", False),
    ):
        reply = Reply()
        feed(octets, reply=reply)
        same("%r" % octets, reply.has_begun(), begun)


def test_text_is_kept_up_to_the_buffers_size():
    for size in range(12):
        found = feed(b"250-abc\r\n250-def\r\n250 ghi\r\n", size)
        same("%d octets" % size, found[-1][2], b"abc def ghi"[:size])


def test_text_is_followed_by_a_space():
    """A keyword can be searched with a space after it, also in a full buffer."""
    for size in range(12):
        reply = Reply(size)
        feed(b"250 abcdefgh\r\n", size, reply=reply)
        same("behind %d" % size, reply.text[reply.length], 32)


def test_kept_text_is_not_overwritten():
    """The reply that ended the mail stays, whatever follows."""
    reply = Reply()
    feed(b"554 5.7.1 spam\r\n", reply=reply)
    reply.keep = True
    for octets in (
        b"221 bye\r\n",
        b"250-a\r\n250 b\r\n",
        b"250 " + b"x" * 500 + b"\r\n",
        b"rubbish",
    ):
        feed(octets, reply=reply)
        same("text", bytes(reply.text[: reply.length]), b"5.7.1 spam")


def test_reset_forgets_a_partial_reply():
    """The first line of a new connection does not continue the last one."""
    for rest in b"2", b"25", b"250", b"250-", b"250-a\r\n", b"250 abc", b"rubbish", b"250-a\r\n55":
        reply = Reply()
        feed(rest, reply=reply)
        reply.reset()
        same("behind %r" % rest, feed(b"220 hi\r\n", reply=reply), [(COMPLETE, 220, b"hi")])
