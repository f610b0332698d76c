"""Postfix: a mail server of the kind that mails meet, made as strict as it can be."""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from host_tests.support.servers import Mail, free_ports, missing, wait_for

_MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mail.example.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4

# Every mail to example.test lands in one Maildir; none leaves this machine.
virtual_mailbox_domains = example.test
virtual_mailbox_maps = regexp:{folder}/mailboxes
virtual_mailbox_base = {folder}
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
mydestination =
local_recipient_maps =
# But those to crowd.test, who are many: Postfix writes down each and throws the mail away.
relay_domains = crowd.test
relay_transport = discard
relay_recipient_maps = regexp:{folder}/mailboxes
default_transport = error:nothing leaves this machine
smtpd_relay_restrictions = reject_unauth_destination
message_size_limit = 41943040

# What is wrong with a mail or its client shall show.
local_header_rewrite_clients =
message_drop_headers =
strict_rfc821_envelopes = yes
smtpd_helo_required = yes
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes

smtpd_tls_chain_files = {certificate}
smtpd_tls_received_header = no
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_sasl_authenticated_header = yes

# Nobody is made to wait.
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
in_flow_delay = 0
"""

# Where smtpd listens, and what it does otherwise there.
_SMTPDS = {
    "port": (
        "-o smtpd_tls_security_level=may -o smtpd_tls_auth_only=yes -o smtpd_sasl_auth_enable=yes"
    ),
    "tls_port": "-o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes",
    "plain_port": "-o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=yes",
    "few_port": "-o smtpd_recipient_limit=30",
    "small_port": "-o message_size_limit=10000",
    "lockstep_port": "-o smtpd_discard_ehlo_keywords=pipelining",
    "data_port": "-o smtpd_discard_ehlo_keywords=chunking",
    "old_port": "-o smtpd_discard_ehlo_keywords=pipelining,chunking,size,8bitmime,smtputf8,dsn",
}

# service type private unprivileged chroot wakeup maxproc command
_SMTPD = """\
127.0.0.1:{port} inet n - n - - smtpd
  {options}
"""
_MASTER_CF = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
postlog unix-dgram n - n - 1 postlogd
"""

# The headers that Postfix puts before the mail, down to the end of the folded Received.
_TRACE = re.compile(
    rb"Return-Path: <(?P<sender>[^\n]*)>\n"
    rb"X-Original-To: [^\n]*\n"
    rb"Delivered-To: (?P<recipient>[^\n]*)\n"
    rb"Received: (?P<received>[^\n]*(\n[\t ][^\n]*)*)\n"
)


class Postfix:
    """Listens on 127.0.0.1, `port` with STARTTLS and AUTH after it, `tls_port` with TLS at once.

    `plain_port` has no TLS, and AUTH in the clear. Of those without either, `few_port` takes 30
    recipients a mail, `small_port` 10,000 bytes; `lockstep_port` offers no PIPELINING,
    `data_port` no CHUNKING, and `old_port` no extension at all. Recipients that begin with
    "refused" are. `folder` must be open to other users: Postfix's own have to get there.
    """

    port: int
    tls_port: int
    plain_port: int
    few_port: int
    small_port: int
    lockstep_port: int
    data_port: int
    old_port: int

    def __init__(self, folder: Path, certificate: Path, sasl: Path) -> None:
        self._program = shutil.which("postfix", path=os.environ["PATH"] + ":/usr/sbin")
        if not self._program:
            missing("Postfix is not installed", "apt-get install postfix dovecot-core")
        if os.geteuid() != 0:
            missing("Postfix starts for root only", "run the tests as root")
        self._folder = folder
        self._new = folder / "inbox" / "new"
        self._certificate = certificate
        self._sasl = sasl

    def __enter__(self) -> "Postfix":
        nobody = pwd.getpwnam("nobody")
        smtpds = ""
        for name, port in zip(_SMTPDS, free_ports(len(_SMTPDS)), strict=True):
            setattr(self, name, port)
            smtpds += _SMTPD.format(port=port, options=_SMTPDS[name])
        settings = self._folder / "settings"
        for folder in (settings, self._folder / "queue", self._folder / "data"):
            folder.mkdir()
        shutil.chown(self._folder / "data", "postfix")
        (self._folder / "inbox").mkdir()
        shutil.chown(self._folder / "inbox", nobody.pw_uid, nobody.pw_gid)
        (self._folder / "mailboxes").write_text("if !/^refused/\n/./ inbox/\nendif\n")
        (settings / "main.cf").write_text(
            _MAIN_CF.format(
                folder=self._folder,
                uid=nobody.pw_uid,
                gid=nobody.pw_gid,
                certificate=self._certificate,
                sasl=self._sasl,
            )
        )
        (settings / "master.cf").write_text(smtpds + _MASTER_CF)
        self._postfix("start")  # returns when the ports are open
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._postfix("stop")

    def wait_for_mail(self, recipient: str, timeout: float = 60) -> Mail:
        """Hand out, once, a mail to that recipient; a mail to several lies there for each.

        Of the mail itself Postfix changes the line ends only: CRLF, all that it takes, to LF.
        """

        def find() -> Path | None:
            for path in self._new.iterdir() if self._new.exists() else ():
                with path.open("rb") as file:
                    trace = _TRACE.match(file.read(8192))
                if trace and trace["recipient"].decode() == recipient:
                    return path
            return None

        path = wait_for(find, timeout, lambda: f"no mail for {recipient}\n" + self.log()[-4000:])
        octets = path.read_bytes()
        path.unlink()
        trace = _TRACE.match(octets)
        if trace is None:
            raise AssertionError(octets[:1000])
        user = re.search(rb"\(Authenticated sender: (.*?)\)", trace["received"])
        return Mail(
            sender=trace["sender"].decode(),
            recipients=[recipient],
            content=octets[trace.end() :].replace(b"\n", b"\r\n"),
            user=user[1].decode() if user else None,
            tls=re.search(rb"with (E|UTF8)SMTPSA? ", trace["received"]) is not None,
        )

    def wait_for_crowd(self, mark: str, count: int, timeout: float = 120) -> list[str]:
        """The recipients at crowd.test, in their order, whose addresses hold that mark."""
        written = re.compile(rf": to=<([^>]*{mark}[^>]*)>.*, status=sent")

        def find() -> list[str] | None:
            found = written.findall(self.log())
            return found if len(found) >= count else None

        return wait_for(find, timeout, lambda: f"no crowd of {count}\n" + self.log()[-4000:])

    def log(self) -> str:
        """What Postfix has to say."""
        log = self._folder / "postfix.log"
        return log.read_text(errors="replace") if log.exists() else "postfix: no log"

    def _postfix(self, verb: str) -> None:
        done = subprocess.run(
            [str(self._program), "-c", str(self._folder / "settings"), verb],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"postfix {verb}: {done.stdout}{done.stderr}{self.log()}")
