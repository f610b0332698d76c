"""An SMTP server on loopback that keeps in memory what it gets: STARTTLS, AUTH, then mails."""

import asyncio
import logging
import ssl
from dataclasses import dataclass
from types import TracebackType

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Mail:
    """A mail as it came."""

    content: bytes
    recipients: list[str]
    user: str  # who authenticated
    tls: str  # its version


class MailSink:
    """The server, `async with MailSink(…) as sink`; then `sink.port` takes and `sink.mails` has.

    It takes mails over TLS only, and only from who knows a password of `passwords`.
    """

    def __init__(self, context: ssl.SSLContext, passwords: dict[str, str]) -> None:
        self.mails: list[Mail] = []
        self._context = context
        self._passwords = passwords

    async def __aenter__(self) -> "MailSink":
        # aiosmtpd warns at every login of an attribute that it sets itself.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    def _connection(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.example.com",
            tls_context=self._context,
            require_starttls=True,
            authenticator=self._authenticate,
            auth_required=True,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        login: LoginPassword,
    ) -> AuthResult:
        user = login.login.decode()
        known = self._passwords.get(user) == login.password.decode()
        return AuthResult(success=known, handled=False, auth_data=user)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd: keep the mail."""
        content = envelope.content
        transport = server.transport
        if not isinstance(content, bytes) or transport is None:
            return "451 4.3.0 nothing to keep"
        tls = transport.get_extra_info("ssl_object").version()
        self.mails.append(Mail(content, envelope.rcpt_tos, str(session.auth_data), tls))
        return "250 2.0.0 kept"
