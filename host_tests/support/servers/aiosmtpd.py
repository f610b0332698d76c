"""aiosmtpd, in a thread of the tests: an SMTP server that keeps what it gets in memory."""

import asyncio
import ssl
import threading
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from host_tests.support.servers import USERS, Mail
from host_tests.support.servers.extended import OFFERS, ExtendedSMTP

_MOST_OCTETS = 40 * 1024 * 1024


class AiosmtpdServer:
    """Listens on 127.0.0.1, `port` with STARTTLS and AUTH after it, `tls_port` with TLS at once.

    `plain_port` has no TLS, and AUTH in the clear; `extended_port` neither, but the extensions
    that aiosmtpd lacks. Recipients that begin with "refused" are.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._mails: list[Mail] = []
        self._servers: list[asyncio.Server] = []
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_broken_off)
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "AiosmtpdServer":
        self._thread.start()
        self.port = self._listen(tls_context=self._context)
        self.tls_port = self._listen(self._context, auth_require_tls=False)
        self.plain_port = self._listen(auth_require_tls=False)
        self.extended_port = self._listen(kind=ExtendedSMTP)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait_for_mail(self, recipient: str, timeout: float = 30) -> Mail:
        """Hand out, once, the oldest mail with that recipient."""
        with self._changed:
            self._changed.wait_for(lambda: self._find(recipient), timeout)
            mail = self._find(recipient)
            if mail is None:
                raise AssertionError(f"no mail for {recipient} within {timeout} s")
            self._mails.remove(mail)
            return mail

    def _find(self, recipient: str) -> Mail | None:
        return next((mail for mail in self._mails if recipient in mail.recipients), None)

    def _listen(
        self, context: ssl.SSLContext | None = None, kind: type[SMTP] = SMTP, **options: Any
    ) -> int:
        def connection() -> SMTP:
            return kind(
                self,
                hostname="mail.example.test",
                data_size_limit=_MOST_OCTETS,
                authenticator=_authenticate,
                enable_SMTPUTF8=True,
                loop=self._loop,
                **options,
            )

        server = asyncio.run_coroutine_threadsafe(
            self._loop.create_server(connection, "127.0.0.1", 0, ssl=context), self._loop
        ).result()
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        """Stop listening, and close what clients left open."""
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What aiosmtpd calls:

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        session.host_name = name
        if isinstance(server, ExtendedSMTP):
            replies[1:1] = OFFERS
        return replies

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("refused"):
            return f"550 5.1.1 <{address}>: there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        login = session.auth_data
        transport = server.transport
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
            content=content if isinstance(content, bytes) else b"",
            user=login.login.decode() if login else None,
            tls=transport is not None and transport.get_extra_info("cipher") is not None,
            mail_parameters=getattr(envelope, "mail_parameters", envelope.mail_options),
            rcpt_parameters=getattr(envelope, "rcpt_parameters", {}),
        )
        with self._changed:
            self._mails.append(mail)
            self._changed.notify_all()
        return "250 2.0.0 kept"


def _broken_off(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing of connections and handshakes that the tests break off."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
) -> AuthResult:
    right = USERS.get(login.login.decode()) == login.password.decode()
    return AuthResult(success=right, handled=False, auth_data=login)
