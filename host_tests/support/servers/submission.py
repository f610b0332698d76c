"""Dovecot's submission service: CHUNKING, BINARYMIME and DSN, and nobody gets in without AUTH.

What it takes it hands on at once: it replies what its backend does.
"""

import re
from dataclasses import replace

from host_tests.support.servers import Mail, missing
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.dovecot import Dovecot

# The header that it puts before a mail, folded.
_TRACE = re.compile(rb"Received: (?P<received>[^\r\n]*(\r\n[\t ][^\r\n]*)*)\r\n")


class Submission:
    """Listens on 127.0.0.1, `port` with STARTTLS and `tls_port` with TLS at once.

    100 recipients are the most of a mail; those that begin with "refused" are.
    """

    def __init__(self, dovecot: Dovecot, backend: AiosmtpdServer) -> None:
        if not dovecot.submits:
            missing("Dovecot has no submission", "apt-get install dovecot-submissiond")
        self._backend = backend
        self.port = dovecot.port
        self.tls_port = dovecot.tls_port

    def wait_for_mail(self, recipient: str, timeout: float = 60) -> Mail:
        """Hand out, once, the oldest mail with that recipient."""
        mail = self._backend.wait_for_mail(recipient, timeout)
        trace = _TRACE.match(mail.content)
        if trace is None:
            raise AssertionError(mail.content[:1000])
        return replace(
            mail,
            content=mail.content[trace.end() :],
            tls=b"with ESMTPS" in trace["received"],
        )
