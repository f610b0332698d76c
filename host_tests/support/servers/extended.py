"""aiosmtpd with the extensions that it lacks: PIPELINING, CHUNKING, BINARYMIME and DSN."""

from aiosmtpd.smtp import SMTP

OFFERS = ["250-PIPELINING", "250-CHUNKING", "250-BINARYMIME", "250-DSN"]

# What aiosmtpd doesn't know, and how it is told of them instead.
_UNKNOWN = ("RET=", "ENVID=", "NOTIFY=", "ORCPT=")
_BODY = ("BODY=BINARYMIME", "BODY=8BITMIME")


class ExtendedSMTP(SMTP):
    """What it takes it keeps: envelope.mail_parameters, and .rcpt_parameters by recipient.

    Its handler's handle_EHLO has to offer OFFERS.
    """

    def _set_rset_state(self) -> None:
        super()._set_rset_state()
        self._chunks: list[bytes] = []

    async def smtp_MAIL(self, arg: str | None) -> None:
        known, parameters = _told(arg or "")
        await super().smtp_MAIL(known)
        if self.envelope is not None and self.envelope.mail_from is not None:
            self.envelope.mail_parameters = parameters  # type: ignore[attr-defined]

    async def smtp_RCPT(self, arg: str | None) -> None:
        known, parameters = _told(arg or "")
        await super().smtp_RCPT(known)
        if self.envelope is not None and self.envelope.rcpt_tos:
            kept = self.envelope.__dict__.setdefault("rcpt_parameters", {})
            kept.setdefault(self.envelope.rcpt_tos[-1], parameters)

    async def smtp_BDAT(self, arg: str | None) -> None:
        """RFC 3030 2: so many bytes, whatever they are."""
        words = (arg or "").split()
        chunk = await self._reader.readexactly(int(words[0]))
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        self._chunks.append(chunk)
        if words[1:] != ["LAST"]:
            await self.push(f"250 2.0.0 {len(chunk)} octets")
            return
        self.envelope.content = self.envelope.original_content = b"".join(self._chunks)
        self._chunks = []
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)


def _told(arg: str) -> tuple[str, list[str]]:
    """What aiosmtpd is told of a path and its parameters, and all parameters."""
    path, *parameters = arg.split(" ")
    known = [word for word in parameters if not word.upper().startswith(_UNKNOWN)]
    return " ".join([path, *known]).replace(*_BODY), parameters
