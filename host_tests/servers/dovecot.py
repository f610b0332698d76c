"""Dovecot, of which only the SASL part runs: what Postfix asks who may send."""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from host_tests.servers import USERS, missing, wait_for

_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols =
ssl = no

auth_mechanisms = plain login cram-md5 scram-sha-256
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
service auth {{
  unix_listener {folder}/auth {{
    user = postfix
    mode = 0600
  }}
}}
# Nobody is made to wait for having been wrong before.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Dovecot:
    """Answers on the Unix socket `socket` for the users of host_tests.servers.USERS."""

    def __init__(self, folder: Path) -> None:
        self._program = shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin")
        if not self._program:
            missing("Dovecot is not installed", "apt-get install postfix dovecot-core")
        version = subprocess.check_output([self._program, "--version"], text=True)
        if not version.startswith("2.3."):
            missing(f"Dovecot is {version.split()[0]}", "the tests know the settings of 2.3")
        self._folder = folder
        self.socket = folder / "auth"

    def __enter__(self) -> "Dovecot":
        settings = self._folder / "dovecot.conf"
        settings.write_text(_SETTINGS.format(folder=self._folder))
        users = [f"{user}:{{PLAIN}}{password}\n" for user, password in USERS.items()]
        (self._folder / "users").write_text("".join(users), encoding="utf-8")
        self._process = subprocess.Popen([str(self._program), "-F", "-c", settings])
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

    def log(self) -> str:
        """What Dovecot has to say."""
        log = self._folder / "dovecot.log"
        return log.read_text() if log.exists() else "dovecot: no log"
