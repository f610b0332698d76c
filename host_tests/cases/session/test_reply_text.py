"""A server's words as users see them: UTF-8, without control characters."""

import hssmtp
from hssmtp.report import printable
from scripted import Play, Server, check_table, mail, same


def test_unprintable_characters_are_replaced():
    def check(name, data, wanted):
        same("text", printable(data), wanted)
        same("of a bytearray", printable(bytearray(data)), wanted)

    check_table(
        (
            ("nothing", b"", ""),
            ("ASCII", bytes(range(32, 127)), bytes(range(32, 127)).decode()),
            ("controls", b"a\0\x1b[2J\x07\r\n\t\x7fb", "a??[2J?????b"),
            ("two bytes", b"Gr\xc3\xbc\xc3\x9fe", "Gr\u00fc\u00dfe"),
            ("three bytes", b"\xe2\x82\xac\xe4\xbd\xa0", "\u20ac\u4f60"),
            ("four bytes", b"\xf0\x9f\x98\x80", "\U0001f600"),
            ("Latin-1", b"Gr\xfc\xdfe", "Gr??e"),
            ("a character that is cut", b"ab\xe2\x82", "ab??"),
            ("a continuation alone", b"a\x80b\xbf", "a?b?"),
            ("too long a form", b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", "?" * 9),
            ("a surrogate", b"\xed\xa0\x80", "???"),
            ("beyond U+10FFFF", b"\xf4\x90\x80\x80\xf5\x80\x80\x80", "?" * 8),
            ("a second lead byte", b"\xc3\xc3\xbc", "?\u00fc"),
            ("C1 controls", "a\u0080\u009b2J\u009fb".encode(), "a??2J?b"),
            ("a change of direction", "a\u202e\u2066\u200f\u061cb".encode(), "a????b"),
            ("no width", "a\u200b\u00ad\ufeff\u2060b".encode(), "a????b"),
            ("line ends", "a\u2028\u2029b".encode(), "a??b"),
            ("private use", "a\ue000\uf8ff\U000f0000b".encode(), "a???b"),
            ("tags", "a\U000e0041b".encode(), "a?b"),
            ("no characters", "a\ufffe\uffffb".encode(), "a??b"),
            ("the replacement", "a\ufffdb".encode(), "a?b"),
            ("a space without a break", "a\u00a0b".encode(), "a\u00a0b"),
            ("the last before surrogates", "\ud7ff".encode(), "\ud7ff"),
        ),
        check,
    )


def test_utf8_replies_are_shown():
    for text in "5.1.1 Empf\u00e4nger unbekannt", "5.1.1 \u6536\u4ef6\u4eba\u4e0d\u5b58\u5728":
        client = Play(Server(replies={"MAIL": "550 " + text})).send(mail()).client
        same("reply", client.reply_text, text)
        same("enhanced code", client.enhanced_code, "5.1.1")
        same("explained", text in hssmtp.explain(client), True)


def test_incomplete_character_at_the_end_is_replaced():
    """The buffer may end within a character."""
    for count in range(250, 258):
        text = "x" * count + "\u20ac" * 20
        client = Play(Server(replies={"MAIL": "550 " + text})).send(mail()).client
        whole = client.reply_text.rstrip("?")
        same("beginning", text.startswith(whole), True)
        same("its length", 254 <= len(client.reply_text.encode()) <= 258, True)
