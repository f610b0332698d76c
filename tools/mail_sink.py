"""An SMTP server on loopback that keeps mails, with STARTTLS or TLS and AUTH."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Mail:
    """A received mail."""

    content: bytes
    sender: str
    recipients: list[str]
    user: str  # who authenticated
    tls: str  # TLS version


class MailSink:
    """The server, `async with MailSink(…) as sink`.

    It takes mails only over TLS and after a login with one of `passwords`. Each mail is passed
    to `keep`; without it `sink.mails` has them. The server says 452, try again later, if
    `keep` raises OSError.
    port: for STARTTLS. tls_port: for TLS from the start. 0: any free port; the attributes `port`
    and `tls_port` then have it. Raises OSError if a port is in use.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        passwords: dict[str, str],
        keep: Callable[[Mail], None] | None = None,
        port: int = 0,
        tls_port: int = 0,
    ) -> None:
        self.mails: list[Mail] = []
        self.port = port
        self.tls_port = tls_port
        self._context = context
        self._passwords = passwords
        self._keep = keep or self.mails.append
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> "MailSink":
        # aiosmtpd warns at every login about an attribute of its own.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        try:
            self.port = await self._listen(self.port, None)
            self.tls_port = await self._listen(self.tls_port, self._context)
        except OSError:
            self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        for server in self._servers:
            server.close()

    async def _listen(self, port: int, tls_from_the_start: ssl.SSLContext | None) -> int:
        """Listen at a port; return the port's number."""
        loop = asyncio.get_running_loop()

        def connection() -> SMTP:
            return SMTP(
                self,
                hostname="mail.example.com",
                tls_context=None if tls_from_the_start else self._context,
                require_starttls=not tls_from_the_start,
                authenticator=self._authenticate,
                auth_require_tls=not tls_from_the_start,  # aiosmtpd takes only STARTTLS for TLS
                loop=loop,
            )

        server = await loop.create_server(connection, HOST, port, ssl=tls_from_the_start)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    def _authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        login: LoginPassword,
    ) -> AuthResult:
        user = login.login.decode(errors="replace")
        known = self._passwords.get(user) == login.password.decode(errors="replace")
        return AuthResult(success=known, handled=False, auth_data=user)

    # Called by aiosmtpd:

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take the sender, after a login."""
        # aiosmtpd's auth_required warns unless TLS comes by STARTTLS.
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail."""
        content = envelope.content
        transport = server.transport
        if not isinstance(content, bytes) or transport is None:
            return "451 4.3.0 nothing to keep"
        mail = Mail(
            content=content,
            sender=envelope.mail_from or "<>",
            recipients=envelope.rcpt_tos,
            user=str(session.auth_data),
            tls=transport.get_extra_info("ssl_object").version(),
        )
        try:
            self._keep(mail)
        except OSError as problem:
            return f"452 4.3.1 the mail could not be stored: {problem.strerror}"
        return "250 2.0.0 kept"
