"""make demo: a device mails an alert with a picture while its main loop goes on.

The device is MicroPython's unix port with the heap of a small board. The server, its certificate
and the slow line between the two are made here, on this machine.
"""

import asyncio
import email
import email.policy
import hashlib
import json
import os
import shutil
import ssl
import sys
from pathlib import Path
from typing import Any

import trustme
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tools import thermal
from tools.mail_sink import Mail, MailSink
from tools.slow_line import SlowLine

ROOT = Path(__file__).resolve().parent.parent
HEAP = "128K"
OCTETS_PER_SECOND = 120_000
TIMEOUT = 60  # s

USER = "boiler@example.com"
PASSWORD = "rust never sleeps"


def main() -> int:
    """Run the demo in build/demo; return the exit status."""
    folder = ROOT / "build" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return asyncio.run(demo(folder, Console(highlight=False)))


async def demo(folder: Path, console: Console) -> int:
    """Run the demo in an empty folder; return 0 if the mail came as it was sent, else 1."""
    micropython = find_micropython()
    if not micropython:
        console.print("There is no micropython on this machine: apt-get install micropython")
        return 1
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    async with (
        MailSink(context, {USER: PASSWORD}) as sink,
        SlowLine(sink.port, OCTETS_PER_SECOND) as line,
    ):
        (folder / "ca.pem").write_bytes(ca.cert_pem.bytes())
        (folder / "thermal.bmp").write_bytes(thermal.picture())
        (folder / "settings.py").write_text(
            f"SERVER = 'localhost'\nPORT = {line.port}\nUSER = {USER!r}\nPASSWORD = {PASSWORD!r}\n"
        )
        console.rule("The device")
        console.print(
            f"MicroPython with a heap of {HEAP}B runs [bold]tools/demo_device.py[/]. Its mail"
            f" server is on this machine too, behind a line of {OCTETS_PER_SECOND // 1000} KB/s;"
            " the certificate was made just now.\n"
        )
        try:
            report = await asyncio.wait_for(run_device(micropython, folder, console), TIMEOUT)
        except asyncio.TimeoutError:
            report = None
            console.print(f"  no end within {TIMEOUT} s")
    if not report or not report["sent"] or len(sink.mails) != 1:
        console.print(f"\n[bold red]That is no success: {len(sink.mails)} mails have arrived.")
        return 1
    return show(sink.mails[0], report, folder, console)


def find_micropython() -> str | None:
    """The one of this environment, or that of the PATH."""
    beside = os.path.dirname(sys.executable)
    return shutil.which("micropython", path=beside) or shutil.which("micropython")


async def run_device(micropython: str, folder: Path, console: Console) -> dict[str, Any] | None:
    """Run the device's program; show what it prints, and return its report."""
    process = await asyncio.create_subprocess_exec(
        *(micropython, "-X", f"heapsize={HEAP}", str(ROOT / "tools" / "demo_device.py")),
        cwd=folder,
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'lib'}:{folder}:.frozen"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    report = None
    try:
        async for octets in process.stdout:
            line = octets.decode(errors="replace").rstrip()
            if line.startswith("REPORT "):
                report = json.loads(line.removeprefix("REPORT "))
            else:
                console.print(Text("  " + line, style="" if "°C" in line else "bold green"))
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return report


def show(mail: Mail, report: dict[str, Any], folder: Path, console: Console) -> int:
    """Show the mail and how it went; return 0 if its attachment is what the device has, else 1."""
    message: Any = email.message_from_bytes(mail.content, policy=email.policy.default)
    (folder / "alert.eml").write_bytes(mail.content)
    attachments = [part.get_payload(decode=True) for part in message.iter_attachments()]
    picture = attachments[0] if len(attachments) == 1 else b""
    arrived = hashlib.sha256(picture).hexdigest()
    same = arrived == report["checksum"]

    console.print()
    console.rule("The mail, as the server has it")
    headers = Table.grid(padding=(0, 2))
    for name, value in message.items():
        headers.add_row(Text(name, style="bold"), Text(str(value)))
    console.print(Panel(headers, expand=False))
    console.print(tree(message))
    if same and console.color_system in ("256", "truecolor"):
        console.print(Padding(thermal.drawn(picture), (0, 4)))

    console.rule("How it went")
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("SHA-256 there", report["checksum"]),
        ("SHA-256 here", arrived),
        ("", "[bold green]the same" if same else "[bold red]not the same"),
        ("login", f"{mail.user}, over {mail.tls}, the certificate checked"),
        ("main loop", f"[bold]{report['turns']:,} turns[/] while the mail was under way"),
        (
            "longest turn",
            f"[bold]{report['longest_ms']:.1f} ms[/], in {report['longest_state']}"
            f" (the watchdog bites after {report['watchdog_ms']:,} ms)",
        ),
        (
            "heap",
            f"[bold]{report['heap'] / 1024:.0f} KB[/] of {report['heap_size'] / 1024:.0f} in use,"
            " in words of 64 bits",
        ),
        ("the mail", f"{folder / 'alert.eml'}, {len(mail.content):,} octets"),
    ):
        facts.add_row(Text(name, style="bold"), value)
    console.print(facts)
    return 0 if same else 1


def tree(part: Any, above: Tree | None = None) -> Tree:
    """A message's parts: their types, encodings, names and sizes."""
    words = [f"[bold]{part.get_content_type()}[/]"]
    if not part.is_multipart():
        words.append(part["Content-Transfer-Encoding"])
        words += [part.get_filename()] if part.get_filename() else []
        words.append(f"{len(part.get_payload(decode=True)):,} octets")
    branch = above.add(", ".join(words)) if above else Tree(", ".join(words))
    for child in part.iter_parts():
        tree(child, branch)
    return branch


if __name__ == "__main__":
    sys.exit(main())
