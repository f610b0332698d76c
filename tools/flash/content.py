"""The files for a board, and the form of each."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.choices import guess
from tools.flash.board import Facts
from tools.flash.problems import Problem, WhichBoard
from tools.library import device_files, module_name
from tools.mpy import CompileError, compile_module, emits

# Folders of ours: other files in them are left from earlier versions.
FOLDERS = ("/alert", "/lib/hssmtp")

# sys.implementation._mpy >> 10: https://docs.micropython.org/en/latest/reference/mpyfiles.html
_ARCHITECTURES = (
    *(None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp"),
    *("xtensa", "xtensawin", "rv32imc", "rv64imc"),
)


@dataclass(frozen=True)
class Project:
    """A clone of the project. device: the folder with config.py; None: device/."""

    root: Path
    device: Path | None = None

    @property
    def config(self) -> Path:
        """The path of config.py, which may not exist."""
        return (self.device or self.root / "device") / "config.py"

    def boards(self) -> dict[str, str]:
        """The known boards: folder, and the name that the firmware reports."""
        return {
            path.parent.name: _constant(path, "NAME")
            for path in sorted((self.root / "boards").glob("*/board.py"))
        }

    def which(self, machine: str) -> str:
        """Return the board that reports `machine`, such as "Raspberry Pi Pico W with RP2040"."""
        boards = self.boards()
        found = [board for board, name in boards.items() if machine.split(" with ")[0] == name]
        if not found:
            known = "".join(f"\n  {board}  {name}" for board, name in boards.items())
            raise WhichBoard(
                f"the board says that it is “{machine}”, which is not in boards/. With BOARD=…"
                f" name the one that is wired like it:{known}"
            )
        return found[0]

    def named(self, board: str) -> str:
        """Return the board of that name. Raises WhichBoard with the known names."""
        boards = self.boards()
        if board in boards:
            return board
        known = "".join(f"\n  {each}  {name}" for each, name in boards.items())
        raise WhichBoard(
            f"there is no board BOARD={board}.{guess(board, list(boards))} These are there:{known}"
        )

    def files(self, board: str, facts: Facts) -> dict[str, bytes]:
        """Return the files as bytes by path on the board, in the order of writing."""
        files: dict[str, bytes] = {}
        for path, source in self._modules(board):
            compiled = compile_for(facts, source, path)
            if compiled is None:
                files[path + ".py"] = source.read_bytes()
            else:
                files[path + ".mpy"] = compiled
        return {**files, **self._rest()}

    def sources(self, board: str) -> dict[str, bytes]:
        """Return the same without compiling."""
        modules = {path + ".py": file.read_bytes() for path, file in self._modules(board)}
        return {**modules, **self._rest()}

    def _rest(self) -> dict[str, bytes]:
        """Return the files that are not compiled."""
        files: dict[str, bytes] = {}
        for name in ("boot.py", "main.py"):
            files["/" + name] = (self.root / "firmware" / name).read_bytes()
        # The configuration comes last: until then the board has the old one.
        for name in ("ca.der", "config.py"):
            source = self.config.with_name(name)
            if source.exists():
                files["/" + name] = source.read_bytes()
        return files

    def _modules(self, board: str) -> Iterator[tuple[str, Path]]:
        """Return pairs: path on the board without suffix, source."""
        for name in device_files(self.root):
            yield f"/lib/{name.with_suffix('').as_posix()}", self.root / "lib" / name
        for source in sorted((self.root / "firmware" / "alert").glob("*.py")):
            yield f"/alert/{source.stem}", source
        yield "/board", self.root / "boards" / board / "board.py"


def _constant(source: Path, name: str) -> str:
    """Return a constant of a module, which is parsed, not run: it is for another machine."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise Problem(f"{source} has no {name}")


def compile_for(facts: Facts, source: Path, path: str) -> bytes | None:
    """Return the .mpy file for exactly this board; None if mpy-cross can't make one."""
    version, sub_version, architecture = facts.mpy & 0xFF, facts.mpy >> 8 & 3, facts.mpy >> 10
    if not emits(version, sub_version):
        return None
    march = dict(enumerate(_ARCHITECTURES)).get(architecture & 0xF)
    name = module_name(Path(path.removeprefix("/lib").lstrip("/")))
    try:
        return compile_module(source, name, march)
    except CompileError:
        return None
