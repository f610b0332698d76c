"""The text of a mail: CRLF at each line end, dots stuffed (RFC 5321 4.5.2)."""

import hssmtp
from dialogues import TO
from scripted import Play, Server, in_every_manner, mail, same

TEXTS = (
    # name, text, what is received
    ("empty", "", b""),
    ("no line end", "a", b"a\r\n"),
    ("a dot", ".", b".\r\n"),
    ("two dots", "..", b"..\r\n"),
    ("dots alone", ".\r\n.\r\n.\r\n", b".\r\n.\r\n.\r\n"),
    ("dots within", "a.b\n.c\n..d\n. e\nf.\n", b"a.b\r\n.c\r\n..d\r\n. e\r\nf.\r\n"),
    ("the end in it", "a\r\n.\r\nMAIL FROM:<x@y.z>\r\n", b"a\r\n.\r\nMAIL FROM:<x@y.z>\r\n"),
    ("the end with bare LF", "a\n.\nb", b"a\r\n.\r\nb\r\n"),
    ("the end with bare CR", "a\r.\rb", b"a\r\n.\r\nb\r\n"),
    ("the end, mixed", "a\n.\r\nb\r\n.\nc\r.\r\nd", b"a\r\n.\r\nb\r\n.\r\nc\r\n.\r\nd\r\n"),
    ("CR CR LF", "a\r\r\n.\r\r\nb", b"a\r\n\r\n.\r\n\r\nb\r\n"),
    ("LF CR", "a\n\r.\n\rb", b"a\r\n\r\n.\r\n\r\nb\r\n"),
    ("a CR at the end", "a\r", b"a\r\n"),
)


def check_text(manner, text, received):
    done = play_text(manner, text)
    same("text", body(done), received)


def play_text(manner, text, to=TO, **options):
    done = Play(Server(), manner=manner, **options).send(mail(to, text=text))
    same("result", done.client.result, hssmtp.SENT)
    same("mails", len(done.server.mails), 1)
    same("octets", done.client.bytes_sent, done.client.bytes_total)
    return done


def body(done):
    text = done.server.mails[0][2]
    return text[text.find(b"\r\n\r\n") + 4 :]


def test_text_lines_are_sent_as_crlf_with_dots_stuffed():
    in_every_manner(check_text, TEXTS)


def test_dots_are_stuffed_at_every_place_of_the_buffer():
    """Wherever in the buffer a line with a dot is."""
    for pad in range(0, 1100, 7):
        for line in ".\n", "..\n", ".x\n":
            text = "x" * (pad % 90) + "\n" + "y" * 10 + "\n"
            text = text * (pad // 90 + 1) + line * 400
            done = play_text({}, text, buffer_size=512)
            same("pad %d" % pad, body(done), text.replace("\n", "\r\n").encode())


def test_dots_are_stuffed_after_an_address_list():
    """The header of a list is a part of its own, and may end anywhere in the buffer."""
    text = "a\r\n.\r\nMAIL FROM:<spy@example.com>\r\n..\r\n.b\r\n"
    for count in range(1, 120, 3):
        with open("list", "w") as file:
            for n in range(count):
                file.write("user%d@example.com\n" % n)
        done = Play(Server()).send(mail(hssmtp.AddressList("list"), text=text))
        same("mails, %d recipients" % count, len(done.server.mails), 1)
        same("text, %d recipients" % count, body(done), text.encode())


def test_dots_are_stuffed_after_an_attachment():
    for size in range(0, 1200, 13):
        done = Play(Server())
        done.send(
            mail(
                text=".\r\n.a\r\n",
                html=".\r\n<p>.\r\n",
                attachments=[hssmtp.Attachment(b"x" * size, name="x")] * 2,
            )
        )
        same("result", done.client.result, hssmtp.SENT)
        same("octets", done.client.bytes_sent, done.client.bytes_total)
        same("mails", len(done.server.mails), 1)
        same("received", len(done.server.mails[0][2]), done.client.bytes_total)
