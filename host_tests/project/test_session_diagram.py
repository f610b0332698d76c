"""docs/dialogue.md: which command may follow which, as it is drawn and as it is played."""

from host_tests.support import session_diagram

COMMANDS = "GREETING EHLO HELO STARTTLS AUTH RESPONSE MAIL RCPT DATA TEXT BDAT RSET NOOP QUIT"


def test_page_shows_the_played_sessions():
    drawn = session_diagram.PAGE.read_text(encoding="utf-8")
    assert drawn == session_diagram.page(), "make diagram"


def test_every_command_is_in_the_diagram():
    arrows = session_diagram.arrows()
    assert {start for start, _, _ in arrows} | {end for _, _, end in arrows} == {
        *[
            "GREETING",
            "EHLO",
            "HELO",
            "STARTTLS",
            "AUTH",
            "RESPONSE",
            "MAIL",
            "RCPT",
            "DATA",
            "TEXT",
            "BDAT",
            "RSET",
            "NOOP",
            "QUIT",
        ]
    }


def test_quit_follows_a_reply():
    """RFC 2920 3.1 would let it go before; but its reply could be taken for that to the text."""
    assert not [arrow for arrow in session_diagram.arrows() if arrow[1:] == ("==>", "QUIT")]
