"""python -m hssmtp: a mail from a PC's command line, by the same code that a board runs."""

import argparse
import getpass
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import hssmtp
from hssmtp import AddressList, Client, Link, Message, explain
from hssmtp.auth import Auth
from hssmtp.auth.credentials import check_credentials
from hssmtp.auth.mask import mask
from hssmtp.net._cpython import python_socket

_DONE = 0
_FAILED = 1
_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
_INTERRUPTED = 130  # what a shell says of Ctrl-C

_BUFFER = 4096  # octets: a PC has them, and each turn costs it more than a kilobyte's copying
_PASSWORD = "HSSMTP_PASSWORD"
_PHASES = ("resolve", "connect", "secure", "greeting", "command", "data", "block", "text")


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Send a mail as the arguments say; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        mail = _mail(options)
        client = _client(options)
        client.send_mail(mail)
    except (OSError, ValueError) as exc:
        return _complain(str(exc))
    except KeyboardInterrupt:
        return _INTERRUPTED
    _finish(client)
    status = _status(client)
    if status or client.refused:
        _complain(explain(client))
    elif not options.quiet:
        print(explain(client))
    return status


def _finish(client: Client) -> None:
    try:
        while client.tick():
            time.sleep(client.idle_ms() / 1000)
    except KeyboardInterrupt:
        client.deinit()


def _status(client: Client) -> int:
    if client.result == hssmtp.SENT:
        return _DONE
    if client.result == hssmtp.ABORTED:
        return _INTERRUPTED
    return _TRY_AGAIN if client.transient else _FAILED


def _complain(what: str) -> int:
    print("hssmtp:", what, file=sys.stderr)
    return _FAILED


# What the arguments say


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with 1: argparse's 2 has no meaning of its own here."""
        self.print_usage(sys.stderr)
        self.exit(_complain(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m hssmtp",
        allow_abbrev=False,
        description="Send a mail. Its text is --text, or else comes from standard input.",
        epilog="Exit status: 0 sent (who was refused is told), 75 worth another try, 1 otherwise.",
    )
    parser.add_argument("server", type=_server, metavar="HOST[:PORT]")
    _add_mail_options(parser)
    _add_server_options(parser)
    group = parser.add_argument_group("the screen")
    either = group.add_mutually_exclusive_group()
    either.add_argument("--trace", action="store_true", help="show the session, secrets masked")
    either.add_argument("-q", "--quiet", action="store_true", help="say nothing unless it fails")
    return parser


def _add_mail_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the mail")
    group.add_argument("--from", dest="sender", required=True, metavar="ADDRESS")
    for field in ("to", "cc", "bcc"):
        either = group.add_mutually_exclusive_group()
        either.add_argument(
            "--" + field,
            action="append",
            default=[],
            metavar="ADDRESS",
            help="may be given several times",
        )
        either.add_argument(
            f"--{field}-file",
            dest=field,
            type=_list,
            metavar="FILE",
            help="a file with an address in each line",
        )
    group.add_argument("--subject", default="", metavar="TEXT")
    group.add_argument("--text", metavar="TEXT")
    group.add_argument("--html", metavar="FILE", help="the same as HTML")
    group.add_argument(
        "--attach", action="append", default=[], metavar="FILE", help="may be given several times"
    )


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the server")
    group.add_argument(
        "--security",
        choices=("starttls", "tls", "none"),
        help='"starttls", except for port 465, where it is "tls"',
    )
    group.add_argument("--user", metavar="NAME")
    group.add_argument(
        "--password-env",
        metavar="NAME",
        help=f"the environment variable that holds the password; {_PASSWORD} if there is one, or"
        " you are asked",
    )
    group.add_argument(
        "--token-env",
        metavar="NAME",
        help="the environment variable that holds an OAuth token, instead of a password",
    )
    group.add_argument(
        "--auth", metavar="MECHANISM", help="the one to log in by: SCRAM-SHA-256, …"
    )
    group.add_argument("--ca", metavar="FILE", help="instead of the system's certificates")
    group.add_argument("--insecure", action="store_true", help="don't check the certificate")
    group.add_argument(
        "--allow-plaintext-auth", action="store_true", help="send the password without TLS too"
    )
    group.add_argument("--hostname", metavar="NAME", help="how this machine calls itself (EHLO)")
    group.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="for each step that can take long"
    )


def _server(text: str) -> "tuple[str, int | None]":
    """Part HOST[:PORT]; an IPv6 address with a port has to stand in brackets (RFC 3986 3.2.2)."""
    host, _, port = text.rpartition(":")
    if not host or text.endswith("]") or (":" in host and not host.endswith("]")):
        return text, None
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r}: not HOST or HOST:PORT")
    return host, int(port)


def _list(path: str) -> AddressList:
    try:
        return AddressList(path)
    except OSError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from None


def _seconds(text: str) -> int:
    """As ms."""
    try:
        ms = int(float(text) * 1000)
    except (ValueError, OverflowError):
        ms = 0
    if ms < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: not a number of seconds")
    return ms


def _mail(options: argparse.Namespace) -> Message:
    return Message(
        options.sender,
        to=options.to,
        cc=options.cc,
        bcc=options.bcc,
        subject=options.subject,
        text=_input(options.quiet) if options.text is None else options.text,
        html=options.html and _utf8(Path(options.html).read_bytes(), options.html),
        attachments=options.attach,
    )


def _input(quiet: bool) -> str:
    if sys.stdin is None:
        raise ValueError("no text: no --text, and standard input is closed")
    if sys.stdin.isatty() and not quiet:
        print("The text, and Ctrl-D in a line of its own:", file=sys.stderr)
    return _utf8(sys.stdin.buffer.read(), "standard input")


def _utf8(octets: bytes, source: str) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as exc:
        raise ValueError(f"{source}: not UTF-8: {exc.reason} at octet {exc.start}") from None


def _client(options: argparse.Namespace) -> Client:
    host, port = options.server
    password = token = link = None
    if options.token_env:
        token = _variable("--token-env", options.token_env)
    elif options.user is not None:
        password = _password(options)
    if options.trace:
        link = _Trace(_mask(options.user, password, token))
    return Client(
        host,
        port,
        security=options.security,
        username=options.user,
        password=password,
        token=token,
        auth=options.auth,
        ca=options.ca,
        insecure=options.insecure,
        allow_plaintext_auth=options.allow_plaintext_auth,
        on_event=_Screen(not (options.quiet or options.trace)),
        hostname=options.hostname,
        buffer_size=_BUFFER,
        timeouts=dict.fromkeys(_PHASES, options.timeout) if options.timeout else None,
        link=link,
    )


def _mask(
    username: "str | None", password: "str | None", token: "str | None"
) -> "Callable[[bytes], bytes]":
    """What hides these secrets in a line."""
    if username is None and token is None:
        return bytes
    auth = Auth(*check_credentials(username, password, token, None, False))
    return lambda line: bytes(mask(auth, line))


def _password(options: argparse.Namespace) -> str:
    """From the environment or a prompt: arguments are shown by `ps` to everybody."""
    if options.password_env or _PASSWORD in os.environ:
        return _variable("--password-env", options.password_env or _PASSWORD)
    try:
        with warnings.catch_warnings():
            # Without a terminal it would read, and show, a line of standard input.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"Password of {options.user}: ")
    except (getpass.GetPassWarning, EOFError):
        raise ValueError(f"no password: no terminal to ask at, and no {_PASSWORD}") from None


def _variable(option: str, name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ValueError(f"{option}: there is no variable {name}") from None


# What is shown meanwhile


class _Screen:
    """The events as far as they are worth showing: refused recipients, and a progress bar."""

    def __init__(self, bar: bool):
        self._wanted = bar and sys.stderr.isatty()
        self._bar: Any = None

    def __call__(self, client: Client, event: int) -> None:
        if event == hssmtp.RECIPIENT_REFUSED:
            if client.reply_code:
                reply = f"{client.reply_code} {client.reply_text}"
                _complain(f"{client.recipient} was refused ({reply})")
            else:
                _complain(f"{client.recipient} is no address")
        elif event == hssmtp.PROGRESS and self._wanted:
            self._progress(client.bytes_sent, client.bytes_total)
        elif client.result and self._bar:
            self._bar.close()

    def _progress(self, done: int, total: "int | None") -> None:
        if not self._bar:
            try:
                from tqdm import tqdm
            except ImportError:
                self._wanted = False
                return
            self._bar = tqdm(total=total, unit="B", unit_scale=True, leave=False)
        self._bar.update(done - self._bar.n)


class _Trace(Link):
    """A connection that shows what is said over it; neither secrets nor the mail itself."""

    def __init__(self, mask: "Callable[[bytes], bytes]"):
        super().__init__()
        self._mask = mask
        self._reset()

    def _reset(self) -> None:
        self._command = b""  # what has gone of one, up to its end
        self._reply = b""
        self._response = False  # what goes next is one, to a challenge (RFC 4954 4)
        self._text: int | None = None  # octets of the mail, while it goes
        self._chunk = 0  # those that a BDAT has announced, and are still to go (RFC 3030)
        self._handshake = False

    def step(self, now: int) -> int:
        phase = super().step(now)
        if phase == 3:
            address, port = python_socket(self).getpeername()[:2]
            _show("--", f"connected to {address}, port {port}")
        return phase

    def secure(self, context: Any, host: str) -> None:
        super().secure(context, host)
        self._handshake = True

    def write(self, buf: bytearray, off: int, n: int) -> "int | None":
        taken = super().write(buf, off, n)
        if taken:
            self._secured()
            self._said(bytes(buf[off : off + taken]))
        return taken

    def readinto(self, buf: bytearray, n: int) -> "int | None":
        count = super().readinto(buf, n)
        if count:
            self._secured()
            self._heard(bytes(buf[:count]))
        return count

    def close(self) -> None:
        if self._stream:
            if self._text is not None:
                _show("C:", f"[the mail, cut off after {self._text:,} octets]")
            elif self._command:
                self._line(self._command)
            _show("--", "closed")
        self._reset()
        super().close()

    def _secured(self) -> None:
        """The first octet behind a handshake proves it done."""
        if self._handshake:
            self._handshake = False
            _show("--", f"{python_socket(self).version()}, {python_socket(self).cipher()[0]}")

    def _said(self, octets: bytes) -> None:
        while octets:
            if self._chunk:
                n = min(self._chunk, len(octets))
                self._chunk -= n
                self._text = (self._text or 0) + n
                octets = octets[n:]
                if not self._chunk:
                    self._mail_sent()
            elif self._text is not None:
                self._text += len(octets)
                self._command = (self._command + octets)[-5:]
                octets = b""
                if self._command == b"\r\n.\r\n":
                    self._text -= 3
                    self._mail_sent()
                    self._line(b".")
            else:
                line, end, octets = (self._command + octets).partition(b"\r\n")
                self._command = b"" if end else line
                if end:
                    self._line(line)

    def _mail_sent(self) -> None:
        _show("C:", f"[the mail, {self._text:,} octets]")
        self._text = None
        self._command = b""

    def _line(self, line: bytes) -> None:
        if self._response:
            line = b"***"
        elif line[:5].upper() == b"AUTH ":
            # RFC 4954 4: AUTH mechanism [initial-response]
            line = b" ".join([*line.split(b" ")[:2], b"***"][: line.count(b" ") + 1])
        elif line[:5].upper() == b"BDAT ":
            self._chunk = int(line.split(b" ")[1])
        self._response = False
        _show("C:", line.decode("utf-8", "replace"))

    def _heard(self, octets: bytes) -> None:
        *lines, self._reply = (self._reply + octets).split(b"\n")
        for line in lines:
            if line[:3] == b"334":
                self._response = True
            elif line[:3] == b"354" and line[3:4] != b"-":
                self._text = 0
                self._command = b"\r\n"  # before the first line: the dot may be all there is
            # A server may repeat what it doesn't like.
            _show("S:", self._mask(line.rstrip(b"\r")).decode("utf-8", "replace"))


def _show(who: str, text: str) -> None:
    """A line on the screen, on which a server must not draw."""
    print(who, "".join(c if c.isprintable() else "?" for c in text), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
