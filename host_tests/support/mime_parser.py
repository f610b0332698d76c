"""A second opinion on a mail: Perl's MIME-tools, which shares nothing with Python's email."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from host_tests.support.servers import missing

_SCRIPT = Path(__file__).with_suffix(".pl")


def parse(mail: Path | bytes) -> list[dict[str, Any]]:
    """The parts of a mail, in its order, the mail itself first.

    Each has path ("1" the mail, "1.2" the second part in it), content_type, name and content_id
    (None where there is none), and bytes: the body decoded, None where it is made of parts;
    MIME-tools ends the lines of quoted-printable and 7bit text in LF. AssertionError if it finds
    a fault.
    """
    perl = shutil.which("perl")
    if not perl or subprocess.run([perl, "-MMIME::Parser", "-e1"], capture_output=True).returncode:
        missing("Perl's MIME-tools are not installed", "apt-get install libmime-tools-perl")
    octets = mail if isinstance(mail, bytes) else mail.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([perl, _SCRIPT, folder], input=octets, capture_output=True)
        if done.returncode or done.stderr:
            raise AssertionError(done.stderr.decode(errors="replace"))
        parts = json.loads(done.stdout)
        for part in parts:
            file = part.pop("file")
            part["octets"] = Path(file).read_bytes() if file else None
    return parts
