"""Dovecot: the SASL part, which Postfix asks who may send, and the submission service."""

import base64
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

import jwt

from host_tests.support.servers import USERS, free_ports, missing, wait_for

_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
hostname = mail.example.test
listen = 127.0.0.1
protocols = {protocols}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}

auth_mechanisms = plain login cram-md5 scram-sha-256 xoauth2 oauthbearer
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/home
}}
first_valid_uid = 1
first_valid_gid = 1
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
# Nobody is made to wait for having been wrong before.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

# What the backend offers is told beforehand, so that EHLO offers it before a login too.
_SUBMISSION = """\
mail_location = maildir:~/mail
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
submission_backend_capabilities = 8BITMIME BINARYMIME CHUNKING DSN ENHANCEDSTATUSCODES \
PIPELINING SIZE
submission_max_recipients = 100
service submission-login {{
  inet_listener submission {{
    port = {port}
  }}
  inet_listener submissions {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""

# Tokens are checked against this key and nobody is asked.
_OAUTH2 = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""


class Dovecot:
    """Knows the users of host_tests.support.servers.USERS; tells on the Unix socket `socket`.

    Where the submission service is installed, it listens on 127.0.0.1, `port` with STARTTLS and
    `tls_port` with TLS at once, and hands its mails on to `relay_port`.
    `folder` must be open to other users: Dovecot's own have to get there.
    """

    def __init__(self, folder: Path, certificate: Path, relay_port: int) -> None:
        self._program = shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin")
        if not self._program:
            missing("Dovecot is not installed", "apt-get install postfix dovecot-core")
        version = subprocess.check_output([self._program, "--version"], text=True)
        if not version.startswith("2.3."):
            missing(f"Dovecot is {version.split()[0]}", "the tests know the settings of 2.3")
        self._folder = folder
        self._certificate = certificate
        self._relay_port = relay_port
        self._key = secrets.token_bytes(32)
        self.socket = folder / "auth"
        self.submits = Path("/usr/lib/dovecot/submission").exists()

    def __enter__(self) -> "Dovecot":
        self.port, self.tls_port = free_ports(2)
        settings = _SETTINGS + (_SUBMISSION if self.submits else "")
        values = {
            "folder": self._folder,
            "protocols": "submission" if self.submits else "",
            "certificate": self._certificate,
            "relay_port": self._relay_port,
            "port": self.port,
            "tls_port": self.tls_port,
        }
        home = self._folder / "home"
        home.mkdir()
        shutil.chown(home, "nobody")
        users = [f"{user}:{{PLAIN}}{password}\n" for user, password in USERS.items()]
        (self._folder / "users").write_text("".join(users), encoding="utf-8")
        (self._folder / "oauth2").write_text(_OAUTH2.format(folder=self._folder))
        key = self._folder / "keys" / "default" / "HS256" / "default"
        key.parent.mkdir(parents=True)
        key.write_bytes(base64.b64encode(self._key))
        path = self._folder / "dovecot.conf"
        path.write_text(settings.format(**values))
        self._process = subprocess.Popen([str(self._program), "-F", "-c", path])
        wait_for(lambda: self.socket.exists() or self._process.poll(), 30, self.log)
        if self._process.poll() is not None:
            raise AssertionError(self.log())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)

    def token(self, user: str) -> str:
        """One that lets that user in, for XOAUTH2 and OAUTHBEARER."""
        claims = {"sub": user, "exp": int(time.time()) + 3600}
        return jwt.encode(claims, self._key, algorithm="HS256")

    def log(self) -> str:
        """What Dovecot has to say."""
        log = self._folder / "dovecot.log"
        return log.read_text() if log.exists() else "dovecot: no log"
