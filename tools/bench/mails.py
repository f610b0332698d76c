"""Files for the mails of on_device/mails.py, and the arguments of a program."""

from tools.bench import compiled
from tools.bench.devices import Device
from tools.bench.server import NAME, Server

MEGABYTE = 1_000_000


def prepare(attachment: int = MEGABYTE, recipients: int = 10_000) -> None:
    """Write the files `attachment`, of some bytes, and `list`."""
    compiled.FOLDER.mkdir(parents=True, exist_ok=True)
    with open(compiled.FOLDER / "attachment", "wb") as file:
        file.truncate(attachment)
    lines = "".join(f"user{number}@example.com\n" for number in range(recipients))
    (compiled.FOLDER / "list").write_text(lines)


def how(server: Server, mail: str, security: str, host: str = NAME) -> tuple[object, ...]:
    """Return the arguments for a program of on_device/ that sends a mail to a server."""
    port = {"none": server.plain, "starttls": server.starttls, "tls": server.tls}[security]
    return mail, security, host, port, server.names, server.ca


def modules_of(device: Device, server: Server, mail: str, security: str) -> list[str]:
    """Return the library's modules that are loaded during the ticks of a mail."""
    return device.run("resident", *how(server, mail, security))
