"""Compare a 20 MB attachment on a PC: hssmtp, smtplib, aiosmtplib, msmtp, curl."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tools.bench import compiled, mails
from tools.bench.report import Report, number, table
from tools.bench.senders import RECIPIENT, SENDER, message
from tools.bench.server import Server

SIZE = 20_000_000
ROUNDS = 3
IN_PYTHON = ("hssmtp", "smtplib", "aiosmtplib")
NOTES = {"msmtp": "the mail made beforehand", "curl": "reads and encodes"}


def measure() -> Report:
    """Send the same file to the same server with each, in turn, several times."""
    mails.prepare(attachment=SIZE)
    attachment = compiled.FOLDER / "attachment"
    ready = compiled.FOLDER / "ready.eml"
    ready.write_bytes(message(attachment).as_bytes().replace(b"\n", b"\r\n"))
    found: dict[str, list[dict[str, float]]] = {}
    with Server() as server:
        for _ in range(ROUNDS):
            for name in IN_PYTHON:
                found.setdefault(name, []).append(in_python(name, server.plain))
            for name, command in _commands(server.plain, attachment, ready).items():
                if shutil.which(name):
                    found.setdefault(name, []).append(_command(command, ready))
    shown = table(
        "A 20 MB attachment on CPython", "", "MB/s", "of smtplib's", "more memory, MB", ""
    )
    medians: dict[str, Any] = {
        name: {key: median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in found.items()
    }
    for name, each in medians.items():
        ratio = medians["smtplib"]["seconds"] / each["seconds"]
        rate = SIZE / each["seconds"] / 1e6
        memory = number(round(each["memory"] / 1e6, 1)) if "memory" in each else ""
        shown.add_row(name, number(round(rate, 1)), f"{ratio:.2f}", memory, NOTES.get(name, ""))
    for name in NOTES:
        if name not in medians:
            shown.add_row(name, "–", "", "", f"apt-get install {name}")
    return Report(tables=[shown], data=medians)


def in_python(name: str, port: int) -> dict[str, float]:
    """Seconds and bytes of memory that one of `senders` takes for the file `attachment`."""
    attachment = compiled.FOLDER / "attachment"
    command = [sys.executable, "-m", "tools.bench.senders", name, str(port), str(attachment)]
    return json.loads(subprocess.check_output(command, cwd=compiled.ROOT))


def _commands(port: int, attachment: Path, ready: Path) -> dict[str, list[str]]:
    """Return their command lines. curl makes mails with attachments from form fields."""
    return {
        "msmtp": [
            *("msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={port}"),
            *("--tls=off", "--auth=off", f"--from={SENDER}", RECIPIENT),
        ],
        "curl": [
            *("curl", "--silent", f"smtp://127.0.0.1:{port}", "--mail-from", SENDER),
            *("--mail-rcpt", RECIPIENT, "--header", f"From: {SENDER}"),
            *("--form", "=x;type=text/plain", "--form", f"=@{attachment};encoder=base64"),
        ],
    }


def _command(command: list[str], ready: Path) -> dict[str, float]:
    with open(ready, "rb") as mail:
        begun = time.perf_counter()
        subprocess.run(command, stdin=mail, stdout=subprocess.DEVNULL, check=True)
    return {"seconds": time.perf_counter() - begun}
