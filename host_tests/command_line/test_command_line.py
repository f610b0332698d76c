"""python -m hssmtp: mails, exit status, messages; no secret is shown.

test_trace.py has what --trace shows.
"""

import base64
import email
import email.policy
import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios

import pytest
from hssmtp.command_line.arguments import server as split_server

from host_tests.support.runtimes import ROOT
from host_tests.support.servers import LONG_PASSWORD, LONG_PASSWORD_USER, PASSWORD, USER

SENDER = ("--from", "Boiler <boiler@example.test>")
TO_SOMEBODY = (*SENDER, "--to", "somebody@example.test", "--text", "It boils.")


def environment(**more):
    bare = {key: value for key, value in os.environ.items() if key != "HSSMTP_PASSWORD"}
    return {**bare, "PYTHONPATH": str(ROOT / "lib"), "PYTHONUTF8": "1", **more}


def command(*arguments):
    return [sys.executable, "-W", "error", "-m", "hssmtp", *map(str, arguments)]


def hssmtp_says(*arguments, status=0, given="", **variables):
    """Run the command; return its output, which must show no secret."""
    done = subprocess.run(
        command(*arguments),
        env=environment(**variables),
        input=given.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # without a terminal to ask at
        timeout=60,
        check=False,
    )
    said = done.stdout.decode()
    for name, secret in variables.items():
        if "PASSWORD" in name:
            assert secret not in said
            assert encoded(secret) not in said
    assert "Traceback" not in said
    assert done.returncode == status, said
    return said


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def at_server(aiosmtpd_server, certificates):
    """The arguments to reach aiosmtpd, with STARTTLS and AUTH."""
    return (f"localhost:{aiosmtpd_server.port}", "--ca", certificates.ca_pem, "--user", USER)


@pytest.fixture
def silent():
    """A server that accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def parsed(mail):
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def body(message, kind):
    part = message.get_body([kind])
    assert part
    return part.get_content()


# What it sends


def test_all_options_of_a_mail(aiosmtpd_server, at_server, tmp_path):
    log = bytes(range(256)) * 300
    (tmp_path / "boiler.log").write_bytes(log)
    (tmp_path / "Füllstand.csv").write_text("1;2\n")
    (tmp_path / "page.html").write_text("<p>95 °C</p>\n")
    said = hssmtp_says(
        *at_server,
        *SENDER,
        *("--to", "Ops <ops@example.test>", "--to", "all@example.test"),
        *("--cc", "cc@example.test", "--bcc", "bcc@example.test"),
        *("--subject", "95 °C", "--html", tmp_path / "page.html"),
        *("--attach", tmp_path / "boiler.log", "--attach", tmp_path / "Füllstand.csv"),
        given="The boiler is at 95 °C.\n.\nHurry.\n",
        HSSMTP_PASSWORD=PASSWORD,
    )
    assert said == "sent to 4 of 4 recipients\n"
    mail = aiosmtpd_server.wait_for_mail("bcc@example.test")
    assert (mail.user, mail.tls, mail.sender) == (USER, True, "boiler@example.test")
    assert mail.recipients == [f"{who}@example.test" for who in ("ops", "all", "cc", "bcc")]
    message = parsed(mail)
    assert message["From"] == "Boiler <boiler@example.test>"
    assert message["To"] == "Ops <ops@example.test>, all@example.test"
    assert (message["Cc"], message["Bcc"]) == ("cc@example.test", None)
    assert message["Subject"] == "95 °C"
    assert body(message, "plain").replace("\r\n", "\n") == "The boiler is at 95 °C.\n.\nHurry.\n"
    assert body(message, "html").strip() == "<p>95 °C</p>"
    first, second = message.iter_attachments()
    assert (first.get_filename(), second.get_filename()) == ("boiler.log", "Füllstand.csv")
    assert first.get_payload(decode=True) == log


def test_recipients_from_a_file(aiosmtpd_server, at_server, tmp_path):
    path = tmp_path / "list"
    path.write_text("# the crew\none-file@example.test\n\ntwo-file@example.test\n")
    hssmtp_says(
        *at_server, *SENDER, "--to-file", path, "--bcc", "cook@example.test", "--text", "x",
        HSSMTP_PASSWORD=PASSWORD,
    )  # fmt: skip
    mail = aiosmtpd_server.wait_for_mail("cook@example.test")
    assert sorted(mail.recipients) == [
        "cook@example.test", "one-file@example.test", "two-file@example.test"
    ]  # fmt: skip
    assert parsed(mail)["To"] == "one-file@example.test, two-file@example.test"


def test_bad_line_of_a_list_is_reported(at_server, tmp_path):
    path = tmp_path / "list"
    path.write_text("one@example.test\nnobody at all\n")
    said = hssmtp_says(*at_server, *SENDER, "--to-file", path, HSSMTP_PASSWORD=PASSWORD)
    assert f"hssmtp: {path}:2 is not an address" in said
    assert "sent to 1 of 2" in said


def test_security_none(aiosmtpd_server):
    server = f"127.0.0.1:{aiosmtpd_server.plain_port}"
    hssmtp_says(
        *(server, "--security", "none", *SENDER, "--to", "none@example.test", "--text", "x"),
        *("--hostname", "boiler.example.test", "--quiet"),
    )
    mail = aiosmtpd_server.wait_for_mail("none@example.test")
    assert (mail.user, mail.tls) == (None, False)


def test_security_tls_with_a_password_from_another_variable(aiosmtpd_server, certificates):
    said = hssmtp_says(
        *(f"localhost:{aiosmtpd_server.tls_port}", "--security", "tls"),
        *("--ca", certificates.ca_der, "--user", LONG_PASSWORD_USER, *SENDER),
        *("--to", "tls@example.test", "--text", "x", "--password-env", "MAIL_PASSWORD", "-q"),
        MAIL_PASSWORD=LONG_PASSWORD,
    )
    assert said == ""
    mail = aiosmtpd_server.wait_for_mail("tls@example.test")
    assert (mail.user, mail.tls) == (LONG_PASSWORD_USER, True)


# The exit status, and why


def test_refused_recipients_are_named(aiosmtpd_server, at_server):
    said = hssmtp_says(
        *at_server, *TO_SOMEBODY, "--cc", "refused@example.test",
        HSSMTP_PASSWORD=PASSWORD,
    )  # fmt: skip
    aiosmtpd_server.wait_for_mail("somebody@example.test")
    first, last = said.splitlines()
    assert first.startswith("hssmtp: refused@example.test was refused (550 5.1.1 ")
    assert last == "hssmtp: sent to 1 of 2 recipients; the others were refused"


def test_all_recipients_refused(at_server):
    said = hssmtp_says(
        *at_server, *SENDER, "--to", "refused@example.test", status=1, HSSMTP_PASSWORD=PASSWORD
    )
    assert said.splitlines()[-1].startswith("hssmtp: ERROR_RECIPIENTS in RCPT: localhost:")


def test_wrong_password_fails(at_server):
    said = hssmtp_says(*at_server, *TO_SOMEBODY, status=1, HSSMTP_PASSWORD="not this one")
    assert said.startswith("hssmtp: ERROR_AUTH in AUTH: ")
    assert "(535 5.7.8 " in said


def test_missing_starttls_fails(aiosmtpd_server):
    server = f"localhost:{aiosmtpd_server.plain_port}"
    said = hssmtp_says(server, "--insecure", *TO_SOMEBODY, status=1)
    assert said.startswith("hssmtp: ERROR_UNSUPPORTED in EHLO: ")


def test_unknown_certificate_fails(aiosmtpd_server):
    said = hssmtp_says(f"localhost:{aiosmtpd_server.port}", *TO_SOMEBODY, status=1)
    assert said.startswith("hssmtp: ERROR_CERTIFICATE in SECURING: ")


def test_refused_connection_has_status_75():
    with socket.socket() as unheard:  # bound, so that no other program can listen there
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        said = hssmtp_says(f"127.0.0.1:{port}", *TO_SOMEBODY, status=75)
    assert said.startswith("hssmtp: ERROR_CONNECT in CONNECTING: ")
    assert f"127.0.0.1:{port} " in said
    assert said.endswith("; worth another try\n")


def test_timeout_has_status_75(silent):
    port = silent.getsockname()[1]
    said = hssmtp_says(f"127.0.0.1:{port}", *TO_SOMEBODY, "--timeout", "0.2", status=75)
    assert said.startswith("hssmtp: ERROR_TIMEOUT in GREETING: ")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--to", "nobody"), "'nobody' is not local@domain"),
        (("--to", "a@example.test\nBcc: b@example.test"), "U+000A not allowed"),
        (("--to", "a@example.test", "--subject", "a\r\nb"), "U+000D not allowed"),
        (("--to", "a@example.test", "--attach", "missing.log"), "'missing.log'"),
        (("--to", "a@example.test", "--html", "missing.html"), "'missing.html'"),
        (("--to", "a@example.test", "--ca", "missing.pem"), "'missing.pem'"),
        (("--to", "a@example.test", "--ca", __file__), "--ca: "),
        (("--to", "a@example.test", "--password-env", "MISSING", "--user", "a"), "MISSING"),
        (("--to", "a@example.test", "--user", "a"), "no password: no terminal to ask at"),
        (("--to", "a@example.test", "--security", "tsl"), "invalid choice: 'tsl'"),
        (("--to", "a@example.test", "--timeout", "inf"), "'inf': not a number of seconds"),
        (("--to", "a@example.test", "--to-file", "x"), "'x'"),
        (("--to-file", "missing.list"), "'missing.list'"),
        (("--to", "a@example.test", "--to-file", __file__), "not allowed with argument --to"),
        (("--to-file", os.devnull), "recipients: no address in the list"),
        (("--to", "a@example.test", "--user", "a", "--security", "none"), "in the clear"),
        (("--to", "a@example.test", "--password", "x"), "unrecognized arguments: --password"),
        ((), "no recipients: give one with --to, --cc or --bcc"),
        (
            ("--to", "a@example.test, b@example.test"),
            "--to: several addresses in one: repeat",
        ),
        (("--cc", "A <a@example.test>, B <b@example.test>"), "--cc: several addresses in one"),
        (("--bcc", "nobody"), "--bcc: 'nobody' is not local@domain"),
        (("--to", "a@example.test", "--subject", "a\nb"), "--subject: U+000A"),
        (("--to", "a@example.test", "--hostname", "a b"), "--hostname: a space"),
        (("--to", "a@example.test", "--hostname", "1.2.3.4"), "--hostname: an address needs"),
        (("--to", "a@example.test", "--attach", "missing.log"), "--attach 'missing.log': No such"),
        (("--to", "a@example.test", "--ca", "missing.pem"), "--ca 'missing.pem': No such file"),
        (("--to", "a@example.test", "--html", "missing.html"), "--html 'missing.html': No such"),
        (("--to-file", "missing.list"), "--to-file: 'missing.list': No such file"),
        (("--to", "a@example.test", "--auth", "PLOIN"), "--auth: "),
        (("--to", "a@example.test", "--password-env", "MISSING", "--user", "a"), "MISSING is not"),
        (("--to", "a@example.test", "--token-env", "MISSING"), "variable MISSING is not set"),
        (("--to", "a@example.test", "--subjet", "x"), "--subjet (did you mean --subject?)"),
        (("--form", "a@example.test"), "--form (did you mean --from?)"),
        (("--to", "a@example.test", "--user", "a", "--security", "none"), "--security none would"),
        (
            ("--to", "a@example.test", "--user", "a", "--security", "none"),
            "--allow-plaintext-auth",
        ),
        (("--to", "a@example.test", "x", "y"), "2 unexpected after HOST"),
    ],
)
def test_invalid_arguments_are_named(arguments, reason):
    given = {"HSSMTP_PASSWORD": PASSWORD} if "none" in arguments else {}
    said = hssmtp_says("localhost:1", *SENDER, *arguments, status=1, **given)
    (line,) = said.splitlines()
    assert line.startswith("hssmtp: ")
    assert reason in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("localhost", "--password", "hunter2"),
        ("localhost", "--password=hunter2"),
        ("localhost", "--pasword", "hunter2"),
        ("localhost", "--user", "me", "hunter2"),
        ("localhost", "--token", "hunter2"),
        ("localhost", "--user", "me:hunter2"),
        ("localhost", "--user", "me", "--password-env", "hunter2 & more"),
        ("localhost", "--token-env", "eyJh.hunter2"),
        ("me:hunter2@localhost",),
        ("me:hunter2@localhost:587",),
        ("smtp://me:hunter2@localhost:587/",),
        ("smtps://me:hunter2@localhost",),
    ],
)
def test_password_among_the_arguments_is_not_repeated(arguments):
    said = hssmtp_says(*arguments, *TO_SOMEBODY, status=1)
    (line,) = said.splitlines()
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("server", "advice"),
    [
        ("smtp://localhost:587/", "write localhost:587, --security starttls"),
        ("smtps://localhost", "write localhost, --security tls"),
        ("smtps://localhost:4650", "write localhost:4650, --security tls"),
        ("boiler@example.com", "write the name of the server that takes mail from it"),
    ],
)
def test_invalid_server_says_what_to_write(server, advice):
    said = hssmtp_says(server, *TO_SOMEBODY, status=1)
    assert said.startswith("hssmtp: HOST: ")
    assert advice in said


def test_empty_password_variable_is_named():
    said = hssmtp_says(
        "localhost", "--user", "a", "--password-env", "EMPTY", *TO_SOMEBODY, status=1, EMPTY=""
    )
    assert "the environment variable EMPTY is empty" in said


def test_password_variable_is_named():
    said = hssmtp_says(
        *("localhost", "--user", "a", "--password-env", "MAIL_PASS", *TO_SOMEBODY),
        status=1,
        MAIL_PASS="a\nb",
    )
    assert said.startswith("hssmtp: MAIL_PASS: U+000A")


def test_text_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"<p>95 \xb0C</p>")
    said = hssmtp_says("localhost:1", *TO_SOMEBODY, "--html", path, status=1)
    assert said == f"hssmtp: {path}: not UTF-8: invalid start byte at byte 6\n"


@pytest.mark.parametrize("server", ["localhost:", "localhost:0", "localhost:65536", "localhost:x"])
def test_invalid_port_is_refused(server):
    said = hssmtp_says(server, *TO_SOMEBODY, status=1)
    why = f"argument HOST[:PORT]: {server!r}: not HOST or HOST:PORT"
    assert said == f"hssmtp: {why}; see --help\n"


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("mail.example.test", "mail.example.test", None),
        ("mail.example.test:587", "mail.example.test", 587),
        ("::1", "::1", None),
        ("[::1]", "[::1]", None),
        ("[::1]:587", "[::1]", 587),
    ],
)
def test_server_argument_is_split(server, host, port):
    assert split_server(server) == (host, port)


def test_ctrl_c_has_status_130(silent):
    process = subprocess.Popen(
        command(f"127.0.0.1:{silent.getsockname()[1]}", *TO_SOMEBODY),
        env=environment(),
        stderr=subprocess.PIPE,
        # A shell that runs the tests in the background lets them ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    connection, _ = silent.accept()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    with connection:
        assert connection.recv(100) == b""
    assert process.returncode == 130
    assert said.startswith(b"hssmtp: aborted in ")


# On a terminal


def test_password_prompt_and_progress_bar_on_a_terminal(aiosmtpd_server, at_server, tmp_path):
    (tmp_path / "log").write_bytes(bytes(2_000_000))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    process = subprocess.Popen(
        command(*at_server, *SENDER, "--to", "tty@example.test", "--attach", tmp_path / "log"),
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    said = read_until(ours, b"Ctrl-D")
    os.write(ours, b"It boils.\n\x04")
    said += read_until(ours, b"Password of ")
    os.write(ours, PASSWORD.encode() + b"\n")
    said += read_until(ours, None)
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert PASSWORD not in said.decode(errors="replace")
    assert b"%|" in said  # tqdm's bar
    assert said.endswith(b"sent to 1 of 1 recipients\r\n")
    assert aiosmtpd_server.wait_for_mail("tty@example.test").user == USER


def read_until(terminal, words):
    """Read until these words arrive, or until the other side has closed."""
    said = b""
    while words is None or words not in said:
        try:
            piece = os.read(terminal, 1000)
        except OSError:  # Linux reports the end in this way
            piece = b""
        if not piece:
            assert words is None, said
            break
        said += piece
    return said


# --trace


def test_trace_shows_the_dialogue(aiosmtpd_server, at_server):
    said = hssmtp_says(
        *at_server, *SENDER, "--to", "trace@example.test", "--trace",
        given="the text of it", HSSMTP_PASSWORD=PASSWORD,
    )  # fmt: skip
    mail = aiosmtpd_server.wait_for_mail("trace@example.test")
    lines = said.splitlines()
    for line in (
        "-- connected to 127.0.0.1, port " + str(aiosmtpd_server.port),
        "S: 220 mail.example.test Python SMTP 1.4.6",
        "C: STARTTLS",
        "C: AUTH PLAIN ***",
        f"C: MAIL FROM:<boiler@example.test> SIZE={len(mail.content)}",
        "C: RCPT TO:<trace@example.test>",
        f"C: [the mail, {len(mail.content):,} bytes]",
        "C: .",
        "S: 250 2.0.0 kept",
        "C: QUIT",
        "-- closed",
    ):
        assert line in lines
        del lines[: lines.index(line)]
    assert "-- TLSv1.3, " in said
    assert "the text of it" not in said
