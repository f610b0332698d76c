"""senders NAME PORT FILE: mail a file with one of CPython's senders; seconds and memory as JSON.

Both are of composing and sending the mail. A mail before it has loaded interpreter and modules.
"""

import asyncio
import json
import smtplib
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import hssmtp

SENDER, RECIPIENT = "boiler@example.com", "ops@example.com"


def with_hssmtp(port: int, path: Path) -> None:
    """Send with hssmtp."""
    client = hssmtp.Client("127.0.0.1", port, security="none")
    client.send_mail(hssmtp.Message(SENDER, to=RECIPIENT, text="x\n", attachments=[str(path)]))
    while client.tick():
        pass
    if client.result != hssmtp.SENT:
        raise RuntimeError(hssmtp.explain(client))


def with_smtplib(port: int, path: Path) -> None:
    """Send with smtplib, as in its documentation."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(message(path))


def with_aiosmtplib(port: int, path: Path) -> None:
    """Send with aiosmtplib, as in its documentation."""
    asyncio.run(aiosmtplib.send(message(path), hostname="127.0.0.1", port=port, start_tls=False))


def message(path: Path) -> EmailMessage:
    """Return the same mail, made by Python's email package."""
    made = EmailMessage()
    made["From"], made["To"] = SENDER, RECIPIENT
    made.set_content("x\n")
    octets = path.read_bytes()
    made.add_attachment(octets, maintype="application", subtype="octet-stream", filename=path.name)
    return made


def main(name: str, port: str, path: str) -> None:
    """Send the file, and print what that took."""
    senders = {"hssmtp": with_hssmtp, "smtplib": with_smtplib, "aiosmtplib": with_aiosmtplib}
    send = senders[name]
    with tempfile.NamedTemporaryFile() as empty:
        send(int(port), Path(empty.name))  # loads all modules
    before = _resident("VmRSS")
    begun = time.perf_counter()
    send(int(port), Path(path))
    seconds = time.perf_counter() - begun
    # getrusage() would include the process before it became Python.
    print(json.dumps({"seconds": seconds, "memory": _resident("VmHWM") - before}))


def _resident(what: str) -> int:
    """Linux's VmRSS (now) or VmHWM (peak) of this process in bytes; 0 elsewhere."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return 0
    return 1024 * int(status.split(what + ":")[1].split()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
