"""Which answers may be wrong if the server can't be used with them."""

from collections.abc import Collection
from typing import Any

import hssmtp
from hssmtp import Client, explain, state_name

_BY_ERROR = {
    hssmtp.ERROR_DNS: ("SERVER",),
    hssmtp.ERROR_CONNECT: ("SERVER", "PORT"),
    hssmtp.ERROR_TLS: ("SECURITY", "PORT"),
    hssmtp.ERROR_CERTIFICATE: ("SERVER",),
    hssmtp.ERROR_PROTOCOL: ("SECURITY", "PORT"),
    hssmtp.ERROR_SENDER: ("SENDER",),
    hssmtp.ERROR_RECIPIENTS: ("RECIPIENTS",),
    hssmtp.ERROR_AUTH: ("USER",),
}


def questions(client: Client, settings: dict[str, Any]) -> Collection[str]:
    """Return the questions to ask again after a failure; none if no answer caused it.

    USER includes the password.
    """
    error = client.error
    state = state_name(client.state)
    if client.reply_code == 530:  # RFC 4954 6, RFC 3207 4: a login is required, or TLS before it
        return ("SECURITY", "PORT") if settings["SECURITY"] == "none" else ("USER",)
    if error == hssmtp.ERROR_TIMEOUT:
        if state in ("RESOLVING", "CONNECTING"):
            return ("SERVER", "PORT")
        return ("SECURITY", "PORT") if state in ("SECURING", "GREETING") else ()
    if error == hssmtp.ERROR_UNSUPPORTED:
        return ("SECURITY", "PORT") if "STARTTLS" in explain(client) else ("USER",)
    if error == hssmtp.ERROR_REJECTED and state == "GREETING":
        return ("SERVER",)
    return _BY_ERROR.get(error, ())
