"""What a release consists of. The same commit gives the same bytes."""

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools import package
from tools.release.source import Problem, Source

_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # a zip file knows no earlier one


@dataclass
class Artefact:
    """A file to publish. kind: "wheel", "sdist" or "mip"."""

    path: Path
    kind: str

    def sha256(self) -> str:
        """Return the SHA-256 of the file, in hex."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def build(source: Source, exported: Path, folder: Path) -> list[Artefact]:
    """Build all artefacts of the exported sources into a folder. Raises Problem."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(exported)],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(source.date)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Problem(f"python -m build failed:\n{done.stdout}")
    name = f"hssmtp-{source.version}"
    archive = folder / f"{name}-mpy.zip"
    write_archive(package.files(exported), archive)
    return [
        Artefact(folder / f"{name}-py3-none-any.whl", "wheel"),
        Artefact(folder / f"{name}.tar.gz", "sdist"),
        Artefact(archive, "mip"),
    ]


def write_archive(files: dict[str, bytes], path: Path) -> None:
    """Write files, bytes by path, to a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DATE), files[name])
